package cxp

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Claim is a name that a peer gives itself. Nothing proves it: show it, never decide by it
// (PROFILE.md §3).
type Claim struct {
	raw    string
	domain bool // an RP-ID-style name, where anything but plain ASCII is suspect
}

// NameClaim is a peer's name in the style of a domain that came beside a message, in a transport's greeting, say.
func NameClaim(raw string) Claim { return Claim{raw: raw, domain: true} }

// DisplayClaim is a peer's name for people that came beside a message.
func DisplayClaim(raw string) Claim { return Claim{raw: raw} }

// MaxClaimText is the longest text that Text returns, in characters.
const MaxClaimText = 64

// Raw is the name exactly as sent: for storing and comparing, not for a screen or a log.
func (c Claim) Raw() string { return c.raw }

// Text is the name made safe to show: no control, format or bidi characters, no line breaks, no
// stacked accents, at most MaxClaimText characters. In RP-ID-style names every character outside
// printable ASCII is spelled out (\u0430), since in a domain a lookalike letter is an attack.
func (c Claim) Text() string {
	var out strings.Builder
	n, marks := 0, 0
	for _, r := range c.raw {
		shown := string(r)
		switch {
		case r == utf8.RuneError, unicode.IsControl(r) && r != '\t' && r != '\n', unicode.Is(unicode.Cf, r),
			unicode.Is(unicode.Co, r), unicode.Is(unicode.Variation_Selector, r), r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0':
			continue
		case unicode.IsSpace(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			shown = " "
		case unicode.Is(unicode.M, r):
			if marks++; marks > 2 {
				continue
			}
		default:
			marks = 0
		}
		if c.domain && (r <= ' ' || r > '~') {
			shown = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		}
		if n += utf8.RuneCountInString(shown); n > MaxClaimText-1 {
			out.WriteString("…")
			break
		}
		out.WriteString(shown)
	}
	return strings.TrimSpace(out.String())
}

// Suspicious says that the name may be dressed up as another: characters that Text had to remove, a
// word that mixes scripts (a Cyrillic "а" in a Latin name), or anything but ASCII in an RP-ID-style
// name. A screen should say so next to the name.
func (c Claim) Suspicious() bool {
	if !utf8.ValidString(c.raw) {
		return true
	}
	var word *unicode.RangeTable
	for _, r := range c.raw {
		if c.domain && (r <= ' ' || r > '~') {
			return true
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) {
			return true
		}
		if !unicode.IsLetter(r) {
			if !unicode.Is(unicode.M, r) {
				word = nil
			}
			continue
		}
		s := script(r)
		if word != nil && s != word {
			return true
		}
		word = s
	}
	return false
}

// script tells apart the scripts whose letters are mistaken for one another; all others count as one,
// since Han, Hiragana and Katakana mix in ordinary words.
func script(r rune) *unicode.RangeTable {
	for _, t := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Hebrew, unicode.Arabic} {
		if unicode.Is(t, r) {
			return t
		}
	}
	return unicode.Letter
}
