package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

func testWords() (words []string) {
	for n := range 15 {
		words = append(words, fmt.Sprint("word", n+1))
	}
	return words
}

// answerWords plays a person who has the paper: reads which word is wanted and types it, wrong ones first.
func answerWords(t *testing.T, person *os.File, wrong int, words []string) (screen string) {
	t.Helper()
	for {
		screen += readUntil(t, person, "asked for then. ")
		if _, err := person.WriteString("\n"); err != nil {
			t.Fatal(err)
		}
		for n := range checkedWords {
			screen += readUntil(t, person, "Word ")
			number := readUntil(t, person, ": ")
			at, err := strconv.Atoi(strings.TrimSuffix(number, ": "))
			if err != nil {
				t.Fatal(err)
			}
			word := " " + strings.ToUpper(words[at-1])
			if wrong > 0 && n == checkedWords-1 {
				word = "nonsense"
			}
			if _, err := person.WriteString(word + "\n"); err != nil {
				t.Fatal(err)
			}
		}
		if wrong--; wrong < 0 {
			return screen
		}
	}
}

// Three words are asked for, in the order of the paper, with the phrase off the screen; a wrong one shows it again.
func TestPhraseIsChecked(t *testing.T) {
	words := testWords()
	for wrong := range 3 {
		person, program := openPty(t)
		done := make(chan error, 1)
		go func() { done <- program.checkPhrase(t.Context(), words, true) }()
		screen := answerWords(t, person, wrong, words)
		readUntil(t, person, "Right. ")
		if err := <-done; err != nil {
			t.Errorf("%d wrong: %v", wrong, err)
		}
		if n := strings.Count(screen, "\x1b[2J"); n != wrong+1 {
			t.Errorf("%d wrong: the screen was cleared %d times", wrong, n)
		}
		if n := strings.Count(screen, "once more"); n != wrong {
			t.Errorf("%d wrong: the phrase was shown %d times more", wrong, n)
		}
	}
}

func TestPhraseThatWasNotWrittenDown(t *testing.T) {
	words := testWords()
	person, program := openPty(t)
	done := make(chan error, 1)
	go func() { done <- program.checkPhrase(t.Context(), words, false) }()
	answerWords(t, person, 2, append([]string{"x"}, words...))
	if err := <-done; !errors.Is(err, errUnchecked) {
		t.Errorf("got %v", err)
	}
}

// The words that are asked for change, and never come twice in one check.
func TestAskedWordsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 20 {
		person, program := openPty(t)
		done := make(chan error, 1)
		go func() { done <- program.checkPhrase(t.Context(), testWords(), false) }()
		readUntil(t, person, "asked for then. ")
		fmt.Fprintln(person)
		readUntil(t, person, "Word ")
		seen[readUntil(t, person, ": ")] = true
		if _, err := person.Write([]byte{4}); err != nil { // end of input: the person gives up
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, errUnchecked) {
			t.Errorf("given up: %v", err)
		}
	}
	if len(seen) < 2 {
		t.Errorf("always the same word first: %v", seen)
	}
}
