package kdbx

import (
	"bufio"
	"crypto/cipher"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/keyferry/keyferry/cxp/formats"
)

const (
	maxText   = 16 << 20                        // bytes of a value
	maxBinary = formats.MaxFile/3*4 + (4 << 10) // bytes of an attached file of KDBX 3.1, as base64
	maxNest   = 2*formats.MaxDepth + 16         // elements within elements
)

// xmlReader reads the XML of a database element by element, in the order of the document, which is also that of the
// stream that hides its protected values: also what nobody wants must be read to the end.
type xmlReader struct {
	d      *xml.Decoder
	guard  *guard
	stream cipher.Stream
	depth  int
}

func newXML(r io.Reader, stream cipher.Stream) *xmlReader {
	g := &guard{r: bufio.NewReaderSize(r, 64<<10), limit: maxText}
	return &xmlReader{d: xml.NewDecoder(g), guard: g, stream: stream}
}

// guard bounds the length of one token, which the decoder would otherwise hold whatever it takes.
type guard struct {
	r        *bufio.Reader
	n, limit int
	err      error // what r said
}

func (g *guard) Read(p []byte) (int, error) { return g.r.Read(p) } // the decoder takes ReadByte

func (g *guard) ReadByte() (byte, error) {
	if g.n++; g.n > g.limit {
		g.err = fmt.Errorf("a value of more than %d MiB: %w", g.limit>>20, formats.ErrTooLarge)
		return 0, g.err
	}
	b, err := g.r.ReadByte()
	if err != nil {
		g.err = err
	}
	return b, err
}

// token returns the next start or end of an element, or text.
func (x *xmlReader) token() (xml.Token, error) {
	for {
		x.guard.n = 0
		t, err := x.d.Token()
		if err != nil {
			return nil, x.failed(err)
		}
		switch t.(type) {
		case xml.StartElement:
			if x.depth++; x.depth > maxNest {
				return nil, fmt.Errorf("groups within groups, more than %d: %w", formats.MaxDepth, formats.ErrTooLarge)
			}
			return t, nil
		case xml.EndElement:
			x.depth--
			return t, nil
		case xml.CharData:
			return t, nil
		}
	}
}

// failed tells what the reader underneath says, which stays what it is, from what is wrong with the XML, whose messages may quote
// what stands there.
func (x *xmlReader) failed(err error) error {
	syntax := (*xml.SyntaxError)(nil)
	switch {
	case x.guard.err != nil:
		return cut(x.guard.err)
	case errors.As(err, &syntax):
		return formats.Damaged("content", fmt.Errorf("line %d is not XML", syntax.Line))
	}
	return formats.Damaged("content", errors.New("it is not XML that can be read"))
}

// children calls f for each element inside the present one, up to its end. f must read the element to its end.
func (x *xmlReader) children(f func(xml.StartElement) error) error {
	for {
		t, err := x.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := f(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// skip reads the present element to its end.
func (x *xmlReader) skip(start xml.StartElement) error {
	if isTrue(attribute(start, "Protected")) {
		_, err := x.text(start)
		return err
	}
	return x.children(x.skip)
}

// text reads the present element's text, and uncovers it where it is protected.
func (x *xmlReader) text(start xml.StartElement) (string, error) {
	var b strings.Builder
	for {
		t, err := x.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			if b.Len()+len(t) > x.guard.limit {
				return "", fmt.Errorf("a value of more than %d MiB: %w", x.guard.limit>>20, formats.ErrTooLarge)
			}
			b.Write(t)
		case xml.StartElement:
			if err := x.skip(t); err != nil {
				return "", err
			}
		case xml.EndElement:
			if !isTrue(attribute(start, "Protected")) {
				return b.String(), nil
			}
			plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(b.String()))
			if err != nil {
				// All protected values behind it would be wrong.
				return "", formats.Damaged("content", errors.New("a protected value is not base64"))
			}
			x.stream.XORKeyStream(plain, plain)
			return string(plain), nil
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func isTrue(s string) bool { return strings.EqualFold(s, "true") }
