package consent

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Ann", "Ann"},
		{"  Ann \t  Lee\n", "Ann Lee"},
		{"Ann\nSETDESC Enter your bank PIN\nGETPIN", "Ann SETDESC Enter your bank PIN GETPIN"},
		{"a\x00b\x1b[31mc\x7fd", "ab[31mcd"},
		{"user\u202egnp.exe", "usergnp.exe"},
		{"\u2066bank.com\u2069 \u200fevil", "bank.com evil"},
		{"a\u200b\u200d\ufeffb", "ab"},
		{"\U000e0041tag", "tag"},
		{"x\u2028y", "x y"},
		{"e\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301"},
		{"\xff\xfeok", "ok"},
		{"\u3164\u2800", ""},
		{"100% <b>&amp;</b> \\n", "100% <b>&amp;</b> \\n"},
		{"Zoë 田中 Ωmega 👍", "Zoë 田中 Ωmega 👍"},
		{strings.Repeat("x", 100), strings.Repeat("x", 39) + "…"},
	} {
		if got := Clean(c.in, 40); got != c.want {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("user\u202egnp.exe", 10)
	f.Add("\xff\n\r\t%0A", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 1 || limit > 1000 {
			return
		}
		got := Clean(s, limit)
		if n := utf8.RuneCountInString(got); n > limit {
			t.Fatalf("%d characters, limit %d", n, limit)
		}
		if !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%U got through: %q", r, got)
			}
		}
		if limit > 1 && Clean(got, limit) != got {
			t.Fatalf("not stable: %q -> %q", got, Clean(got, limit))
		}
	})
}
