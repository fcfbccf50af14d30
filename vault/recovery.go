package vault

import (
	"crypto/rand"
	_ "embed" // the word list
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A recovery phrase is 15 words of a list of 2,048 (the English list of BIP-39, whose words differ in their first four letters):
// 12 random ones, 132 bits, and 3 that check them. The check words are those of a Reed-Solomon code over GF(2¹¹), so one
// wrong word is not only noticed but found, and any two or three are noticed.

//go:embed words.txt
var wordText string

var recoveryWords = sync.OnceValue(func() []string { return strings.Fields(wordText) })

const (
	phraseData  = 12
	phraseCheck = 3
	phraseWords = phraseData + phraseCheck
)

// PhraseError says what is wrong with a recovery phrase that was typed in.
type PhraseError struct {
	Position    int      // of the wrong word, from 1; 0: the number of words is wrong, or several words are
	Word        string   // what stands there
	Suggestions []string // what was probably meant, best first; may be empty
	Count       int      // how many words there are
}

func (e *PhraseError) Error() string {
	switch {
	case e.Count != phraseWords:
		return fmt.Sprintf("a recovery phrase has %d words, not %d", phraseWords, e.Count)
	case e.Position == 0:
		return "several words of the recovery phrase are wrong or out of order; compare them with your copy"
	case len(e.Suggestions) > 0:
		return fmt.Sprintf("word %d of the recovery phrase, %q, is wrong; perhaps %s", e.Position, e.Word, strings.Join(e.Suggestions, " or "))
	}
	return fmt.Sprintf("word %d of the recovery phrase, %q, is wrong", e.Position, e.Word)
}

// Is makes errors.Is(err, ErrWrongSecret) true.
func (e *PhraseError) Is(target error) bool { return target == ErrWrongSecret }

// NewRecoveryPhrase makes a phrase. The words are to be shown once; the secret goes into AddSlot.
func NewRecoveryPhrase() ([]string, Secret) {
	var c [phraseWords]uint16
	var b [2 * phraseData]byte
	rand.Read(b[:])
	for i := range phraseData {
		c[i] = binary.BigEndian.Uint16(b[2*i:]) & 0x7FF
	}
	clear(b[:])
	addCheckWords(&c)
	words := make([]string, phraseWords)
	for i, n := range c {
		words[i] = recoveryWords()[n]
	}
	return words, phraseSecret(&c)
}

// RecoveryPhrase reads a phrase that was typed in. Case, accents, numbers and punctuation don't matter, four letters
// of a word are enough, and one wrong letter is forgiven where the check words agree. Else: *PhraseError.
func RecoveryPhrase(words []string) (Secret, error) {
	var typed []string
	for _, w := range words {
		typed = append(typed, strings.FieldsFunc(fold(w), func(r rune) bool { return !unicode.IsLetter(r) })...)
		if len(typed) > 4*phraseWords {
			break
		}
	}
	if len(typed) != phraseWords {
		return Secret{}, &PhraseError{Count: len(typed)}
	}
	var c [phraseWords]uint16
	unknown := []int{}
	for i, w := range typed {
		n, ok := nearestWord(w)
		if !ok {
			unknown = append(unknown, i)
		}
		c[i] = uint16(n)
	}
	if len(unknown) == 0 && checkWords(&c) {
		return phraseSecret(&c), nil
	}
	return Secret{}, findWrongWord(typed, c, unknown)
}

// findWrongWord solves for the one word that makes the others right.
func findWrongWord(typed []string, c [phraseWords]uint16, unknown []int) error {
	e := &PhraseError{Count: phraseWords}
	places := unknown
	if len(unknown) == 0 {
		for i := range typed {
			places = append(places, i)
		}
	}
	if len(unknown) <= 1 {
		for _, i := range places {
			if n, ok := solveWord(c, i); ok {
				e.Position, e.Word, e.Suggestions = i+1, typed[i], []string{recoveryWords()[n]}
				return e
			}
		}
	}
	if len(unknown) > 0 {
		i := unknown[0]
		e.Position, e.Word, e.Suggestions = i+1, typed[i], similarWords(typed[i])
	}
	return e
}

func phraseSecret(c *[phraseWords]uint16) Secret {
	b := make([]byte, 0, 2*phraseData)
	for _, n := range c[:phraseData] {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return Secret{kind: SlotRecovery, value: b}
}

// CompleteWord lists the words of recovery phrases that begin with the letters typed so far, at most ten.
func CompleteWord(prefix string) []string {
	list := recoveryWords()
	i, _ := slices.BinarySearch(list, prefix)
	var out []string
	for ; i < len(list) && strings.HasPrefix(list[i], prefix) && len(out) < 10; i++ {
		out = append(out, list[i])
	}
	return out
}

// nearestWord finds the word that was meant: the word itself, the only one with these first letters (four or more), or
// the only one that is one slip away.
func nearestWord(w string) (int, bool) {
	list := recoveryWords()
	i, ok := slices.BinarySearch(list, w)
	if ok {
		return i, true
	}
	if len(w) >= 4 && i < len(list) && strings.HasPrefix(list[i], w) {
		return i, true
	}
	found, n := 0, 0
	for i, c := range list {
		if slip(w, c) {
			found = i
			n++
		}
	}
	return found, n == 1
}

func similarWords(w string) []string {
	var out []string
	for _, c := range recoveryWords() {
		if slip(w, c) || len(w) >= 3 && strings.HasPrefix(c, w[:3]) {
			out = append(out, c)
		}
		if len(out) == 3 {
			break
		}
	}
	return out
}

// slip: the two differ by one letter put in, left out or changed, or by two neighbours exchanged.
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return i < len(a) && (a[i+1:] == b[i+1:] ||
		i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:])
}
