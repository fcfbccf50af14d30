package kdbx

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp/formats"
)

// maxFile is the largest database that is read, in bytes. Nearly all of a large one is attached files.
const maxFile = 256 << 20

// payload is a database that was opened with the right key, and, where it is KDBX 4, found authentic.
type payload struct {
	r      io.Reader // the plaintext: the inner header (KDBX 4) and the XML
	stream cipher.Stream
	files  *store
}

// open opens a database with the composite key.
func open(ctx context.Context, in *formats.Input, h *header, composite []byte) (*payload, error) {
	transformed, err := h.kdf.derive(ctx, composite)
	if err != nil {
		return nil, err
	}
	defer clear(transformed)
	if h.v4() {
		return open4(ctx, in, h, transformed)
	}
	return open3(ctx, in, h, transformed)
}

var errWrongKey = fmt.Errorf("%w, or another or no key file, or the database also needs a hardware key, "+
	"which Keyferry cannot use: remove it from a copy of the database", formats.ErrWrongPassword)

func open4(ctx context.Context, in *formats.Input, h *header, transformed []byte) (*payload, error) {
	section := func(from int64) io.Reader {
		return formats.WithContext(ctx, io.NewSectionReader(in, from, in.Size-from))
	}
	var sums [64]byte
	if _, err := io.ReadFull(section(h.size()), sums[:]); err != nil {
		return nil, cut(err)
	}
	if sum := sha256.Sum256(h.raw); !hmac.Equal(sum[:], sums[:32]) {
		return nil, formats.Damaged("header", errors.New("it was altered"))
	}
	keys := newHMACKeys(h.fields[fieldMasterSeed], transformed)
	defer clear(keys[:])
	if !hmac.Equal(keys.header(h.raw), sums[32:]) {
		return nil, errWrongKey
	}
	blocks := h.size() + int64(len(sums))
	if err := verifyBlocks(&keys, section(blocks)); err != nil {
		return nil, err
	}
	plain, err := decrypt(h, masterKey(h.fields[fieldMasterSeed], transformed), &blocks4{r: section(blocks)})
	if err != nil {
		return nil, err
	}
	p := &payload{files: newStore()}
	if p.r, err = unpack(h, plain); err != nil {
		return nil, err
	}
	if err := p.innerHeader(); err != nil {
		return nil, err
	}
	p.r = &limited{p.r, formats.MaxDocument}
	return p, nil
}

func open3(ctx context.Context, in *formats.Input, h *header, transformed []byte) (*payload, error) {
	src := formats.WithContext(ctx, io.NewSectionReader(in, h.size(), in.Size-h.size()))
	plain, err := decrypt(h, masterKey(h.fields[fieldMasterSeed], transformed), src)
	if err != nil {
		return nil, err
	}
	start := make([]byte, 32)
	switch _, err := io.ReadFull(plain, start); {
	case err != nil && (in.Size-h.size() < 48 || (in.Size-h.size())%16 != 0):
		return nil, cut(err)
	case err != nil && !errors.Is(err, formats.ErrDamaged) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	case err != nil || !hmac.Equal(start, h.fields[fieldStartBytes]):
		return nil, errWrongKey
	}
	p := &payload{files: newStore()}
	if p.r, err = unpack(h, &blocks3{r: plain}); err != nil {
		return nil, err
	}
	p.stream, err = newStream(binary.LittleEndian.Uint32(h.fields[fieldStreamID]), h.fields[fieldStreamKey])
	return p, err
}

// unpack reads what is in a payload, with a bound on it, whatever it was compressed from.
func unpack(h *header, r io.Reader) (io.Reader, error) {
	if !h.gzip {
		return &limited{r, formats.MaxTotal}, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, unpacking(err)
	}
	z.Multistream(false)
	return &limited{gunzip{z}, formats.MaxTotal}, nil
}

type gunzip struct{ r io.Reader }

func (g gunzip) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unpacking(err)
	}
	return n, err
}

// unpacking keeps the errors of what lies below, and gives gzip's own their meaning.
func unpacking(err error) error {
	if errors.Is(err, formats.ErrDamaged) || errors.Is(err, formats.ErrTooLarge) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return formats.Damaged("payload", fmt.Errorf("cannot be unpacked: %w", err))
}

// limited is an error where more than left bytes are read.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("the database unpacks to more than can be meant: %w", formats.ErrTooLarge)
	}
	return n, err
}

// Identifiers of the fields of the inner header of KDBX 4.
const (
	innerEnd       = 0
	innerStreamID  = 1
	innerStreamKey = 2
	innerBinary    = 3
)

func (p *payload) innerHeader() error {
	var id uint32
	var key []byte
	for {
		var head [5]byte
		if _, err := io.ReadFull(p.r, head[:]); err != nil {
			return cut(err)
		}
		length := int64(binary.LittleEndian.Uint32(head[1:]))
		if head[0] == innerBinary && length > 0 {
			// The first byte says whether to protect the file in memory.
			if _, err := io.ReadFull(p.r, head[:1]); err != nil {
				return cut(err)
			}
			if err := p.files.addNext(io.LimitReader(p.r, length-1), length-1); err != nil {
				return cut(err)
			}
			continue
		}
		if length > maxField {
			return fmt.Errorf("a field of the inner header of %d bytes: %w", length, formats.ErrTooLarge)
		}
		value := make([]byte, length)
		if _, err := io.ReadFull(p.r, value); err != nil {
			return cut(err)
		}
		switch head[0] {
		case innerEnd:
			var err error
			p.stream, err = newStream(id, key)
			return err
		case innerStreamID:
			if length != 4 {
				return formats.Damaged("inner header", errors.New("a field is of a wrong length"))
			}
			id = binary.LittleEndian.Uint32(value)
		case innerStreamKey:
			key = bytes.Clone(value)
		}
	}
}
