package cxp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
)

// b64Reader decodes base64url as it streams by. encoding/base64's own decoder skips line breaks, which
// neither a JWE nor a payload may contain, so this one sees every character. Padding is accepted at
// the end only, and only where the profile does (padded).
type b64Reader struct {
	src    io.Reader
	padded bool
	text   []byte // undecoded characters
	buf    [8 << 10]byte
	out    []byte // decoded and not yet handed out
	outBuf [6 << 10]byte
	total  int // characters seen
	err    error
}

func newB64Reader(src io.Reader, padded bool) *b64Reader {
	b := &b64Reader{src: src, padded: padded}
	b.text = b.buf[:0]
	return b
}

var errB64 = fmt.Errorf("%w: not base64url", ErrPayload)

func (b *b64Reader) Read(p []byte) (int, error) {
	for len(b.out) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		b.fill()
	}
	n := copy(p, b.out)
	b.out = b.out[n:]
	return n, nil
}

// fill reads once and decodes every whole quantum, and at the end the last, partial one.
func (b *b64Reader) fill() {
	n, err := b.src.Read(b.buf[len(b.text):])
	b.total += n
	b.text = b.buf[:len(b.text)+n]
	whole := len(b.text) &^ 3
	switch {
	case errors.Is(err, io.EOF):
		b.err = io.EOF
		if !b.trimPadding() {
			b.err = errB64
			return
		}
		whole = len(b.text)
	case err != nil:
		b.err = err
		return
	case b.padded && bytes.IndexByte(b.text[:whole], '=') >= 0:
		// Padding is the end: leave its quantum for when the end is seen.
		whole -= 4
	}
	text := b.text[:whole]
	if bytes.IndexByte(text, '\n') >= 0 || bytes.IndexByte(text, '\r') >= 0 {
		b.err = errB64
		return
	}
	n, derr := base64.RawURLEncoding.Strict().Decode(b.outBuf[:], text)
	if derr != nil {
		b.err = errB64
		return
	}
	b.out = b.outBuf[:n]
	b.text = b.buf[:copy(b.buf[:], b.text[whole:])]
}

// trimPadding removes correct padding from the last characters.
func (b *b64Reader) trimPadding() bool {
	trimmed := bytes.TrimRight(b.text, "=")
	if len(trimmed) == len(b.text) {
		return true
	}
	ok := b.padded && len(b.text)-len(trimmed) <= 2 && b.total%4 == 0
	b.text = trimmed
	return ok
}

// b64Writer encodes to unpadded base64url as it is written to, in pieces larger than encoding/base64's
// own, since a payload passes here twice. Close writes the last characters and leaves the underlying
// writer open.
type b64Writer struct {
	w    io.Writer
	text [32 << 10]byte
	rest []byte // fewer than three bytes, not yet encoded
	buf  [3]byte
}

func newB64Writer(w io.Writer) *b64Writer {
	b := &b64Writer{w: w}
	b.rest = b.buf[:0]
	return b
}

func (b *b64Writer) Write(p []byte) (int, error) {
	written := len(p)
	if len(b.rest) > 0 {
		n := copy(b.buf[len(b.rest):], p)
		b.rest = b.buf[:len(b.rest)+n]
		p = p[n:]
		if len(b.rest) < len(b.buf) {
			return written, nil
		}
		if err := b.encode(b.rest); err != nil {
			return 0, err
		}
		b.rest = b.buf[:0]
	}
	whole := len(p) / 3 * 3
	for chunk := range slices.Chunk(p[:whole], len(b.text)/4*3) {
		if err := b.encode(chunk); err != nil {
			return 0, err
		}
	}
	b.rest = b.buf[:copy(b.buf[:], p[whole:])]
	return written, nil
}

func (b *b64Writer) encode(p []byte) error {
	base64.RawURLEncoding.Encode(b.text[:], p)
	_, err := b.w.Write(b.text[:base64.RawURLEncoding.EncodedLen(len(p))])
	return err
}

// Close writes what is left.
func (b *b64Writer) Close() error {
	rest := b.rest
	b.rest = b.buf[:0]
	if len(rest) == 0 {
		return nil
	}
	return b.encode(rest)
}
