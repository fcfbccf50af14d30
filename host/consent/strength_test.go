package consent

import (
	"strings"
	"testing"
)

func TestStrength(t *testing.T) {
	for _, c := range []struct {
		pass     string
		min, max int
	}{
		{"", 0, 0},
		{"password", 0, 5},
		{"P4ssw0rd!", 0, 19},
		{"password1234", 0, 25},
		{"aaaaaaaaaaaaaaaaaaaaaaaa", 0, 12},
		{"abcabcabcabcabcabcabcabc", 0, 15},
		{"qwertyuiopasdfghjkl", 0, 25},
		{"1234567890123456789012345", 0, 20},
		{"Summer2024!", 0, 25},
		{"iloveyouiloveyouiloveyou", 0, 10},
		{"strawberry", 8, 20},
		{"Tr0ub4dor&3", 15, 44},
		{"correct horse battery staple", 50, 80},
		{"correcthorsebatterystaple", 38, 70},
		{"xkqjzvbnwtrplmsdghfc", 65, 110},
		{"G7#kQ9!vXz2$Lm4@", 65, 110},
		{"marzipan Liegestuhl quer Nordost sieben", 60, 110},
		{"正確馬電池主要部分勉強", 45, 80},
	} {
		bits, accept, verdict := Strength([]byte(c.pass))
		if bits < c.min || bits > c.max {
			t.Errorf("%q: %d bits, want %d to %d", c.pass, bits, c.min, c.max)
		}
		if accept != (bits >= MinBits) || verdict == "" || strings.Contains(verdict, c.pass) && c.pass != "" {
			t.Errorf("%q: accept %v, verdict %q", c.pass, accept, verdict)
		}
	}
}

func TestStrengthGrowsNoFasterThanTheText(t *testing.T) {
	// Saying the same again is worth next to nothing.
	one, _, _ := Strength([]byte("lantern quarry"))
	two, _, _ := Strength([]byte("lantern quarrylantern quarry"))
	if two > one+3 {
		t.Errorf("said twice: %d bits, once: %d", two, one)
	}
}

func FuzzStrength(f *testing.F) {
	for _, s := range []string{"", "a", "password", "\xff\xfe", "aaaa1999qwer", strings.Repeat("ab", 500)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) > MaxSecret {
			return
		}
		bits, accept, verdict := Strength(p)
		if bits < 0 || bits > 16*len(p) || verdict == "" || accept && bits < MinBits {
			t.Fatalf("%q: %d %v %q", p, bits, accept, verdict)
		}
	})
}
