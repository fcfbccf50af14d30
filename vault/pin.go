package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// A PIN blob is what a locked agent keeps in memory, and nowhere else, when a PIN is set: the root key, sealed by a key that
// Argon2id makes of the PIN. Layout:
//
//	"KFP1" | vault 16 | memory 4 | passes 4 | lanes 1 | salt 16 | nonce 24 | sealed root 48
//
// A PIN has few values: whoever reads the blob can try them all. It is for a locked screen, not against somebody who
// reads the agent's memory; erase it after a few wrong tries.
const (
	pinMagic  = "KFP1"
	pinSalt   = 16
	pinHead   = len(pinMagic) + 16 + 4 + 4 + 1 + pinSalt
	pinSize   = pinHead + chacha20poly1305.NonceSizeX + keySize + chacha20poly1305.Overhead
	pinDigits = 6
)

// SealPIN makes a blob that OpenPIN opens with the same PIN: six digits or more (ErrInvalid). It is worth nothing any
// more once the vault's keys have been changed.
func (v *Vault) SealPIN(pin []byte) ([]byte, error) {
	if len(pin) < pinDigits || len(pin) > 64 || bytes.ContainsFunc(pin, func(r rune) bool { return r < '0' || r > '9' }) {
		return nil, fmt.Errorf("a PIN has %d digits or more: %w", pinDigits, ErrInvalid)
	}
	cost, err := v.opts.cost()
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, pinSize)
	b = append(b, pinMagic...)
	v.hmu.RLock()
	b = append(b, v.hdr.vault[:]...)
	root := bytes.Clone(v.keys.root)
	v.hmu.RUnlock()
	defer clear(root)
	b = binary.BigEndian.AppendUint32(b, cost.MemoryKiB)
	b = binary.BigEndian.AppendUint32(b, cost.Passes)
	b = append(b, cost.Lanes)
	random := make([]byte, pinSalt+chacha20poly1305.NonceSizeX)
	rand.Read(random)
	b = append(b, random...)
	key := cost.derive(pin, random[:pinSalt])
	defer clear(key)
	return newAEAD(key).Seal(b, random[pinSalt:], root, b[:pinHead]), nil
}

// OpenPIN turns a blob back into a secret that opens the vault. ErrWrongSecret for another PIN, ErrInvalid for what is
// no blob.
func OpenPIN(blob, pin []byte) (Secret, error) {
	if len(blob) != pinSize || !bytes.HasPrefix(blob, []byte(pinMagic)) {
		return Secret{}, fmt.Errorf("not a PIN blob: %w", ErrInvalid)
	}
	c := Cost{MemoryKiB: binary.BigEndian.Uint32(blob[20:]), Passes: binary.BigEndian.Uint32(blob[24:]), Lanes: blob[28]}
	if c.Passes == 0 || c.Lanes == 0 {
		return Secret{}, fmt.Errorf("not a PIN blob: %w", ErrInvalid)
	}
	if err := c.check(Cost{}); err != nil {
		return Secret{}, err
	}
	key := c.derive(pin, blob[pinHead-pinSalt:pinHead])
	defer clear(key)
	nonce := blob[pinHead : pinHead+chacha20poly1305.NonceSizeX]
	root, err := newAEAD(key).Open(nil, nonce, blob[pinHead+len(nonce):], blob[:pinHead])
	if err != nil {
		return Secret{}, ErrWrongSecret
	}
	return Secret{kind: secretRoot, value: root}, nil
}
