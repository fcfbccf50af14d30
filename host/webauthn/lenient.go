package webauthn

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Limits on what a page sends, so that reading it is bounded. Anything longer is left to the browser.
const (
	// MaxOptions is the most bytes of options JSON that are read.
	MaxOptions = 1 << 20
	// MaxName is the most bytes of a name that are kept (rp.name, user.name, user.displayName); more is cut at a character.
	MaxName = 1024
	// MaxChallenge is the most bytes of a challenge.
	MaxChallenge = 64 << 10
	// maxList is the most descriptors or parameters in a list.
	maxList = 4096
	// maxCredentialID is the most bytes of a credential ID (WebAuthn §4).
	maxCredentialID = 1023
)

// object is a JSON object of the options. Its accessors forgive what sites are known to get wrong and give absent for
// the rest; null is always absent. They never fail: what must be there is checked by who asks.
type object map[string]any

// parseObject decodes options. A repeated name is refused, since two readers would see two things; invalid UTF-8
// (a lone surrogate in a name) becomes U+FFFD as WebIDL's USVString makes it.
func parseObject(data []byte) (object, error) {
	if len(data) > MaxOptions {
		return nil, toBrowser(ReasonOptions, "the options are too long")
	}
	var o map[string]any
	if err := json.Unmarshal(data, &o, jsontext.AllowInvalidUTF8(true)); err != nil || o == nil {
		return nil, toBrowser(ReasonOptions, "the options are no JSON object")
	}
	return o, nil
}

func (o object) has(name string) bool { return o[name] != nil }

// object gives a member object, empty where there is none.
func (o object) object(name string) object {
	m, _ := o[name].(map[string]any)
	return m
}

// text gives a string member.
func (o object) text(name string) string {
	s, _ := o[name].(string)
	return s
}

// enum gives a string member that is one of the values, else "" (WebIDL leaves unknown values to the algorithms, and
// they ignore them).
func (o object) enum(name string, values ...string) string {
	s := o.text(name)
	for _, v := range values {
		if s == v {
			return s
		}
	}
	return ""
}

// flag gives a boolean member; "true" in quotes is one (a pharmacy's login has it).
func (o object) flag(name string) bool {
	switch v := o[name].(type) {
	case bool:
		return v
	case string:
		return v == "true"
	}
	return false
}

// number gives a finite number; one in quotes (Keycloak, eBay) or with a fraction (PayPal) is cut to an integer.
func number(v any) (int64, bool) {
	f, ok := v.(float64)
	if s, quoted := v.(string); quoted {
		var err error
		f, err = strconv.ParseFloat(strings.TrimSpace(s), 64)
		ok = err == nil
	}
	if !ok || math.IsNaN(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// name gives a string of at most MaxName bytes of valid UTF-8, cut at a character.
func (o object) name(name string) string {
	s := strings.ToValidUTF8(o.text(name), "\uFFFD")
	if len(s) <= MaxName {
		return s
	}
	s = s[:MaxName]
	for len(s) > 0 {
		if r, n := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || n > 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

// bytes gives a BufferSource member of at most limit bytes: base64url as the standard's JSON has it, and as sites have
// it: padded, in the other alphabet, with the padding escaped twice, as an array of numbers, or as an object with
// numbered members (the last two also with signed bytes).
func (o object) bytes(name string, limit int) ([]byte, bool) { return toBytes(o[name], limit) }

func toBytes(v any, limit int) ([]byte, bool) {
	switch v := v.(type) {
	case string:
		s := strings.TrimRight(strings.TrimSuffix(strings.ReplaceAll(v, `\u003d`, "="), "\n"), "=")
		if base64.RawURLEncoding.DecodedLen(len(s)) > limit {
			return nil, false
		}
		b, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(s))
		return b, err == nil
	case []any:
		if len(v) > limit {
			return nil, false
		}
		b := make([]byte, len(v))
		for i, e := range v {
			if !toByte(e, &b[i]) {
				return nil, false
			}
		}
		return b, true
	case map[string]any:
		if len(v) > limit {
			return nil, false
		}
		b := make([]byte, len(v))
		for i := range b {
			if !toByte(v[strconv.Itoa(i)], &b[i]) {
				return nil, false
			}
		}
		return b, true
	}
	return nil, false
}

func toByte(v any, b *byte) bool {
	f, ok := v.(float64)
	if !ok || f != math.Trunc(f) || f < -128 || f > 255 {
		return false
	}
	*b = byte(int16(f))
	return true
}

// list gives the objects of an array member; other elements are passed over. given is false where the member is absent
// or empty.
func (o object) list(name string) (objects []object, given bool, err error) {
	elements, _ := o[name].([]any)
	if len(elements) > maxList {
		return nil, true, toBrowser(ReasonOptions, name+" is too long")
	}
	for _, e := range elements {
		if m, ok := e.(map[string]any); ok {
			objects = append(objects, m)
		}
	}
	return objects, len(elements) > 0, nil
}

// texts gives the strings of an array member.
func (o object) texts(name string) []string {
	elements, _ := o[name].([]any)
	var texts []string
	for _, e := range elements[:min(len(elements), maxList)] {
		if s, ok := e.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}
