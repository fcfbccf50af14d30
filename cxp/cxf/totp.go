package cxf

import (
	"slices"
	"strings"
)

// The values that CXF §3.3 recommends for a TOTP.
const (
	defaultPeriod    = 30
	defaultDigits    = 6
	defaultAlgorithm = "sha1"
)

func otpAlgorithms() []string { return []string{"sha1", "sha256", "sha512"} }

const base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// canonicalBase32 brings a TOTP secret into the form of RFC 4648 §6, upper case,
// without padding, spaces, dashes and bits that belong to no byte.
func canonicalBase32(text string) (string, bool) {
	var b strings.Builder
	padded := false
	for _, c := range []byte(text) {
		switch {
		case c == ' ' || c == '-' || c == '\t':
			continue
		case c == '=':
			padded = true
			continue
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		if padded || strings.IndexByte(base32Alphabet, c) < 0 {
			return "", false
		}
		b.WriteByte(c)
	}
	s := b.String()
	// n characters carry 5n bits, of which only whole bytes count.
	whole := (len(s)*5/8*8 + 4) / 5
	s = s[:whole]
	if spare := len(s)*5 - len(s)*5/8*8; spare > 0 {
		last := strings.IndexByte(base32Alphabet, s[len(s)-1]) >> spare << spare
		s = s[:len(s)-1] + base32Alphabet[last:last+1]
	}
	return s, s != ""
}

func (o *objectReader) base32(name string, p *string) {
	o.text(name, p, required)
	if o.why != "" {
		return
	}
	secret, ok := canonicalBase32(*p)
	if !ok {
		o.fail(CodeSecret, "the "+name+" is not Base32")
		return
	}
	if secret != *p {
		o.r.add(Notice, CodeSecret, name, "is Base32, but not upper case without padding")
	}
	*p = secret
}

func (o *objectReader) otpAlgorithm(name string, p *string) {
	m := o.take(name, optional)
	if m == nil {
		*p = defaultAlgorithm
		o.r.add(Notice, CodeMissing, name, "is missing and was taken as "+defaultAlgorithm)
		return
	}
	if m.value[0] != '"' {
		o.fail(CodeWrongKind, "the "+name+" is not text")
		return
	}
	*p = unquote(m.value)
	folded := strings.ReplaceAll(strings.ToLower(*p), "-", "")
	if slices.Contains(otpAlgorithms(), folded) {
		if folded != *p {
			*p = folded
			o.r.add(Notice, CodeUnknownValue, name, "was not written in lower case")
		}
		return
	}
	o.unsupported = true
	o.r.add(Problem, CodeUnknownValue, name, "is not one that the standard knows; it is kept but must not be used")
}
