package kdbx

import (
	"crypto/cipher"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/chacha20"
	//lint:ignore SA1019 KDBX 3.1 hides its protected values with it, as one stream, which salsa20 does not offer
	"golang.org/x/crypto/salsa20/salsa"

	"github.com/keyferry/keyferry/cxp/formats"
)

// Inner random streams. They hide protected values within the decrypted XML, one after the other in the order of the document.
const (
	streamNone   = 0
	streamSalsa  = 2
	streamChaCha = 3
)

func newStream(id uint32, key []byte) (cipher.Stream, error) {
	switch id {
	case streamNone:
		return plainStream{}, nil
	case streamSalsa:
		return &salsaStream{key: sha256.Sum256(key)}, nil
	case streamChaCha:
		sum := sha512.Sum512(key)
		return chacha20.NewUnauthenticatedCipher(sum[:32], sum[32:44])
	}
	return nil, formats.Damaged("header", errors.New("its protected values are hidden in a way that Keyferry does not know; save it with a newer program"))
}

type plainStream struct{}

func (plainStream) XORKeyStream(dst, src []byte) { copy(dst, src) }

// salsaStream is Salsa20 as a stream; x/crypto offers only whole messages.
type salsaStream struct {
	key   [32]byte
	block uint64
	buf   [64]byte
	used  int // of buf; 0 at the beginning, when there is none yet
}

func (s *salsaStream) XORKeyStream(dst, src []byte) {
	for i, b := range src {
		if s.used == 0 {
			// The nonce that KeePass has fixed, and the number of the block.
			counter := [16]byte{0xE8, 0x30, 0x09, 0x4B, 0x97, 0x20, 0x5D, 0x2A}
			binary.LittleEndian.PutUint64(counter[8:], s.block)
			s.block++
			s.buf = [64]byte{}
			salsa.XORKeyStream(s.buf[:], s.buf[:], &counter, &s.key)
		}
		dst[i] = b ^ s.buf[s.used]
		s.used = (s.used + 1) % len(s.buf)
	}
}
