package consent

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes a text that a web site chose fit to be shown in a dialog or window: one line, no control, format or
// direction characters (they could hide the rest or turn it round), no private-use or invalid ones, no piles of
// combining marks, and at most limit characters (the last one an ellipsis where it was cut). The result is plain text; whoever puts it in markup still has
// to escape it.
func Clean(s string, limit int) string {
	return clean(s, limit, false)
}

// cleanLines is Clean for our own texts, which may have several lines.
func cleanLines(s string) string { return clean(s, maxLine, true) }

func clean(s string, limit int, lines bool) string {
	var b strings.Builder
	count, marks, space := 0, 0, true // space: leading blanks are dropped
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		bad := r == utf8.RuneError && n <= 1
		s = s[n:]
		if lines && r == '\n' {
			b.WriteByte('\n')
			space, marks = true, 0
			continue
		}
		switch {
		case bad || !shown(r):
			continue
		case unicode.IsSpace(r):
			if space {
				continue
			}
			r, space, marks = ' ', true, 0
		case unicode.In(r, unicode.Mn, unicode.Me):
			// Two marks serve every living script; more of them climb over the lines above.
			if marks++; marks > 2 {
				continue
			}
		default:
			space, marks = false, 0
		}
		if count == limit {
			return strings.TrimRight(cutLast(b.String()), " ") + "…"
		}
		b.WriteRune(r)
		count++
	}
	return strings.TrimRight(b.String(), " ")
}

// MaxDescription is how long a description may be, by [Cost], so that every dialog shows all of it: pinentry reads no longer
// lines, and what is cut off is what comes last.
const MaxDescription = maxLine - len("SETDESC ")

// Cost is how many bytes a text takes in a dialog's description at most: some characters are escaped or replaced on the way.
func Cost(s string) int {
	n := 0
	for _, r := range s {
		n += costOf(r)
	}
	return n
}

func costOf(r rune) int {
	if r < ' ' || strings.ContainsRune(`%\<>&`, r) {
		return 3
	}
	return utf8.RuneLen(r)
}

// Middle shortens a text to a cost (see [Cost]) by cutting out its middle. Of a path, as of a domain, both ends tell something,
// and the far one tells more.
func Middle(s string, cost int) string {
	if Cost(s) <= cost {
		return s
	}
	left := cost - len("…")
	runes := []rune(s)
	from, to := 0, len(runes) // what stays is before from, and from to on
	for tail := left - left/3; to > 0; to-- {
		if tail -= costOf(runes[to-1]); tail < 0 {
			break
		}
	}
	for head := left / 3; from < to; from++ {
		if head -= costOf(runes[from]); head < 0 {
			break
		}
	}
	return string(runes[:from]) + "…" + string(runes[to:])
}

// Quoted is a name that somebody chose in quotation marks, which it can't end by itself.
func Quoted(name string) string {
	return "“" + strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"“”„‟«»″‶〃＂〝〞〟❝❞❠⹂", r) {
			return '\''
		}
		return r
	}, name) + "”"
}

// cutLast drops the last character to make room for the ellipsis.
func cutLast(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[:len(s)-n]
}

// shown reports whether a character paints itself and nothing else. Cf holds the direction controls, zero-width
// characters and tags; line and paragraph separators count as space.
func shown(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
		return true // as a space
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
		return false
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef: // variation selectors
		return false
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x2800: // blank, yet no space by category
		return false
	case r == 0xfffd:
		return false
	}
	return unicode.IsGraphic(r)
}
