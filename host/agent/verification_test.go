package agent

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

func flags(t *testing.T, r protocol.WebAuthnResult) byte {
	t.Helper()
	var c struct {
		Response struct {
			AuthenticatorData string `json:"authenticatorData"`
		} `json:"response"`
	}
	if err := json.Unmarshal(r.Credential, &c); err != nil {
		t.Fatal(err)
	}
	data, err := base64.RawURLEncoding.DecodeString(c.Response.AuthenticatorData)
	if err != nil || len(data) < 37 {
		t.Fatalf("authenticator data %q: %v", c.Response.AuthenticatorData, err)
	}
	return data[32]
}

func verifiedFlag(t *testing.T, r protocol.WebAuthnResult) bool { return flags(t, r)&4 != 0 }

func TestVerificationRule(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault() // by this the person was verified just now
	c.register(tab(1, site), "example.com", nil)
	signIn := func(requirement string, s protocol.Secret) (protocol.CeremonyView, protocol.WebAuthnResult, error) {
		p, shown := c.begin(tab(1, site), get("example.com", map[string]any{"userVerification": requirement}))
		v, err := c.approve(shown, s)
		if err != nil {
			c.must(page("approve"), "ceremony.refuse", protocol.CeremonyRefuse{Ceremony: shown.Ceremony}, nil)
		}
		return v, p.result(), err
	}
	for _, req := range []string{"required", "preferred", "discouraged"} {
		v, out, err := signIn(req, protocol.Secret{})
		if err != nil || v.Verify != "none" || !verifiedFlag(t, out) {
			t.Errorf("within the window, %s: %v, verify %q, UV %v", req, err, v.Verify, verifiedFlag(t, out))
		}
	}
	// Without a window: a new session of the same browser.
	c = r.browser(c.key)
	for _, req := range []string{"preferred", "discouraged"} {
		v, out, err := signIn(req, protocol.Secret{})
		if err != nil || v.Verify != "none" || verifiedFlag(t, out) {
			t.Errorf("out of the window, %s: %v, verify %q", req, err, v.Verify)
		}
	}
	v, out, err := signIn("required", protocol.Secret{})
	wantCode(t, "required without a secret", err, protocol.CodeVerification)
	wantDOM(t, "required without a secret", out, "NotAllowedError")
	if v.Verify != "here" {
		t.Errorf("verify %q", v.Verify)
	}
	_, _, err = signIn("required", protocol.Secret{Passphrase: "wrong"})
	wantCode(t, "required with a wrong secret", err, protocol.CodeWrongSecret)
	_, out, err = signIn("required", protocol.Secret{Passphrase: goodPhrase})
	if err != nil || !verifiedFlag(t, out) {
		t.Errorf("required with the passphrase: %v", err)
	}
	if _, out, err = signIn("preferred", protocol.Secret{}); err != nil || !verifiedFlag(t, out) {
		t.Errorf("the window did not open: %v", err)
	}
	// Another session has a window of its own.
	c = r.browser(c.key)
	r.person.says(goodPhrase)
	v, out, err = signIn("required", protocol.Secret{Passphrase: "not looked at where there is a dialog"})
	if err != nil || v.Verify != "dialog" || !verifiedFlag(t, out) {
		t.Errorf("required with a dialog: %v, verify %q", err, v.Verify)
	}
	if d := r.person.seen()[0].Description; !strings.Contains(d, "sign in to example.com") {
		t.Errorf("the dialog said %q", d)
	}
	c = r.browser(c.key)
	r.person.answer(func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused })
	_, _, err = signIn("required", protocol.Secret{})
	wantCode(t, "the dialog is cancelled", err, protocol.CodeDenied)
}

func TestWindowOfVerificationEnds(t *testing.T) {
	s := &session{}
	s.verified(time.Hour)
	for _, x := range []struct {
		now, window time.Duration
		want        bool
	}{
		{time.Hour, time.Minute, true}, {time.Hour + 59*time.Second, time.Minute, true}, {time.Hour + time.Minute, time.Minute, false},
		{time.Hour, 0, false}, {time.Minute, time.Hour, false},
	} {
		if got := s.holds(x.now, x.window); got != x.want {
			t.Errorf("at %v with %v: %v", x.now, x.window, got)
		}
	}
	if new(session).holds(time.Second, time.Minute) || (*session)(nil).holds(time.Second, time.Minute) {
		t.Error("never verified, and yet it holds")
	}
}

func TestLockedVaultWaitsForTheWindow(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	r.stop()
	r.start()
	c = r.browser(c.key)
	p, shown := c.begin(tab(1, site), get("example.com", map[string]any{"userVerification": "preferred"}))
	other, otherShown := c.begin(tab(2, "https://other.example"), get("other.example", nil))
	v := c.describe(shown)
	if v.State != "locked" || len(v.Accounts) != 0 || v.Site != "example.com" {
		t.Errorf("%+v", v)
	}
	q := protocol.CeremonyApprove{Ceremony: v.Ceremony, Hash: v.Hash}
	wantCode(t, "yes to a locked vault", c.call(page("approve"), "ceremony.approve", q, nil), protocol.CodeLocked)
	u := protocol.CeremonyUnlock{Ceremony: shown.Ceremony, Secret: protocol.Secret{Passphrase: "wrong"}}
	wantCode(t, "a wrong passphrase", c.call(page("approve"), "ceremony.unlock", u, nil), protocol.CodeWrongSecret)
	u.Secret.Passphrase = goodPhrase
	c.must(page("approve"), "ceremony.unlock", u, &v)
	if v.State != "ready" || len(v.Accounts) != 1 || v.Verify != "none" {
		t.Errorf("%+v", v)
	}
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	if out := p.result(); !verifiedFlag(t, out) {
		t.Error("unlocking within the ceremony did not count as verification")
	}
	// The other one turns out to be nothing for us.
	if out := other.result(); out.Outcome != "browser" || out.Reason != "no-match" {
		t.Errorf("%+v", out)
	}
	var end protocol.CeremonyEnd
	for end.Ceremony != otherShown.Ceremony {
		c.event("ceremony.end", &end)
	}
}

func TestStrangerGetsNothingFromAnUnlock(t *testing.T) {
	r := newRig(t)
	owner, _ := r.withVault()
	owner.register(tab(1, site), "example.com", nil)
	r.stop()
	r.start()
	stranger := r.browser(nil)
	p, shown := stranger.begin(tab(1, site), get("example.com", nil))
	err := stranger.call(page("approve"), "ceremony.unlock", protocol.CeremonyUnlock{Ceremony: shown.Ceremony, Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	wantCode(t, "unlock", err, protocol.CodeNotPaired)
	wantCode(t, "get", p.answer(nil), protocol.CodeNotPaired)
}
