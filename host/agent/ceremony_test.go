package agent

import (
	"testing"

	"github.com/keyferry/keyferry/host/protocol"
)

func TestRegisterAndSignIn(t *testing.T) {
	r := newRig(t)
	c, made := r.withVault()
	if len(made.RecoveryPhrase) < 12 || made.Browser == nil || !made.Browser.Current {
		t.Fatalf("vault.create: %+v", made)
	}
	s := tab(1, "https://login.example.com")
	out := c.register(s, "example.com", nil)

	// Until the page has it, it is pending.
	var view protocol.CeremonyView
	p := c.send(s, "webauthn.get", get("example.com", nil))
	var shown protocol.CeremonyShow
	c.event("ceremony.show", &shown)
	c.must(page("approve"), "ceremony.describe", protocol.CeremonyRef{Ceremony: shown.Ceremony}, &view)
	if len(view.Accounts) != 1 || !view.Accounts[0].Pending || view.Site != "example.com" || view.State != "ready" || view.Accounts[0].UserName != "ann@example.com" {
		t.Errorf("view: %+v", view)
	}
	c.must(s, "webauthn.delivered", protocol.Delivered{Ceremony: out.Ceremony}, nil)
	// What was shown has changed meanwhile: the yes to it does not count.
	err := c.call(page("approve"), "ceremony.approve", protocol.CeremonyApprove{Ceremony: view.Ceremony, Hash: view.Hash, Account: view.Accounts[0].ID}, nil)
	wantCode(t, "yes to what is no more", err, protocol.CodeStale)
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	var got protocol.WebAuthnResult
	if err := p.answer(&got); err != nil || got.Outcome != "credential" {
		t.Fatalf("%+v, %v", got, err)
	}
	p = c.send(s, "webauthn.get", get("example.com", nil))
	c.event("ceremony.show", &shown)
	view = protocol.CeremonyView{}
	c.must(page("approve"), "ceremony.describe", protocol.CeremonyRef{Ceremony: shown.Ceremony}, &view)
	if view.Accounts[0].Pending {
		t.Error("still pending after its delivery was confirmed")
	}
	c.must(page("approve"), "ceremony.refuse", protocol.CeremonyRefuse{Ceremony: shown.Ceremony}, nil)
	if err := p.answer(&got); err != nil || got.Error == nil || got.Error.Name != "NotAllowedError" {
		t.Errorf("refused: %+v, %v", got, err)
	}
}
