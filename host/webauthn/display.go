package webauthn

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// DisplayDomain returns a domain as a person should read it: in Unicode where every label of it is of one writing
// system that nobody takes for another (Unicode TR 39 "single script", and Latin letters with the marks of a
// European language), else in ASCII, as it is. It is careful rather than complete: a Cyrillic or Greek label, most of
// whose letters have a Latin twin, stays ASCII.
func DisplayDomain(ascii string) string {
	if !strings.Contains(ascii, "xn--") {
		return ascii
	}
	labels := strings.Split(ascii, ".")
	for i, label := range labels {
		if !strings.HasPrefix(label, "xn--") {
			continue
		}
		u, err := idna.Lookup.ToUnicode(label)
		if err != nil || u == "" || !isUnmistakable(u) {
			return ascii
		}
		labels[i] = u
	}
	return strings.Join(labels, ".")
}

// isUnmistakable: all letters of a label come from one group, and the group is one without Latin look-alikes.
func isUnmistakable(label string) bool {
	groups := [][]*unicode.RangeTable{
		{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo},
		{unicode.Hangul, unicode.Han}, {unicode.Arabic}, {unicode.Hebrew}, {unicode.Devanagari}, {unicode.Thai},
		{unicode.Bengali}, {unicode.Tamil}, {unicode.Georgian},
	}
	plain := func(r rune) bool { return r >= '0' && r <= '9' || r == '-' }
	latin := func(r rune) bool {
		// The letters of Latin-1 and Latin Extended-A less the ones that pass for an ASCII letter at a glance.
		return r >= 'a' && r <= 'z' || r >= 0xdf && r <= 0x17f && r != 0xf7 && !strings.ContainsRune("ðıĸŀŉſ", r)
	}
	if allRunes(label, func(r rune) bool { return plain(r) || latin(r) }) {
		return true
	}
	for _, group := range groups {
		if allRunes(label, func(r rune) bool { return plain(r) || unicode.In(r, group...) }) {
			return true
		}
	}
	return false
}

func allRunes(s string, ok func(rune) bool) bool {
	for _, r := range s {
		if !ok(r) {
			return false
		}
	}
	return true
}
