package agent

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// A program that calls itself the command line, or a browser, can't wear the person down with dialogs, and does not
// use up what the paired browser may ask.
func TestDismissedDialogsRunOut(t *testing.T) {
	var ahead atomic.Int64
	r := newRig(t)
	owner, _ := r.withVault()
	key := owner.key
	r.stop()
	r.tune = func(a *agent) { a.clock = func() time.Duration { return bootTime() + time.Duration(ahead.Load()) } }
	r.start()
	paired := r.browser(key)
	paired.must(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	r.person.answer(func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused })

	shown := func() int { return len(r.person.seen()) }
	// Each asks again by a new connection, which is nobody new.
	for who, ask := range map[string]func() error{
		"the command line": func() error { return r.cli().call(nil, "list", nil, nil) },
		"strangers": func() error {
			return r.browser(nil).call(page("welcome"), "pair", protocol.PairRequest{Label: "x"}, nil)
		},
		"the paired one": func() error { return paired.call(page("settings"), "rekey", nil, nil) },
	} {
		before := shown()
		for range dialogBurst {
			wantCode(t, who, ask(), protocol.CodeDenied)
		}
		wantCode(t, who+", once more", ask(), protocol.CodeRateLimited)
		if n := shown() - before; n != dialogBurst {
			t.Errorf("%s: %d dialogs were shown", who, n)
		}
		ahead.Add(int64(dialogRefill))
		wantCode(t, who+", later", ask(), protocol.CodeDenied)
		wantCode(t, who+", later and again", ask(), protocol.CodeRateLimited)
	}
}

// What the person agrees to costs nothing.
func TestAgreedDialogsDoNotRunOut(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Dialogs = 2 })
	r.withVault()
	r.person.says(goodPhrase)
	cli := r.cli()
	for range 5 {
		cli.must(nil, "list", nil, nil)
	}
}
