package cxp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
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

// b64Writer encodes to unpadded base64url as it is written to. Close writes the last characters and
// leaves the underlying writer open.
func newB64Writer(w io.Writer) io.WriteCloser {
	return base64.NewEncoder(base64.RawURLEncoding, w)
}
