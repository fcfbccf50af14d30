package cxp

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Confusable and bidirectional names, and whatever else a name may do to a screen.
func TestAttackConfusableAndBidiNames(t *testing.T) {
	for _, c := range []struct {
		claim      Claim
		text       string
		suspicious bool
	}{
		{Claim{raw: "keyferry.app", domain: true}, "keyferry.app", false},
		{Claim{raw: "com.example.Vault_2", domain: true}, "com.example.Vault_2", false},
		{Claim{raw: "аpple.com", domain: true}, `\u0430pple.com`, true},
		{Claim{raw: "apple.com\u202emoc.live", domain: true}, "apple.commoc.live", true},
		{Claim{raw: "apple.com\nYes", domain: true}, `apple.com\nYes`, true},
		{Claim{raw: "Apple Passwords"}, "Apple Passwords", false},
		{Claim{raw: "Аpple Passwords"}, "Аpple Passwords", true}, // Cyrillic А
		{Claim{raw: "Passwörter für alle"}, "Passwörter für alle", false},
		{Claim{raw: "パスワード管理 2"}, "パスワード管理 2", false},
		{Claim{raw: "Менеджер Bitwarden"}, "Менеджер Bitwarden", false},
		{Claim{raw: "evil\u202e gpj.exe\u2066\u200b"}, "evil gpj.exe", true},
		{Claim{raw: "one\r\ntwo\x1b[31m\u2028three"}, "one two[31m three", true},
		{Claim{raw: "a\u0301\u0302\u0303\u0304\u0305b"}, "a\u0301\u0302b", false},
		{Claim{raw: "bad\xffbytes"}, "badbytes", true},
		{Claim{raw: "\u3164\u115f"}, "", false},
		{Claim{}, "", false},
	} {
		if got := c.claim.Text(); got != c.text {
			t.Errorf("%q is shown as %q instead of %q", c.claim.raw, got, c.text)
		}
		if got := c.claim.Suspicious(); got != c.suspicious {
			t.Errorf("%q: suspicious is %v", c.claim.raw, got)
		}
	}
	long := Claim{raw: strings.Repeat("ab", 500)}
	if n := utf8.RuneCountInString(long.Text()); n != MaxClaimText || !strings.HasSuffix(long.Text(), "…") {
		t.Errorf("a long name is shown with %d characters", n)
	}
}
