package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// maxTries is how often one dialog sequence asks again after a wrong secret.
const maxTries = 3

// dialog is a question to the person: what it says, and for whom.
type dialog struct {
	where   protocol.Where
	purpose string // "sign in to example.com", to follow "to"
	asker   string // "chromium", "the command line"
	note    string // more lines, ours alone
	// typed is what came by our own page or the terminal; byHand says that the sender may pass such a thing on.
	typed  protocol.Secret
	byHand bool
}

// text is what it says.
func (d dialog) text() string {
	text := "To " + consent.Clean(d.purpose, 300) + ".\n" + askedForBy(d.asker)
	if d.note != "" {
		text += "\n\n" + d.note
	}
	return text
}

// unlock opens the vault. Two askers at once share one dialog's result: the second finds it open. opened is true where
// this call opened it, and with it verified the person.
func (a *agent) unlock(ctx context.Context, d dialog) (opened bool, err error) {
	select {
	case a.keep.opening <- struct{}{}:
		defer func() { <-a.keep.opening }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if _, err := a.keep.open(); err == nil {
		return false, nil
	} else if !errors.Is(err, errLockedVault()) {
		return false, err
	}
	err = a.askSecret(ctx, d, "Unlock Keyferry", a.openTyped)
	return err == nil, err
}

// openTyped opens the vault with what a person typed.
func (a *agent) openTyped(ctx context.Context, s protocol.Secret) error {
	secret, err := a.vaultSecret(ctx, s)
	if err != nil {
		return err
	}
	defer secret.Clear()
	v, took, err := a.openWith(ctx, secret)
	if err != nil {
		return err
	}
	a.upgradeCost(v, s, took)
	if s.Pin == "" {
		a.keep.passphraseGiven()
	}
	if err := os.Remove(a.lockedMark()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Warn().Err(err).Msg("the mark of the last lock stays; a keyring will not open the vault")
	}
	return nil
}

// openWith opens the vault, and lets everything go on that waited for it. took is the opening alone.
func (a *agent) openWith(ctx context.Context, secret vault.Secret) (v *vault.Vault, took time.Duration, err error) {
	began := time.Now()
	if v, err = vault.Open(ctx, a.cfg.Profile.VaultDir, secret, a.vaultOptions()); err != nil {
		a.keep.noteDamage(err)
		return nil, 0, err
	}
	took = time.Since(began)
	if err := a.keep.take(ctx, v); err != nil {
		return nil, 0, errors.Join(err, v.Close())
	}
	a.log.Info().Msg("vault unlocked")
	a.purge(v)
	a.ceremonies.unlocked()
	a.statusChanged()
	return v, took, nil
}

// vaultSecret turns what was typed into what opens the vault. A PIN opens the blob that holds the vault's own key.
// A sender gives one secret: of two, one would be tried and the other believed.
func (a *agent) vaultSecret(ctx context.Context, s protocol.Secret) (vault.Secret, error) {
	switch {
	case s.Recovery != "" && s.Pin != "", s.Recovery != "" && s.Passphrase != "", s.Pin != "" && s.Passphrase != "":
		return vault.Secret{}, badRequest("a passphrase, a PIN or a recovery phrase, not several at once")
	case s.Recovery != "":
		return vault.RecoveryPhrase([]string{s.Recovery})
	case s.Pin != "":
		return a.keep.openPIN(ctx, []byte(s.Pin))
	case s.Passphrase != "":
		return vault.Passphrase([]byte(s.Passphrase)), nil
	}
	return vault.Secret{}, protocol.Errorf(protocol.CodeWrongSecret, "the passphrase is empty")
}

func (a *agent) vaultOptions() vault.Options {
	o := a.cfg.Vault
	o.Log = a.log
	return o
}

// askSecret gets a passphrase or PIN from the person, in the agent's dialog where there is one, and tries it. Without
// a dialog it takes what was typed by hand elsewhere, once.
func (a *agent) askSecret(ctx context.Context, d dialog, title string, try func(context.Context, protocol.Secret) error) error {
	if d.byHand && d.typed.Recovery != "" { // a recovery phrase is always typed into our own page or the terminal
		return try(ctx, d.typed)
	}
	p, done, err := a.dialogAt(ctx, d.where)
	if errors.Is(err, consent.ErrNoDialog) {
		return a.tryTyped(ctx, d, try)
	}
	if err != nil {
		return err
	}
	defer done()
	wrong := ""
	for n := 1; ; n++ {
		secret, err := a.askOnce(ctx, p, d, title, wrong)
		if errors.Is(err, consent.ErrNoDialog) && n == 1 {
			return a.tryTyped(ctx, d, try) // it could not show itself after all
		}
		if err != nil {
			return err
		}
		err = try(ctx, secret)
		if err == nil || !errors.Is(err, protocol.Errorf(protocol.CodeWrongSecret, "")) && !errors.Is(err, vault.ErrWrongSecret) || n == maxTries {
			return err
		}
		wrong = "That was not right. " + triesLeft(maxTries-n)
	}
}

// askOnce shows the dialog once. Digits alone are the PIN where one is set.
func (a *agent) askOnce(ctx context.Context, p consent.Prompter, d dialog, title, wrong string) (protocol.Secret, error) {
	label := "Passphrase:"
	hasPIN := a.keep.hasPIN()
	if hasPIN {
		label = "PIN or passphrase:"
	}
	typed, err := p.Ask(ctx, consent.Prompt{Title: title, Description: d.text(), Label: label, Error: wrong, OK: "OK", Cancel: "Cancel"})
	if err != nil {
		return protocol.Secret{}, err
	}
	defer clear(typed)
	if hasPIN && isPIN(typed) {
		return protocol.Secret{Pin: string(typed)}, nil
	}
	return protocol.Secret{Passphrase: string(typed)}, nil
}

func (a *agent) tryTyped(ctx context.Context, d dialog, try func(context.Context, protocol.Secret) error) error {
	if !d.byHand || d.typed == (protocol.Secret{}) {
		return consent.ErrNoDialog
	}
	return try(ctx, d.typed)
}

func triesLeft(n int) string {
	if n == 1 {
		return "One try left."
	}
	return fmt.Sprintf("%d tries left.", n)
}

// prompter finds the dialog for a place. A test build that decides by itself shows none.
func (a *agent) prompter(w protocol.Where) (consent.Prompter, error) {
	if a.cfg.Prompt == nil || a.decide("verify") != Ask {
		return nil, consent.ErrNoDialog
	}
	p, err := a.cfg.Prompt(w)
	if name := a.furtherProfile(); err == nil && name != "" {
		return named{p, name}, nil
	}
	return p, err
}

// decide asks the test build's decider; a release build has none and always asks the person.
func (a *agent) decide(question string) Decision {
	if a.cfg.Test == nil {
		return Ask
	}
	return a.cfg.Test.Decide(question)
}
