package kdbx

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20"
	//lint:ignore SA1019 existing databases may be encrypted with it; none is written
	"golang.org/x/crypto/twofish"

	"github.com/keyferry/keyferry/cxp/formats"
)

// UUIDs of the ciphers of the payload.
const (
	uuidAES     = "\x31\xC1\xF2\xE6\xBF\x71\x43\x50\xBE\x58\x05\x21\x6A\xFC\x5A\xFF"
	uuidTwofish = "\xAD\x68\xF2\x9F\x57\x6F\x4B\xB9\xA3\x6A\xD4\x7A\xF9\x65\x34\x6C"
	uuidChaCha  = "\xD6\x03\x8A\x2B\x8B\x6F\x4C\xB5\xA5\x24\x33\x9A\x31\xDB\xB5\x9A"
)

func checkCipher(id, iv []byte) error {
	length := 16
	switch string(id) {
	case uuidAES, uuidTwofish:
	case uuidChaCha:
		length = 12
	default:
		return fmt.Errorf("encrypted with a cipher that Keyferry does not know; choose AES or ChaCha20 in the database's security settings: %w", formats.ErrDamaged)
	}
	if len(iv) != length {
		return formats.Damaged("header", errors.New("the nonce is of a wrong length"))
	}
	return nil
}

// masterKey is the key of the payload's cipher.
func masterKey(seed, transformed []byte) []byte {
	h := sha256.New()
	h.Write(seed)
	h.Write(transformed)
	return h.Sum(nil)
}

// decrypt reads the plaintext of a payload. It was authenticated before, or, in KDBX 3.1, is checked behind.
func decrypt(h *header, key []byte, r io.Reader) (io.Reader, error) {
	iv := h.fields[fieldIV]
	switch string(h.fields[fieldCipher]) {
	case uuidChaCha:
		c, err := chacha20.NewUnauthenticatedCipher(key, iv)
		if err != nil {
			return nil, err
		}
		return cipher.StreamReader{S: c, R: r}, nil
	case uuidTwofish:
		block, err := twofish.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return newCBC(block, iv, r), nil
	default:
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return newCBC(block, iv, r), nil
	}
}

// cbc decrypts CBC with PKCS #7 padding as a stream.
type cbc struct {
	mode  cipher.BlockMode
	r     *bufio.Reader
	buf   [16 << 10]byte
	plain []byte
	err   error
}

func newCBC(block cipher.Block, iv []byte, r io.Reader) io.Reader {
	return &cbc{mode: cipher.NewCBCDecrypter(block, iv), r: bufio.NewReaderSize(r, 64<<10)}
}

func (c *cbc) Read(p []byte) (int, error) {
	for len(c.plain) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		c.fill()
	}
	n := copy(p, c.plain)
	c.plain = c.plain[n:]
	return n, nil
}

func (c *cbc) fill() {
	n, err := io.ReadFull(c.r, c.buf[:])
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case err != nil && !last:
		c.err = err
		return
	case n == 0 || n%16 != 0:
		c.err = formats.Damaged("payload", errors.New("it is cut short"))
		return
	}
	if !last {
		_, e := c.r.Peek(1)
		last = errors.Is(e, io.EOF)
	}
	c.mode.CryptBlocks(c.buf[:n], c.buf[:n])
	if last {
		// Whoever alters the padding is found out by the HMAC, or in KDBX 3.1 tells nobody: this file was brought by the person.
		pad := int(c.buf[n-1])
		if pad < 1 || pad > 16 {
			c.err = formats.Damaged("payload", errors.New("wrong padding"))
			return
		}
		n -= pad
		c.err = io.EOF
	}
	c.plain = c.buf[:n]
}
