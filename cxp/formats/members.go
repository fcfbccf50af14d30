package formats

import (
	"bufio"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxMembers = 64      // outer members that are looked at
	maxShort   = 256     // bytes of a text that is kept
	maxNested  = 8 << 20 // bytes of lists and objects that are passed over
)

// scanMembers reads the outer members of a JSON object as far as it gets. It only tells files apart, so it checks little; unlike
// a decoder it passes over a text of any length without holding it.
func scanMembers(src io.Reader) []ProbeMember {
	s := &memberScanner{r: bufio.NewReaderSize(src, 64<<10), nested: maxNested}
	if s.next() != '{' {
		return nil
	}
	members := []ProbeMember{}
	for len(members) < maxMembers {
		c := s.next()
		if c == ',' {
			c = s.next()
		}
		if c != '"' {
			break
		}
		name, ok := s.text()
		if !ok || s.next() != ':' {
			break
		}
		m := ProbeMember{Name: name}
		switch c := s.next(); c {
		case 0:
			return members
		case '"':
			m.Kind = '"'
			m.Text, ok = s.text()
		case '{', '[':
			m.Kind, ok = jsontext.Kind(c), s.skip()
		default:
			m.Kind, m.Text = s.literal(c)
		}
		members = append(members, m)
		if !ok {
			break
		}
	}
	return members
}

type memberScanner struct {
	r      *bufio.Reader
	nested int // bytes that may still be passed over
}

// next gives the next byte that is no white space, 0 at the end.
func (s *memberScanner) next() byte {
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return 0
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
}

// text reads a text after its first quotation mark; a long one is "". It reports false where the text does not end.
func (s *memberScanner) text() (string, bool) {
	raw := append(make([]byte, 0, 32), '"')
	for escaped := false; ; {
		c, err := s.r.ReadByte()
		if err != nil {
			return "", false
		}
		if len(raw) <= maxShort {
			raw = append(raw, c)
		}
		if c == '"' && !escaped {
			break
		}
		escaped = c == '\\' && !escaped
	}
	if len(raw) > maxShort {
		return "", true
	}
	out, err := jsontext.AppendUnquote(nil, raw)
	return string(out), err == nil
}

// skip passes over a list or an object after its first byte.
func (s *memberScanner) skip() bool {
	inText, escaped := false, false
	for depth := 1; depth > 0; s.nested-- {
		c, err := s.r.ReadByte()
		switch {
		case err != nil || s.nested == 0:
			return false
		case inText:
			inText = c != '"' || escaped
			escaped = c == '\\' && !escaped
		case c == '"':
			inText = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

// literal reads a number, true, false or null that begins with c.
func (s *memberScanner) literal(c byte) (jsontext.Kind, string) {
	raw := []byte{c}
	for len(raw) < maxShort {
		b, err := s.r.Peek(1)
		if err != nil || b[0] == ',' || b[0] == '}' || b[0] <= ' ' {
			break
		}
		raw = append(raw, b[0])
		s.r.Discard(1) // it was peeked at
	}
	kind := jsontext.Kind(c)
	if c == '-' || c >= '0' && c <= '9' {
		kind = '0'
	}
	return kind, string(raw)
}
