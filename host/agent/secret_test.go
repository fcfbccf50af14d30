package agent

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// A program that knows no secret sends two at once: a recovery phrase of its own making, which is a phrase all right, and a
// PIN. Neither is proof of anybody.
func TestTwoSecretsAtOnceProveNothing(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	words, _ := vault.NewRecoveryPhrase()
	forged := protocol.Secret{Recovery: strings.Join(words, " "), Pin: "123456"}
	r.person.answer(func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused })
	cli := r.cli()
	for _, both := range []protocol.Secret{forged, {Recovery: forged.Recovery, Passphrase: "x"}, {Pin: "123456", Passphrase: "x", Recovery: forged.Recovery}} {
		var added protocol.SlotAdded
		if err := cli.call(nil, "slots.add", protocol.SlotAdd{Kind: "recovery", Secret: both}, &added); err == nil {
			t.Errorf("a program without any secret got a way into the vault: %d words", len(added.RecoveryPhrase))
		}
		if err := cli.call(nil, "list", protocol.ListRequest{Secret: both}, nil); err == nil {
			t.Error("and a list of everything")
		}
		if err := c.call(page("settings"), "settings.set", protocol.Settings{LockAfterMs: 43_200_000, Secret: both}, nil); err == nil {
			t.Error("a page without any secret changed the settings")
		}
	}
}

// Each try takes a quarter of a gigabyte: a program that asks for many at once, without a dialog, gets them one by one.
func TestGuessesComeOneByOne(t *testing.T) {
	r := newRig(t)
	r.withVault()
	guess := protocol.Secret{Passphrase: "a guess"}
	r.a.keep.trying <- struct{}{} // somebody's try is under way
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.a.check(ctx, guess); !errors.Is(err, context.Canceled) {
		t.Errorf("a second try beside the first: %v", err)
	}
	<-r.a.keep.trying
	if err := r.a.check(t.Context(), guess); !errors.Is(err, vault.ErrWrongSecret) {
		t.Errorf("a try by itself: %v", err)
	}
}
