package cxf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// members reads one object from the stream. take reads the members it wants by
// itself; all others are collected in o.
func (r *reader) members(dec *jsontext.Decoder, o *objectReader, take func(name string) (bool, error)) error {
	tok, err := dec.ReadToken()
	if err != nil {
		return r.syntax(err)
	}
	if tok.Kind() != '{' {
		return fmt.Errorf("%w: it is not a JSON object", ErrNotCXF)
	}
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return r.syntax(err)
		}
		name := tok.String()
		if taken, err := take(name); err != nil {
			return err
		} else if taken {
			continue
		}
		raw, err := r.value(dec)
		if err != nil {
			return err
		}
		if len(o.members) >= maxMembers {
			return fmt.Errorf("%w: an object has more than %d members", ErrTooLarge, maxMembers)
		}
		o.members = append(o.members, member{name: []byte(name), value: bytes.Clone(raw)})
		r.early(name, raw)
	}
	_, err = dec.ReadToken()
	return r.syntax(err)
}

// early looks at members that decide how the following are read.
func (r *reader) early(name string, raw []byte) {
	switch {
	case r.account >= 0:
	case name == "timestamp":
		r.sawTimestamp(raw)
	case name == "version" && (raw[0] == '0' || bytes.Contains(compact(raw), []byte(`"major":0`))):
		r.draft0 = true
	}
}

// value reads one whole value and checks the limits that are about it.
func (r *reader) value(dec *jsontext.Decoder) ([]byte, error) {
	raw, err := dec.ReadValue()
	if err != nil {
		return nil, r.syntax(err)
	}
	r.consumed = max(r.consumed, dec.InputOffset())
	if dec.StackDepth()+depth(raw) > r.opts.MaxDepth {
		return nil, fmt.Errorf("%w: more than %d levels", ErrTooDeep, r.opts.MaxDepth)
	}
	return raw, nil
}

// syntax translates an error of the JSON decoder; it drops what that quotes.
func (r *reader) syntax(err error) error {
	var s *jsontext.SyntacticError
	var own *SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return err
	case r.src.err != nil:
		// The decoder would call it a syntax error.
		return fmt.Errorf("reading the CXF document: %w", r.src.err)
	}
	if errors.As(err, &s); s != nil && s.Err != nil && strings.Contains(s.Err.Error(), "max depth") {
		return fmt.Errorf("%w: more than %d levels", ErrTooDeep, r.opts.MaxDepth)
	}
	e := &SyntaxError{Reason: "a syntax error"}
	if s != nil {
		e.Offset = s.ByteOffset
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		e.Reason = "duplicate member name"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Reason = "the end, too early,"
	case s != nil && s.Err != nil && (s.Err.Error() == "invalid UTF-8" || strings.HasPrefix(s.Err.Error(), "invalid surrogate pair")):
		e.Reason = "invalid UTF-8"
	}
	return e
}

// limitedReader returns an error, not an end of file, when there is too much.
type limitedReader struct {
	r    io.Reader
	left int64
	err  error // what ended the reading, unless that was the end
}

func (r *reader) limited(src io.Reader) io.Reader {
	r.src = &limitedReader{r: src, left: r.opts.MaxBytes}
	return r.src
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		n, err = 0, fmt.Errorf("%w: it passes the limit of bytes", ErrTooLarge)
		l.left = 0
	}
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n, err
}

// skipBOM drops the mark that some editors put in front of UTF-8 text.
func skipBOM(src io.Reader) io.Reader {
	head := make([]byte, 3)
	n, _ := io.ReadFull(src, head) // an error comes again at the next read, or is in limitedReader.err
	if string(head[:n]) == "\xef\xbb\xbf" {
		return src
	}
	return io.MultiReader(bytes.NewReader(head[:n]), src)
}
