package agent

import (
	"errors"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

const site = "https://example.com"

// begin sends a get and waits for its window.

func (c *client) begin(s *protocol.Sender, q protocol.GetRequest) (*pendingCall, protocol.CeremonyShow) {
	c.t.Helper()
	p := c.send(s, "webauthn.get", q)
	var shown protocol.CeremonyShow
	c.event("ceremony.show", &shown)
	return p, shown
}

func (c *client) describe(shown protocol.CeremonyShow) protocol.CeremonyView {
	c.t.Helper()
	var v protocol.CeremonyView
	c.must(page("approve"), "ceremony.describe", protocol.CeremonyRef{Ceremony: shown.Ceremony}, &v)
	return v
}

// flags are the flags of an assertion's authenticator data (WebAuthn §6.1).

func (p *pendingCall) result() protocol.WebAuthnResult {
	p.c.t.Helper()
	var out protocol.WebAuthnResult
	if err := p.answer(&out); err != nil {
		p.c.t.Fatal(err)
	}
	return out
}

func wantDOM(t *testing.T, what string, got protocol.WebAuthnResult, name string) {
	t.Helper()
	if got.Outcome != "error" || got.Error == nil || got.Error.Name != name {
		t.Errorf("%s: %+v %+v, want %s", what, got, got.Error, name)
	}
}

func TestToTheBrowserWithoutAWindow(t *testing.T) {
	r := newRig(t)
	c := r.browser(nil)
	out := c.send(tab(1, site), "webauthn.get", get("example.com", nil)).result()
	if out.Outcome != "browser" || out.Reason != "not-ready" {
		t.Errorf("without a vault: %+v", out)
	}
	c.must(page("welcome"), "vault.create", protocol.VaultCreate{Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	c.register(tab(1, site), "example.com", nil)
	c.event("ceremony.end", nil)
	hidden := get("example.com", nil)
	hidden.Visible = false
	silent := get("example.com", nil)
	silent.Mediation = "silent"
	forbidden := get("example.com", nil)
	forbidden.Delegated = false
	for name, x := range map[string]struct {
		s      *protocol.Sender
		q      protocol.GetRequest
		reason string
	}{
		"nothing here":  {tab(1, "https://other.example"), get("other.example", nil), "no-match"},
		"RP ID refused": {tab(1, "https://evil-example.com"), get("example.com", nil), "rp-id"},
		"public suffix": {tab(1, site), get("com", nil), "rp-id"},
		"an IP address": {tab(1, "https://127.0.0.1"), get("127.0.0.1", nil), "origin"},
		"opaque":        {tab(1, "null"), get("example.com", nil), "origin"},
		"hidden tab":    {tab(1, site), hidden, "not-ready"},
		"silent":        {tab(1, site), silent, "mediation"},
		"policy":        {tab(1, site), forbidden, "policy"},
		"other credential": {tab(1, site), get("example.com", map[string]any{"allowCredentials": []map[string]any{
			{"type": "public-key", "id": "AAAA"}}}), "no-match"},
	} {
		if out := c.send(x.s, "webauthn.get", x.q).result(); out.Outcome != "browser" || out.Reason != x.reason {
			t.Errorf("%s: %+v", name, out)
		}
	}
	c.must(page("popup"), "site.set", protocol.SiteSet{Origin: "https://login.example.com", Off: true}, nil)
	if out := c.send(tab(1, site), "webauthn.get", get("example.com", nil)).result(); out.Reason != "site-off" {
		t.Errorf("switched off: %+v", out)
	}
	var off protocol.SitesOff
	c.must(nil, "sites.off", nil, &off)
	if len(off.Sites) != 1 || off.Sites[0] != "example.com" {
		t.Errorf("sites.off: %+v", off)
	}
	select {
	case f := <-c.events:
		if f.Event == "ceremony.show" {
			t.Error("a window was opened for one of them")
		}
	default:
	}
	var info protocol.SiteInfo
	c.must(page("popup"), "site.set", protocol.SiteSet{Origin: site, Off: false}, &info)
	if info.Off || len(info.Accounts) != 1 || !info.Known {
		t.Errorf("site.set: %+v", info)
	}
}

func TestRefuseAndOtherDevice(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	p, shown := c.begin(tab(1, site), get("example.com", map[string]any{"timeout": 120_000}))
	c.must(page("approve"), "ceremony.refuse", protocol.CeremonyRefuse{Ceremony: shown.Ceremony, OtherDevice: true}, nil)
	out := p.result()
	if out.Outcome != "browser" || out.Reason != "other-device" || out.RemainingMs <= 0 || out.RemainingMs > 120_000 {
		t.Errorf("%+v", out)
	}
}

func TestTimeout(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	p, _ := c.begin(tab(1, site), get("example.com", map[string]any{"timeout": 1}))
	live := r.a.ceremonies.live(func(*ceremony) bool { return true })
	if d := live[0].deadline().Sub(live[0].began); d < 5*time.Second || d > 10*time.Minute {
		t.Errorf("a timeout of 1 ms became %v", d)
	}
	live[0].timer.Reset(0)
	wantDOM(t, "time is up", p.result(), "NotAllowedError")
}

func TestAutoConsentOfATestBuild(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Test = always(Allow) })
	c, _ := r.withVault()
	if !c.hello.Test {
		t.Error("a test build does not say so")
	}
	out := c.send(tab(1, site), "webauthn.create", create("example.com", nil)).result()
	if out.Outcome != "credential" {
		t.Fatalf("%+v", out)
	}
	out = c.send(tab(1, site), "webauthn.get", get("example.com", map[string]any{"userVerification": "required"})).result()
	if out.Outcome != "credential" || !verifiedFlag(t, out) {
		t.Errorf("%+v", out)
	}
	stranger := r.browser(nil) // paired by its session
	if out := stranger.send(tab(1, site), "webauthn.get", get("example.com", nil)).result(); out.Outcome != "credential" {
		t.Errorf("%+v", out)
	}
	r = newRig(t, func(c *Config) { c.Test = denyAllButPairing{} })
	c, _ = r.withVault()
	wantDOM(t, "denied", c.send(tab(1, site), "webauthn.create", create("example.com", nil)).result(), "NotAllowedError")
}

type denyAllButPairing struct{}

func (denyAllButPairing) Decide(q string) Decision {
	if q == "pair" {
		return Allow
	}
	return Deny
}

func waitUntil(t testing.TB, what string, f func() bool) {
	t.Helper()
	for range 6000 {
		if f() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(errors.New("waited in vain for " + what))
}
