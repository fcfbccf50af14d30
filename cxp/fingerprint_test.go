package cxp

import (
	"errors"
	"strings"
	"testing"
)

func TestFingerprintEntryIsTolerant(t *testing.T) {
	f := FingerprintOf([]byte("any message"))
	text := f.String()
	if len(text) != 29 || strings.Count(text, "-") != 5 {
		t.Fatalf("%q is not six groups of four", text)
	}
	confused := strings.NewReplacer("0", "o", "1", "l").Replace(text)
	for _, typed := range []string{
		text, strings.ToLower(text), strings.ReplaceAll(text, "-", ""), strings.ReplaceAll(text, "-", " "),
		" " + text + "\t", strings.ReplaceAll(text, "-", "–"), confused, strings.ToUpper(confused),
		strings.ReplaceAll(text, "1", "i"),
	} {
		got, err := ParseFingerprint(typed)
		if err != nil || !got.Equal(f) {
			t.Errorf("%q: %v, %v", typed, got, err)
		}
	}
	for _, typed := range []string{
		"", text[:28], text + "0", "U" + text[1:], "й" + text[1:], strings.Repeat("-", 300),
	} {
		if got, err := ParseFingerprint(typed); !errors.Is(err, ErrFingerprint) {
			t.Errorf("%q gave %v, %v", typed, got, err)
		}
	}
}

func TestChallengeWantsExactlyItsGroups(t *testing.T) {
	f := FingerprintOf([]byte("request"))
	groups := f.Groups()
	c, err := f.Ask()
	if err != nil {
		t.Fatal(err)
	}
	pos := c.Positions()
	right := []string{groups[pos[0]-1], groups[pos[1]-1], groups[pos[2]-1]}
	for _, typed := range [][]string{right, {strings.Join(right, "-")}, {strings.ToLower(right[0]) + right[1], right[2]}} {
		ok, err := c.Answer(typed...)
		if err != nil || !ok.covers(f) {
			t.Errorf("%q: %v", typed, err)
		}
		if ok.covers(FingerprintOf([]byte("other"))) {
			t.Error("a confirmation covers another message")
		}
	}
	wrong := []byte(right[2])
	wrong[3] = crockford[(strings.IndexByte(crockford, wrong[3])+1)%32]
	for _, typed := range [][]string{
		nil, right[:2], {right[0], right[1], string(wrong)}, {right[1], right[0], right[2]}, {f.String()}, {right[0], right[1], "U000"},
	} {
		if ok, err := c.Answer(typed...); !errors.Is(err, ErrFingerprint) || ok != nil {
			t.Errorf("%q was accepted (%v)", typed, err)
		}
	}
	if (*Confirmation)(nil).covers(f) {
		t.Error("no confirmation covers a message")
	}
}

func TestChallengeAsksForDifferentGroupsAtRandom(t *testing.T) {
	f := FingerprintOf([]byte("request"))
	seen := map[[3]int]int{}
	for range 4000 {
		c, err := f.Ask()
		if err != nil {
			t.Fatal(err)
		}
		p := c.Positions()
		if p[0] < 1 || p[0] >= p[1] || p[1] >= p[2] || p[2] > Groups {
			t.Fatalf("positions %v", p)
		}
		seen[p]++
	}
	// 20 choices, 200 times each; the chance that one comes under 100 times is below 1 in 10^12.
	if len(seen) != 20 {
		t.Fatalf("%d different choices instead of 20", len(seen))
	}
	for p, n := range seen {
		if n < 100 {
			t.Errorf("%v was asked only %d times of 4000", p, n)
		}
	}
}
