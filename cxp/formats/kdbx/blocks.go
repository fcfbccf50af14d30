package kdbx

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp/formats"
)

// hmacKeys gives the keys of the HMACs of KDBX 4: of the header, and of each block.
type hmacKeys [64]byte

func newHMACKeys(seed, transformed []byte) (k hmacKeys) {
	h := sha512.New()
	h.Write(seed)
	h.Write(transformed)
	h.Write([]byte{1})
	h.Sum(k[:0])
	return k
}

func (k *hmacKeys) key(index uint64) []byte {
	h := sha512.New()
	h.Write(binary.LittleEndian.AppendUint64(nil, index))
	h.Write(k[:])
	return h.Sum(nil)
}

// header is the HMAC of the outer header.
func (k *hmacKeys) header(raw []byte) []byte {
	m := hmac.New(sha256.New, k.key(1<<64-1))
	m.Write(raw)
	return m.Sum(nil)
}

// block is the HMAC of a block, which is copied from r.
func (k *hmacKeys) block(index uint64, length uint32, r io.Reader) ([]byte, error) {
	m := hmac.New(sha256.New, k.key(index))
	m.Write(binary.LittleEndian.AppendUint64(nil, index))
	m.Write(binary.LittleEndian.AppendUint32(nil, length))
	n, err := io.Copy(m, io.LimitReader(r, int64(length)))
	if err == nil && n < int64(length) {
		err = io.ErrUnexpectedEOF
	}
	return m.Sum(nil), err
}

// verifyBlocks checks the HMAC of every block and that the last one is there, so that nothing is parsed that
// somebody without the key has made. It holds no block in memory, however long.
func verifyBlocks(keys *hmacKeys, r io.Reader) error {
	var head [36]byte
	for index := uint64(0); ; index++ {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return cut(err)
		}
		length := binary.LittleEndian.Uint32(head[32:])
		mac, err := keys.block(index, length, r)
		if err != nil {
			return cut(err)
		}
		if !hmac.Equal(mac, head[:32]) {
			return formats.Damaged("payload", fmt.Errorf("block %d was altered", index+1))
		}
		if length == 0 {
			return nil
		}
	}
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return formats.Damaged("payload", errors.New("it is cut short"))
	}
	return err
}

// blocks4 reads what is in the blocks of KDBX 4, which verifyBlocks has checked.
type blocks4 struct {
	r    io.Reader
	left uint32
	done bool
}

func (b *blocks4) Read(p []byte) (int, error) {
	if b.left == 0 && !b.done {
		var head [36]byte
		if _, err := io.ReadFull(b.r, head[:]); err != nil {
			return 0, cut(err)
		}
		b.left = binary.LittleEndian.Uint32(head[32:])
		b.done = b.left == 0
	}
	if b.done {
		return 0, io.EOF
	}
	if uint64(len(p)) > uint64(b.left) {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= uint32(n) // no more than left
	if err != nil {
		err = cut(err)
	}
	return n, err
}

// maxBlock3 bounds a block of KDBX 3.1, which must be held until its hash is known to be right. Programs write 1 MiB.
const maxBlock3 = 64 << 20

// blocks3 reads what is in the hashed blocks of KDBX 3.1. These hashes find damage, not forgery: KDBX 3.1 has nothing against that.
type blocks3 struct {
	r     io.Reader
	index uint32
	buf   bytes.Buffer
	done  bool
}

func (b *blocks3) Read(p []byte) (int, error) {
	if b.buf.Len() == 0 && !b.done {
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	if b.done {
		return 0, io.EOF
	}
	return b.buf.Read(p)
}

func (b *blocks3) next() error {
	var head [40]byte
	if _, err := io.ReadFull(b.r, head[:]); err != nil {
		return cut(err)
	}
	length := binary.LittleEndian.Uint32(head[36:])
	if binary.LittleEndian.Uint32(head[:]) != b.index {
		return formats.Damaged("payload", errors.New("its blocks are not in order"))
	}
	b.index++
	if length == 0 {
		if [32]byte(head[4:36]) != [32]byte{} {
			return formats.Damaged("payload", errors.New("its end is damaged"))
		}
		b.done = true
		return nil
	}
	if length > maxBlock3 {
		return fmt.Errorf("a block of %d MiB: %w", length>>20, formats.ErrTooLarge)
	}
	b.buf.Reset()
	if n, err := io.CopyN(&b.buf, b.r, int64(length)); err != nil || n < int64(length) {
		return cut(err)
	}
	if sha256.Sum256(b.buf.Bytes()) != [32]byte(head[4:36]) {
		return formats.Damaged("payload", fmt.Errorf("block %d was altered", b.index))
	}
	return nil
}
