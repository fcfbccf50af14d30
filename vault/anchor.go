package vault

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// The anchor is a small file outside Badger that says at which commit the store must be. Badger replays its log up to
// the first bad entry and silently drops the rest; a store behind its anchor has lost something.
//
// The file has two places of anchorStride bytes, written in turn and in place, so that a torn write leaves the one
// before, and a full disk can't keep an anchor from being written. Each holds:
//
//	"KFA1" | vault 16 | generation 4 | sequence 8 | clean 1 | commit 8 | multiset hash 32 | state record's SHA-256 32 | HMAC-SHA-256 32
type anchor struct {
	vault  ID
	gen    uint32
	seq    uint64
	clean  bool // the store was closed in good order at this commit
	commit uint64
	sum    multiset
	state  [sha256.Size]byte
}

const (
	anchorMagic  = "KFA1"
	anchorBody   = 4 + 16 + 4 + 8 + 1 + 8 + 32 + 32
	anchorSize   = anchorBody + sha256.Size
	anchorStride = 4096 // one block each: a torn block spoils one place only
)

var errAnchor = errors.New("no place in it authenticates")

func (a *anchor) encode(key []byte) []byte {
	b := make([]byte, 0, anchorSize)
	b = append(b, anchorMagic...)
	b = append(b, a.vault[:]...)
	b = binary.BigEndian.AppendUint32(b, a.gen)
	b = binary.BigEndian.AppendUint64(b, a.seq)
	var clean byte
	if a.clean {
		clean = 1
	}
	b = append(b, clean)
	b = binary.BigEndian.AppendUint64(b, a.commit)
	b = a.sum.append(b)
	b = append(b, a.state[:]...)
	m := hmac.New(sha256.New, key)
	m.Write(b)
	return m.Sum(b)
}

func decodeAnchor(b, key []byte) (anchor, error) {
	var a anchor
	if len(b) != anchorSize || !bytes.HasPrefix(b, []byte(anchorMagic)) || b[32] > 1 {
		return a, errAnchor
	}
	m := hmac.New(sha256.New, key)
	m.Write(b[:anchorBody])
	if !hmac.Equal(m.Sum(nil), b[anchorBody:]) {
		return a, errAnchor
	}
	copy(a.vault[:], b[4:])
	a.gen = binary.BigEndian.Uint32(b[20:])
	a.seq = binary.BigEndian.Uint64(b[24:])
	a.clean = b[32] == 1
	a.commit = binary.BigEndian.Uint64(b[33:])
	a.sum = multisetOf(b[41:73])
	copy(a.state[:], b[73:])
	return a, nil
}

// anchorFile is the open anchor.
type anchorFile struct {
	f     *os.File
	key   []byte
	last  anchor
	hooks hooks
}

// createAnchor makes the file whole, so that later writes need no room.
func createAnchor(path string, key []byte, a anchor) (*anchorFile, error) {
	b := make([]byte, 2*anchorStride)
	copy(b, a.encode(key))
	if err := writeFile(path, b); err != nil {
		return nil, fmt.Errorf("making the anchor: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return &anchorFile{f: f, key: key, last: a}, nil
}

// openAnchor reads the newest place that authenticates; errAnchor when none does.
func openAnchor(path string, key []byte, vault ID, gen uint32) (*anchorFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	af := &anchorFile{f: f, key: key}
	found := false
	for place := range int64(2) {
		b := make([]byte, anchorSize)
		if _, err := f.ReadAt(b, place*anchorStride); err != nil {
			continue // cut off: the other place may be whole
		}
		a, err := decodeAnchor(b, key)
		if err == nil && a.vault == vault && a.gen == gen && (!found || a.seq > af.last.seq) {
			af.last, found = a, true
		}
	}
	if !found {
		return nil, errors.Join(errAnchor, f.Close())
	}
	return af, nil
}

// write makes the anchor durable. The sequence number decides the place.
func (f *anchorFile) write(a anchor) error {
	a.seq = f.last.seq + 1
	if _, err := f.f.WriteAt(a.encode(f.key), int64(a.seq%2)*anchorStride); err != nil {
		return fmt.Errorf("writing the anchor: %w", diskErr(err))
	}
	if err := f.hooks.fdatasync(f.f); err != nil {
		return fmt.Errorf("writing the anchor: %w", diskErr(err))
	}
	f.last = a
	return nil
}

func (f *anchorFile) close() error {
	if f == nil {
		return nil
	}
	return f.f.Close()
}
