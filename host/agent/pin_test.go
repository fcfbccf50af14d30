package agent

import (
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// Somebody who has seen the PIN sets it anew, every eleven hours, with nothing but that PIN. It ends all the same
// twelve hours after the passphrase was last given.
func TestAPINDoesNotRenewItself(t *testing.T) {
	r := newRig(t)
	now := bootTime()
	r.stop()
	a := newAgent(r.cfg)
	a.clock = func() time.Duration { return now }
	if err := a.keepMade(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.keep.close() }()
	set := func() {
		t.Helper()
		v, err := a.keep.open()
		if err != nil {
			t.Fatal(err)
		}
		blob, err := v.SealPIN([]byte("482907"))
		if err != nil {
			t.Fatal(err)
		}
		a.keep.renewPIN(blob)
	}
	byPIN := func() error { return a.check(t.Context(), protocol.Secret{Pin: "482907"}) }
	if err := a.check(t.Context(), protocol.Secret{Passphrase: goodPhrase}); err != nil {
		t.Fatal(err)
	}
	set()
	now += 11 * time.Hour
	if err := byPIN(); err != nil {
		t.Fatal(err)
	}
	set()
	now += 2 * time.Hour
	if byPIN() == nil {
		t.Error("13 hours after the passphrase the PIN still counts")
	}
	if err := a.check(t.Context(), protocol.Secret{Passphrase: goodPhrase}); err != nil {
		t.Fatal(err)
	}
	if err := byPIN(); err != nil {
		t.Errorf("the passphrase was given, but the PIN is refused: %v", err)
	}
}
