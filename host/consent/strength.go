package consent

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MinBits is the guessing entropy in bits below which a passphrase is not accepted. Behind Argon2id at half a second
// a guess, 2^45 guesses are half a million years of one such machine, or a year of half a million of them.
const MinBits = 45

// Strength estimates how hard a passphrase is to guess for somebody who knows how people choose them: in bits, with
// one plain sentence. It errs towards weak: common passwords, names of keys in a row, repeats, years and the usual
// substitutions (p4ssw0rd) count for little, whatever their length.
func Strength(passphrase []byte) (bits int, accept bool, verdict string) {
	b := estimate(string(passphrase))
	bits, accept = int(b), b >= MinBits
	switch {
	case len(passphrase) == 0:
		verdict = "Choose a passphrase."
	case !utf8.Valid(passphrase):
		return 0, false, "This holds bytes that are no text."
	case bits < 20:
		verdict = "Very weak: this is among the first things that are tried."
	case !accept:
		verdict = "Too weak: four or five unrelated words do better than signs and digits."
	case bits < 60:
		verdict = "Fair: enough for a vault that stays on your own disk."
	case bits < 80:
		verdict = "Good."
	default:
		verdict = "Excellent."
	}
	return bits, accept, verdict
}

// QualityPercent is Strength as a pinentry's bar shows it: 100 at 90 bits.
func QualityPercent(passphrase []byte) int {
	bits, _, _ := Strength(passphrase)
	return min(100, bits*100/90)
}

// estimate walks the text from left to right and charges each piece what a guesser pays who knows the cheapest way, by the
// character.
func estimate(s string) float64 {
	typed, plain := []rune(s), []rune(unleet(s))
	pool := math.Log2(poolSize(typed))
	total, said := 0.0, map[string]bool{}
	for i := 0; i < len(typed); {
		n, cost := cheapest(typed[i:], plain[i:], pool)
		piece := string(plain[i : i+n])
		if n > 1 && said[piece] {
			cost = min(cost, 1.5)
		}
		said[piece] = true
		total += cost
		i += n
	}
	return min(total, repeatBits(s))
}

// cheapest returns how many characters to take at once from the start, and what they cost in bits.
func cheapest(typed, plain []rune, pool float64) (n int, cost float64) {
	n, cost = 1, pool
	offer := func(l int, c float64) {
		if l > 0 && c/float64(l) < cost/float64(n) {
			n, cost = l, c
		}
	}
	if l, rank := commonAt(plain); l > 0 {
		offer(l, math.Log2(float64(rank)+2)+disguise(typed[:l], plain[:l]))
	}
	if l := wordAt(plain); l > 0 {
		offer(l, min(wordBits(plain[:l]), pool*float64(l))+disguise(typed[:l], plain[:l]))
	}
	if l := runAt(typed); l >= 3 {
		offer(l, pool+math.Log2(float64(l)))
	}
	offer(yearAt(typed), 7)
	return n, cost
}

// repeatBits is the cost of a text that is one block said over and over.
func repeatBits(s string) float64 {
	r := []rune(s)
	for n := 1; n <= len(r)/2; n++ {
		if len(r)%n != 0 {
			continue
		}
		if strings.Repeat(string(r[:n]), len(r)/n) == s {
			return estimate(string(r[:n])) + math.Log2(float64(len(r)/n))
		}
	}
	return math.Inf(1)
}

func poolSize(r []rune) float64 {
	var lower, upper, digit, sign, other bool
	for _, c := range r {
		switch {
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= '0' && c <= '9':
			digit = true
		case c < 128:
			sign = true
		default:
			other = true
		}
	}
	size := 0.0
	for _, p := range []struct {
		has bool
		n   float64
	}{{lower, 26}, {upper, 26}, {digit, 10}, {sign, 20}, {other, 40}} {
		if p.has {
			size += p.n
		}
	}
	return max(size, 2)
}

// wordBits is the cost of a run of letters that may be a word or a name: a dictionary of some 20,000 for up to ten
// letters, and what words put together carry per letter beyond. Letters that no language puts in a row are random ones.
func wordBits(r []rune) float64 {
	vowels, streak, longest := 0, 0, 0
	for _, c := range r {
		if strings.ContainsRune("aeiouyäöüéèêàáíóúåøæαεηιουωаеиоуыэюя", c) {
			vowels, streak = vowels+1, 0
		} else {
			streak++
			longest = max(longest, streak)
		}
	}
	if n := len(r); n > 6 && (longest >= 6 || vowels*6 < n) {
		return math.Inf(1)
	}
	return min(2.7*float64(len(r)), 14.3+1.8*float64(max(0, len(r)-10)))
}

// wordAt is the length of the run of letters of an alphabet at the start, 0 below 3.
func wordAt(r []rune) int {
	n := 0
	for n < len(r) && unicode.IsLetter(r[n]) && unicode.In(r[n], unicode.Latin, unicode.Cyrillic, unicode.Greek) {
		n++
	}
	if n < 3 {
		return 0
	}
	return n
}

// disguise is what capitals and substitutions (p4ssw0rd) add: guessers try them by rule, the usual ones first.
func disguise(typed, plain []rune) float64 {
	upper, swapped := 0, 0
	for i, c := range typed {
		if unicode.IsUpper(c) {
			upper++
		} else if c != plain[i] {
			swapped++
		}
	}
	bits := 1.5 * float64(swapped)
	switch {
	case upper == 0:
	case upper == len(typed), upper == 1 && unicode.IsUpper(typed[0]):
		bits++
	default:
		bits += float64(min(upper, len(typed)-upper)) * 2
	}
	return bits
}

// runAt is the length of a repeat (aaaa), sequence (abcd, 4321) or keyboard row (qwer) at the start.
func runAt(r []rune) int {
	n := 1
	for step := rune(-1); step <= 1; step++ {
		l := 1
		for l < len(r) && r[l]-r[l-1] == step {
			l++
		}
		n = max(n, l)
	}
	low := []rune(strings.ToLower(string(r[:min(len(r), 16)])))
	for _, row := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "1234567890"} {
		for _, dir := range []string{row, reversed(row)} {
			n = max(n, alongRow(low, []rune(dir)))
		}
	}
	return n
}

func alongRow(r, row []rune) int {
	at := strings.IndexRune(string(row), r[0])
	if at < 0 {
		return 1
	}
	n := 1
	for n < len(r) && at+n < len(row) && r[n] == row[at+n] {
		n++
	}
	return n
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

// yearAt is 4 where a year of the last or this century begins.
func yearAt(r []rune) int {
	if len(r) < 4 {
		return 0
	}
	var y int
	if _, err := fmt.Sscanf(string(r[:4]), "%4d", &y); err != nil || y < 1900 || y > 2039 {
		return 0
	}
	for _, c := range r[:4] {
		if c < '0' || c > '9' {
			return 0
		}
	}
	return 4
}

// unleet lowers a text and undoes the usual substitutions, character by character.
func unleet(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '0':
			return 'o'
		case '1', '!', '|':
			return 'i'
		case '3':
			return 'e'
		case '4', '@':
			return 'a'
		case '5', '$':
			return 's'
		case '7':
			return 't'
		}
		return unicode.ToLower(r)
	}, s)
}

// commonAt is the length and rank of the longest common password at the start, or 0.
func commonAt(r []rune) (length, rank int) {
	s := string(r[:min(len(r), 16)]) // longer than any of the list
	for i, p := range commonPasswords() {
		if n := utf8.RuneCountInString(p); n > length && strings.HasPrefix(s, p) {
			length, rank = n, i
		}
	}
	return length, rank
}

// commonPasswords lists what leads every list of leaked passwords, unleeted as unleet does it. It is short on
// purpose: what it does not know still pays no more than a dictionary word.
func commonPasswords() []string {
	return []string{
		"password", "iloveyou", "welcome", "letmein", "monkey", "dragon", "qwerty", "admin", "login", "princess", "sunshine",
		"football", "baseball", "master", "shadow", "superman", "batman", "michael", "jordan", "hunter", "trustnoi",
		"passwort", "hallo", "schatz", "motdepasse", "azerty", "contrasena", "senha", "parola", "secret", "geheim",
		"keyferry", "passkey", "changeme", "default", "access", "flower", "cheese", "computer", "internet", "starwars",
		"pokemon", "freedom", "whatever", "charlie", "summer", "winter", "spring", "autumn", "love", "test", "pass", "root", "user",
	}
}
