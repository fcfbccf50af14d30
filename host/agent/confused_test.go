package agent

import (
	"strings"
	"testing"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// A program of the user has its bridge wait for a terminal and confirms its own code, while the person pairs their
// browser. The dialog that they get must show the code to compare, and say to cancel.
func TestConfirmingAPairingShowsItsCode(t *testing.T) {
	r := newRig(t)
	r.withVault()
	stranger := r.browser(nil)
	call := stranger.send(page("welcome"), "pair", protocol.PairRequest{})
	var shown protocol.PairCode
	stranger.event("pair.code", &shown)
	r.person.answer(func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused })
	cli := r.cli()
	wantCode(t, "the person compares", cli.call(nil, "pair.confirm", protocol.PairConfirm{Code: shown.Code}, nil), protocol.CodeDenied)
	if asked := r.person.seen(); len(asked) != 1 || !strings.Contains(asked[0].Description, shown.Code) || !strings.Contains(asked[0].Description, "cancel") {
		t.Errorf("the dialog said %+v, the code is %q", asked, shown.Code)
	}
	call.cancel()
	if err := call.answer(nil); err == nil {
		t.Error("it was paired")
	}
}

// Whoever asks for the vault is let in by the dialog that makes it, and learns the recovery phrase. A program that asks at
// the moment when the person expects their browser's dialog must not pass for it.
func TestMakingAVaultShowsACode(t *testing.T) {
	r := newRig(t)
	c := r.browser(nil)
	c.must(nil, "session", c.signed(), nil)
	r.person.says(goodPhrase)
	var made protocol.VaultCreated
	call := c.send(page("welcome"), "vault.create", protocol.VaultCreate{})
	var shown protocol.PairCode
	c.event("pair.code", &shown)
	if err := call.answer(&made); err != nil {
		t.Fatal(err)
	}
	asked := r.person.seen()
	if len(asked) == 0 || !strings.Contains(asked[0].Description, shown.Code) || shown.Code == "" || shown.Terminal {
		t.Errorf("the dialog said %+v, the page shows %+v", asked, shown)
	}
	if made.Browser == nil {
		t.Error("and yet nobody is let in by it: the code is of no use")
	}
}
