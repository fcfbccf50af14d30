package cxp

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Fingerprint is what two people compare over a message: the first 120 bits of the SHA-256 of its
// exact bytes (PROFILE.md §3).
type Fingerprint [15]byte

// Groups is how many groups of four characters a fingerprint has.
const Groups = 6

const (
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	groupSize = 4
	askGroups = 3
	maxTyped  = 256 // bytes looked at when a person types or pastes
)

// FingerprintOf gives the fingerprint of a message's exact bytes.
func FingerprintOf(message []byte) Fingerprint {
	return fingerprintOf(sha256.Sum256(message))
}

func fingerprintOf(digest [32]byte) Fingerprint {
	return Fingerprint(digest[:15])
}

// Groups gives the six groups in order, e.g. "7KQ2".
func (f Fingerprint) Groups() [Groups]string {
	text := f.characters()
	var out [Groups]string
	for i := range out {
		out[i] = string(text[i*groupSize : (i+1)*groupSize])
	}
	return out
}

// String is the fingerprint as people see it: six groups with hyphens.
func (f Fingerprint) String() string {
	g := f.Groups()
	return strings.Join(g[:], "-")
}

// characters is Crockford's base32 of the 120 bits: 24 characters, no padding.
func (f Fingerprint) characters() [Groups * groupSize]byte {
	var out [Groups * groupSize]byte
	var acc, bits uint
	n := 0
	for _, b := range f {
		acc, bits = acc<<8|uint(b), bits+8
		for bits >= 5 {
			bits -= 5
			out[n] = crockford[acc>>bits&31]
			n++
		}
	}
	return out
}

// ParseFingerprint reads a whole fingerprint as a person types it: either case, hyphens and spaces
// anywhere, O for 0 and I or L for 1. It fails with ErrFingerprint.
func ParseFingerprint(text string) (Fingerprint, error) {
	chars, err := typed(text)
	if err != nil {
		return Fingerprint{}, err
	}
	if len(chars) != Groups*groupSize {
		return Fingerprint{}, fmt.Errorf("%w: %d characters instead of %d", ErrFingerprint, len(chars), Groups*groupSize)
	}
	var f Fingerprint
	var acc, bits uint
	n := 0
	for _, c := range chars {
		acc, bits = acc<<5|uint(strings.IndexByte(crockford, c)), bits+5
		if bits >= 8 {
			bits -= 8
			f[n] = byte(acc >> bits)
			n++
		}
	}
	return f, nil
}

// Equal compares in constant time.
func (f Fingerprint) Equal(g Fingerprint) bool {
	return subtle.ConstantTimeCompare(f[:], g[:]) == 1
}

// typed normalises what a person typed to Crockford's alphabet.
func typed(text string) ([]byte, error) {
	if len(text) > maxTyped {
		return nil, fmt.Errorf("%w: too long", ErrFingerprint)
	}
	out := make([]byte, 0, Groups*groupSize)
	for _, r := range strings.ToUpper(text) {
		switch r {
		case '-', ' ', '\t', '\u00a0', '‐', '‑', '–':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if r > 127 || strings.IndexByte(crockford, byte(r)) < 0 {
			return nil, fmt.Errorf("%w: a character that never occurs in a fingerprint", ErrFingerprint)
		}
		out = append(out, byte(r))
	}
	return out, nil
}

// Challenge asks a person for three groups of a fingerprint that only the other screen shows. People
// glance at codes they merely compare, and a lookalike of what a glance takes in is cheap to grind.
type Challenge struct {
	fingerprint Fingerprint
	positions   [askGroups]int
}

// Confirmation proves to Export and Open that a Challenge was answered. Only Answer makes one.
type Confirmation struct {
	fingerprint Fingerprint
}

func (c *Confirmation) covers(f Fingerprint) bool {
	return c != nil && c.fingerprint.Equal(f)
}

// Ask picks three different groups at random.
func (f Fingerprint) Ask() (*Challenge, error) {
	c := &Challenge{fingerprint: f}
	left := []int{1, 2, 3, 4, 5, 6}
	for i := range c.positions {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(left))))
		if err != nil {
			return nil, fmt.Errorf("choosing groups: %w", err)
		}
		at := int(n.Int64())
		c.positions[i] = left[at]
		left = slices.Delete(left, at, at+1)
	}
	slices.Sort(c.positions[:])
	return c, nil
}

// Positions are the groups to type, 1 to 6, ascending.
func (c *Challenge) Positions() [askGroups]int { return c.positions }

// Answer checks what the person typed for the three groups, in the order of Positions; they may come
// as three strings or as one. Entry is as tolerant as ParseFingerprint, the comparison takes constant
// time, and a wrong answer is ErrFingerprint: the caller may let the person try again.
func (c *Challenge) Answer(groups ...string) (*Confirmation, error) {
	chars, err := typed(strings.Join(groups, " "))
	if err != nil {
		return nil, err
	}
	all := c.fingerprint.Groups()
	want := make([]byte, 0, askGroups*groupSize)
	for _, p := range c.positions {
		want = append(want, all[p-1]...)
	}
	if subtle.ConstantTimeCompare(chars, want) != 1 {
		return nil, ErrFingerprint
	}
	return &Confirmation{fingerprint: c.fingerprint}, nil
}
