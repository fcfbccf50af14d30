package agent

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

func TestOneProfileCantTouchAnothersCeremony(t *testing.T) {
	r := newRig(t)
	first, _ := r.withVault()
	first.register(tab(1, site), "example.com", nil)
	second := r.browser(nil)
	call := second.send(page("welcome"), "pair", nil)
	var shownCode protocol.PairCode
	second.event("pair.code", &shownCode)
	r.cli().must(nil, "pair.confirm", protocol.PairConfirm{Code: shownCode.Code, Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	if err := call.answer(nil); err != nil {
		t.Fatal(err)
	}
	p, shown := first.begin(tab(1, site), get("example.com", nil))
	v := first.describe(shown)
	for _, x := range []struct {
		typ  string
		body any
	}{
		{"ceremony.describe", protocol.CeremonyRef{Ceremony: shown.Ceremony}},
		{"ceremony.approve", protocol.CeremonyApprove{Ceremony: shown.Ceremony, Hash: v.Hash, Account: v.Accounts[0].ID}},
		{"ceremony.refuse", protocol.CeremonyRefuse{Ceremony: shown.Ceremony}},
	} {
		wantCode(t, x.typ, second.call(page("approve"), x.typ, x.body, nil), protocol.CodeNotFound)
	}
	second.must(nil, "webauthn.gone", protocol.DocumentGone{TabID: 1}, nil)
	if v := first.describe(shown); v.State != "ready" {
		t.Errorf("state %q", v.State)
	}
	if _, err := first.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	p.result()
}

func TestApprovalNamesWhatWasShown(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	p, shown := c.begin(tab(1, site), get("example.com", nil))
	v := c.describe(shown)
	approve := func(q protocol.CeremonyApprove) error { return c.call(page("approve"), "ceremony.approve", q, nil) }
	good := protocol.CeremonyApprove{Ceremony: shown.Ceremony, Hash: v.Hash, Account: v.Accounts[0].ID}
	bad := good
	bad.Hash = make([]byte, 32)
	wantCode(t, "another hash", approve(bad), protocol.CodeStale)
	bad = good
	bad.Hash = nil
	wantCode(t, "no hash", approve(bad), protocol.CodeStale)
	bad = good
	bad.Account = "AAAAAAAAAAAAAAAAAAAAAA"
	wantCode(t, "another account", approve(bad), protocol.CodeBadRequest)
	bad = good
	bad.Ceremony = "x"
	wantCode(t, "another ceremony", approve(bad), protocol.CodeNotFound)
	if err := approve(good); err != nil {
		t.Fatal(err)
	}
	if out := p.result(); out.Outcome != "credential" || flags(t, out)&1 == 0 {
		t.Errorf("%+v", out)
	}
	if err := approve(good); code(err) != protocol.CodeConflict {
		t.Errorf("a second yes: %v", err)
	}
}

func TestExcludedIsToldAfterConsentOnly(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	made := c.register(tab(1, site), "example.com", nil)
	var id struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(made.Credential, &id); err != nil {
		t.Fatal(err)
	}
	exclude := map[string]any{"excludeCredentials": []map[string]any{{"type": "public-key", "id": id.ID}}}
	for _, say := range []string{"no", "yes"} {
		p := c.send(tab(1, site), "webauthn.create", create("example.com", exclude))
		var shown protocol.CeremonyShow
		c.event("ceremony.show", &shown)
		if v := c.describe(shown); !v.Excluded {
			t.Errorf("not shown as excluded: %+v", v)
		}
		if say == "no" {
			c.must(page("approve"), "ceremony.refuse", protocol.CeremonyRefuse{Ceremony: shown.Ceremony}, nil)
			wantDOM(t, "a no", p.result(), "NotAllowedError")
			continue
		}
		if _, err := c.approve(shown, protocol.Secret{}); err != nil {
			t.Fatal(err)
		}
		wantDOM(t, "a yes", p.result(), "InvalidStateError")
	}
}

func TestSiteThatAsksTooOften(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	windows := 0
	for range windowBurst + 3 {
		p := c.send(tab(1, site), "webauthn.get", get("example.com", nil))
		for asked := false; !asked; {
			select {
			case f := <-p.ch:
				p.ch <- f
				wantDOM(t, "one too many", p.result(), "NotAllowedError")
				asked = true
			case f := <-c.events:
				var shown protocol.CeremonyShow
				if f.Event != "ceremony.show" {
					continue
				}
				if err := json.Unmarshal(f.Body, &shown); err != nil {
					t.Fatal(err)
				}
				windows++
				c.must(page("approve"), "ceremony.refuse", protocol.CeremonyRefuse{Ceremony: shown.Ceremony}, nil)
			}
		}
	}
	if windows != windowBurst {
		t.Errorf("%d windows, want %d", windows, windowBurst)
	}
	// Another site is not punished for it, and time heals.
	now := time.Now()
	if !r.a.ceremonies.mayShow("o", "other.example", now) || !r.a.ceremonies.mayShow(keyID(c.signed().PublicKey), "example.com", now.Add(time.Minute)) {
		t.Error("refused for good")
	}
}

func TestNamesAreCleanedBeforeTheyAreShown(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	evil := map[string]any{
		"rp":   map[string]any{"name": "Bank\u202e\nSETDESC hi", "id": "example.com"},
		"user": map[string]any{"id": "dXNlcg", "name": "ann\u2066\nGETPIN\u0000" + strings.Repeat("x", 500), "displayName": "A\u200bnn"},
	}
	c.send(tab(1, site), "webauthn.create", create("example.com", evil))
	var shown protocol.CeremonyShow
	c.event("ceremony.show", &shown)
	v := c.describe(shown)
	if v.RPName != "Bank SETDESC hi" || v.Accounts[0].DisplayName != "Ann" || len([]rune(v.Accounts[0].UserName)) > maxShownName || strings.ContainsAny(v.Accounts[0].UserName, "\n\x00\u2066") {
		t.Errorf("%+v", v)
	}
}

func TestCrossOriginFrameShowsBothSites(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	s := tab(2, site)
	s.FrameID, s.Ancestors = 3, []string{"https://shop.example.org"}
	_, shown := c.begin(s, get("example.com", nil))
	if v := c.describe(shown); v.TopSite != "example.org" || v.Site != "example.com" {
		t.Errorf("%+v", v)
	}
	s = tab(3, site)
	s.FrameID, s.Ancestors = 3, []string{""}
	p := c.send(s, "webauthn.get", get("example.com", nil))
	c.event("ceremony.show", &shown)
	if v := c.describe(shown); v.TopSite == "" {
		t.Error("an unknown embedding site is not shown")
	}
	c.must(nil, "webauthn.gone", protocol.DocumentGone{TabID: 3}, nil)
	p.result()
}
