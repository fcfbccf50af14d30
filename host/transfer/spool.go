package transfer

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/crypto/chacha20poly1305"
)

// Spool is a file that is only ever on the disk sealed under a key that is only ever in memory, and that has no name
// where the system allows it: what a process that dies leaves behind is nothing, or noise. It is written once from
// begin to end and may then be read any number of times.
type Spool struct {
	f    *os.File
	path string // to be removed at Close; "" where it has no name any more
	aead cipher.AEAD
	buf  []byte
	n    uint64 // whole pieces written
	size int64
	max  int64
	done bool
	err  error // of a write that failed: the piece's number has been used up, and there is a gap
	key  []byte
}

const spoolPiece = 256 << 10

// SpoolPattern is how the files of spools are called, for removing what a crash left on systems where open files keep
// their names.
const SpoolPattern = "keyferry-spool-*"

// ErrSpoolFull: more was written than the spool takes.
var ErrSpoolFull = errors.New("larger than a transfer may be")

// NewSpool makes a spool for at most max bytes in a folder.
func NewSpool(dir string, max int64) (*Spool, error) {
	f, err := os.CreateTemp(dir, SpoolPattern) // 0600
	if err != nil {
		return nil, fmt.Errorf("making room for the transfer: %w", err)
	}
	s := &Spool{f: f, path: f.Name(), key: make([]byte, chacha20poly1305.KeySize), max: max, buf: make([]byte, 0, spoolPiece)}
	if os.Remove(s.path) == nil {
		s.path = ""
	}
	rand.Read(s.key) // never fails
	if s.aead, err = chacha20poly1305.NewX(s.key); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Write adds to the end.
func (s *Spool) Write(p []byte) (int, error) {
	if s.done {
		return 0, errors.New("the spool is finished")
	}
	if s.err != nil {
		return 0, s.err
	}
	if s.size+int64(len(p)) > s.max {
		return 0, ErrSpoolFull
	}
	written := 0
	for len(p) > 0 {
		n := copy(s.buf[len(s.buf):cap(s.buf)], p)
		s.buf = s.buf[:len(s.buf)+n]
		p, written = p[n:], written+n
		s.size += int64(n)
		if len(s.buf) == cap(s.buf) {
			if err := s.flush(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

func (s *Spool) flush() error {
	sealed := s.aead.Seal(nil, nonceOf(s.n), s.buf, nil)
	clear(s.buf)
	s.buf = s.buf[:0]
	if _, err := s.f.WriteAt(sealed, int64(s.n)*(spoolPiece+chacha20poly1305.Overhead)); err != nil {
		s.err = fmt.Errorf("keeping the transfer: %w", err)
		return s.err
	}
	s.n++
	return nil
}

// nonceOf counts pieces: each key seals each number once.
func nonceOf(n uint64) []byte {
	b := make([]byte, chacha20poly1305.NonceSizeX)
	binary.BigEndian.PutUint64(b, n)
	return b
}

// Finish ends the writing.
func (s *Spool) Finish() error {
	if s.done {
		return nil
	}
	if s.err != nil {
		return s.err
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.done = true
	return nil
}

// Size is how many bytes were written.
func (s *Spool) Size() int64 { return s.size }

// Reader reads it from the beginning; after Finish.
func (s *Spool) Reader() io.Reader { return &spoolReader{s: s} }

// At reads up to n bytes (at most a piece) from an offset; io.EOF at the end.
func (s *Spool) At(offset int64, n int) ([]byte, error) {
	if offset < 0 || offset > s.size || n < 1 {
		return nil, errors.New("there is no such place in the file")
	}
	if offset == s.size {
		return nil, io.EOF
	}
	piece, err := s.piece(uint64(offset / spoolPiece))
	if err != nil {
		return nil, err
	}
	from := int(offset % spoolPiece)
	return piece[from:min(len(piece), from+n)], nil
}

// ReadAt implements [io.ReaderAt] once the spool is finished.
func (s *Spool) ReadAt(p []byte, offset int64) (int, error) {
	n := 0
	for n < len(p) {
		part, err := s.At(offset+int64(n), len(p)-n)
		n += copy(p[n:], part)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (s *Spool) piece(n uint64) ([]byte, error) {
	if !s.done {
		return nil, errors.New("the spool is not finished")
	}
	size := min(spoolPiece, s.size-int64(n)*spoolPiece)
	b := make([]byte, size+chacha20poly1305.Overhead)
	if _, err := s.f.ReadAt(b, int64(n)*(spoolPiece+chacha20poly1305.Overhead)); err != nil {
		return nil, fmt.Errorf("reading the transfer back: %w", err)
	}
	plain, err := s.aead.Open(b[:0], nonceOf(n), b, nil)
	if err != nil {
		return nil, errors.New("the transfer was changed on the disk")
	}
	return plain, nil
}

// Close forgets the key and removes the file.
func (s *Spool) Close() error {
	clear(s.key)
	clear(s.buf[:cap(s.buf)])
	s.done, s.aead = true, deadAEAD{}
	err := s.f.Close()
	if s.path != "" {
		err = errors.Join(err, os.Remove(s.path))
	}
	return err
}

// deadAEAD takes the cipher's place when the key is forgotten.
type deadAEAD struct{}

func (deadAEAD) NonceSize() int                  { return chacha20poly1305.NonceSizeX }
func (deadAEAD) Overhead() int                   { return chacha20poly1305.Overhead }
func (deadAEAD) Seal(dst, _, _, _ []byte) []byte { return dst }
func (deadAEAD) Open(_, _, _, _ []byte) ([]byte, error) {
	return nil, errors.New("the spool is closed")
}

type spoolReader struct {
	s    *Spool
	next uint64
	rest []byte
	read int64
}

func (r *spoolReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.read == r.s.size {
			return 0, io.EOF
		}
		piece, err := r.s.piece(r.next)
		if err != nil {
			return 0, err
		}
		r.rest = piece
		r.next++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	r.read += int64(n)
	return n, nil
}
