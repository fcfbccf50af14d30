package consent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of the Assuan protocol: a line has at most 1000 bytes before its end.
const (
	maxLine  = 1000
	maxLines = 10_000 // of one answer; a program that talks without end is broken
)

var (
	errLine    = errors.New("pinentry sent a line that is longer than the protocol allows")
	errAnswer  = errors.New("pinentry sent something that is no answer")
	errTooMuch = errors.New("pinentry sent more than any secret has")
)

// replyError is an ERR line. Code is libgpg-error's: the low 16 bits name the error.
type replyError struct {
	Code int
	Text string
}

// Error implements error.
func (e *replyError) Error() string { return fmt.Sprintf("pinentry: %s (%d)", e.Text, e.Code&0xffff) }

// The error codes of libgpg-error that a pinentry uses.
const (
	gpgTimeout       = 62
	gpgCanceled      = 99
	gpgNotConfirmed  = 114
	gpgFullyCanceled = 198
)

// reply is what came before the final OK.
type reply struct {
	data   []byte // all D lines, joined and unescaped; the receiver erases it
	status []string
}

// assuan is one conversation. It keeps no copy of what it read: its buffer is cleared by erase.
type assuan struct {
	r     io.Reader
	w     io.Writer
	buf   [4096]byte
	start int
	end   int
	// quality answers INQUIRE QUALITY.
	quality func([]byte) int
}

// erase forgets everything that was read.
func (a *assuan) erase() {
	clear(a.buf[:])
	a.start, a.end = 0, 0
}

// line reads one line without its end. It is valid until the next call.
func (a *assuan) line() ([]byte, error) {
	for {
		if i := bytes.IndexByte(a.buf[a.start:a.end], '\n'); i >= 0 {
			l := a.buf[a.start : a.start+i]
			a.start += i + 1
			return bytes.TrimSuffix(l, []byte("\r")), nil
		}
		if a.end-a.start > maxLine+1 {
			return nil, errLine
		}
		n := copy(a.buf[:], a.buf[a.start:a.end])
		clear(a.buf[n:])
		a.start, a.end = 0, n
		m, err := a.r.Read(a.buf[a.end:])
		a.end += m
		if m == 0 && err != nil {
			return nil, err
		}
	}
}

// greeting reads the OK that opens a conversation.
func (a *assuan) greeting() error {
	_, err := a.answer()
	return err
}

// command sends one command and returns its answer.
func (a *assuan) command(line string) (reply, error) {
	if len(line) > maxLine {
		line = cutEscaped(line, maxLine)
	}
	if _, err := io.WriteString(a.w, line+"\n"); err != nil {
		return reply{}, fmt.Errorf("could not write to pinentry: %w", err)
	}
	return a.answer()
}

// answer reads up to OK or ERR. D lines are joined, S lines and comments are not answers (a pinentry may send
// "S ERROR" before its ERR), INQUIRE is answered.
func (a *assuan) answer() (reply, error) {
	var out reply
	fail := func(err error) (reply, error) {
		clear(out.data)
		return reply{}, err
	}
	for range maxLines {
		l, err := a.line()
		if err != nil {
			return fail(err)
		}
		verb, rest, _ := bytes.Cut(l, []byte(" "))
		switch string(verb) {
		case "OK":
			return out, nil
		case "ERR":
			return fail(parseErr(rest))
		case "D":
			if out.data == nil {
				out.data = make([]byte, 0, MaxSecret+1) // never grown: growing would leave copies behind
			}
			if len(out.data)+len(rest) > 3*MaxSecret {
				return fail(errTooMuch)
			}
			if out.data, err = appendUnescaped(out.data, rest); err != nil {
				return fail(err)
			}
		case "S":
			if len(out.status) < 16 {
				out.status = append(out.status, string(rest))
			}
		case "INQUIRE":
			if err := a.inquire(rest); err != nil {
				return fail(err)
			}
		case "#", "":
		default:
			if !bytes.HasPrefix(l, []byte("#")) {
				return fail(errAnswer)
			}
		}
	}
	return fail(errTooMuch)
}

// inquire answers the one question that a pinentry asks back: how good the secret typed so far is.
func (a *assuan) inquire(arg []byte) error {
	what, secret, _ := bytes.Cut(arg, []byte(" "))
	if string(what) != "QUALITY" || a.quality == nil {
		_, err := io.WriteString(a.w, "CAN\n")
		return err
	}
	typed, err := appendUnescaped(make([]byte, 0, MaxSecret+1), secret)
	if err != nil {
		return err
	}
	percent := min(max(a.quality(typed), 0), 100)
	clear(typed)
	_, err = io.WriteString(a.w, "D "+strconv.Itoa(percent)+"\nEND\n")
	return err
}

func parseErr(rest []byte) error {
	num, text, _ := bytes.Cut(rest, []byte(" "))
	code, err := strconv.Atoi(string(num))
	if err != nil {
		return errAnswer
	}
	return &replyError{Code: code, Text: Clean(string(text), 120)}
}

// is reports whether err is the ERR line with that libgpg-error code.
func (e *replyError) is(code int) bool { return e.Code&0xffff == code }

// appendUnescaped undoes %XX. It never lets dst outgrow [MaxSecret]: the joined secret must fit in one allocation.
func appendUnescaped(dst, src []byte) ([]byte, error) {
	for i := 0; i < len(src); i++ {
		c := src[i]
		if c == '%' {
			if i+2 >= len(src) {
				return dst, errAnswer
			}
			hi, lo := unhex(src[i+1]), unhex(src[i+2])
			if hi < 0 || lo < 0 {
				return dst, errAnswer
			}
			c = byte(hi<<4 | lo)
			i += 2
		}
		if len(dst) >= MaxSecret {
			return dst, errTooMuch
		}
		dst = append(dst, c)
	}
	return dst, nil
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// escape makes a text into one Assuan argument: no byte of it can end the line and begin another command.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '%' || c == '\\' || c == 0x7f {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// cutEscaped shortens an escaped line without cutting a %XX or a UTF-8 character in two.
func cutEscaped(s string, n int) string {
	s = s[:min(n, len(s))]
	if i := strings.LastIndexByte(s, '%'); i >= 0 && i > len(s)-3 {
		s = s[:i]
	}
	return strings.ToValidUTF8(s, "")
}
