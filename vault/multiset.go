package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/bits"
)

// multiset is a keyed hash over all records, whatever their order: the sum modulo 2²⁵⁶ of an HMAC of each. A record
// that is added, changed or removed changes it by one addition or subtraction. A sum, not an XOR: under XOR a record
// counted twice would vanish.
type multiset [4]uint64

func multisetOf(b []byte) (m multiset) {
	for i := range m {
		m[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return m
}

func (m multiset) append(b []byte) []byte {
	for _, w := range m {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

func (m *multiset) add(n multiset) {
	var c uint64
	for i := range m {
		m[i], c = bits.Add64(m[i], n[i], c)
	}
}

func (m *multiset) sub(n multiset) {
	var c uint64
	for i := range m {
		m[i], c = bits.Sub64(m[i], n[i], c)
	}
}

// summer hashes one record after another. Not for concurrent use.
type summer struct{ h hash.Hash }

func newSummer(key []byte) *summer { return &summer{hmac.New(sha256.New, key)} }

// of is one record's part of the sum. The envelope holds the record's version, and its tags stand for the content.
func (s *summer) of(key, value []byte) multiset {
	s.h.Reset()
	s.h.Write(key)
	s.h.Write(value)
	var out [sha256.Size]byte
	s.h.Sum(out[:0])
	return multisetOf(out[:])
}
