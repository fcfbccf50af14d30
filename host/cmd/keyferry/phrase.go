package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
)

// checkedWords is how many words of a new recovery phrase are asked for: enough to notice that it was not written down.
const checkedWords = 3

// errUnchecked: the person could not say the words. The phrase is good all the same.
var errUnchecked = errors.New("the recovery phrase was not confirmed; the vault is made and the phrase opens it, but if it is not on paper, `keyferry slots add recovery` gives you another one")

func recoveryText(w io.Writer, title string, words []string) {
	fmt.Fprintf(w, "%s\n\nThis is its recovery phrase, shown only now. Write it on paper: it opens the vault when the\npassphrase is forgotten, and nobody can give it to you again.\n\n", title)
	for i, word := range words {
		end := "  "
		if i%4 == 3 || i == len(words)-1 {
			end = "\n"
		}
		fmt.Fprintf(w, "%3d %-12s%s", i+1, word, end)
	}
	fmt.Fprintln(w)
}

// checkPhrase has the person at the terminal say three words of the phrase, with the phrase off the screen. Where there
// is no terminal nobody can be asked.
func (a *app) checkPhrase(words []string) error {
	if a.json {
		return nil
	}
	t, err := openTerminal()
	if errors.Is(err, errNoTerminal) {
		return nil
	}
	if err != nil {
		return err
	}
	defer t.Close()
	info, err := os.Stdout.Stat()
	return t.checkPhrase(a.ctx, words, err == nil && info.Mode()&os.ModeCharDevice != 0)
}

// checkPhrase asks until the words were right, and shows the phrase again in between, three times at most.
func (t *terminal) checkPhrase(ctx context.Context, words []string, onScreen bool) error {
	const rounds = 3
	for round := range rounds {
		if round > 0 {
			recoveryText(t.out, "Here it is once more.", words)
			onScreen = true
		}
		if _, err := t.line(ctx, "Press Enter when it is on paper. Three of its words are asked for then. "); err != nil {
			return errors.Join(errUnchecked, err)
		}
		if onScreen {
			// Screen and what was scrolled out of it.
			fmt.Fprint(t.out, "\x1b[H\x1b[2J\x1b[3J")
		}
		right, err := t.knows(ctx, words)
		if err != nil {
			return errors.Join(errUnchecked, err)
		}
		if right {
			fmt.Fprintln(t.out, "Right. Keep the paper where nobody else looks.")
			return nil
		}
		fmt.Fprintln(t.out, "That is not what the phrase says.")
	}
	return errUnchecked
}

// knows asks for three words, in the order in which they stand on the paper.
func (t *terminal) knows(ctx context.Context, words []string) (bool, error) {
	asked := rand.Perm(len(words))[:min(checkedWords, len(words))]
	slices.Sort(asked)
	right := true
	for _, n := range asked {
		word, err := t.line(ctx, fmt.Sprintf("Word %d: ", n+1))
		if err != nil {
			return false, err
		}
		right = right && strings.EqualFold(strings.TrimSpace(word), words[n])
	}
	return right, nil
}
