package agent

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/consent"
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

func TestReattachByName(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	q := get("example.com", nil)
	_, shown := c.begin(tab(1, site), q)
	_ = c.c.Close() // the worker dies
	<-c.closed
	c2 := r.browser(c.key) // a new one signs its session and is told what waits
	var again protocol.CeremonyShow
	c2.event("ceremony.show", &again)
	if again != shown {
		t.Errorf("%+v, was %+v", again, shown)
	}
	other := q
	other.Options = getOptions("login.example.com", nil)
	wantCode(t, "the same name for something else", c2.call(tab(1, site), "webauthn.get", other, nil), protocol.CodeConflict)
	p := c2.send(tab(1, site), "webauthn.get", q)
	if _, err := c2.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	first := p.result()
	// The answer was lost on its way: it is still there.
	if second := c2.send(tab(1, site), "webauthn.get", q).result(); string(second.Credential) != string(first.Credential) {
		t.Error("asked again by name, it answered something else")
	}
}

func TestLostAnswerOfACreateMakesNoSecondPasskey(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	q := create("example.com", nil)
	c.send(tab(1, site), "webauthn.create", q)
	var shown protocol.CeremonyShow
	c.event("ceremony.show", &shown)
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	_ = c.c.Close()
	<-c.closed
	c = r.browser(c.key)
	out := c.send(tab(1, site), "webauthn.create", q).result()
	if out.Outcome != "credential" {
		t.Fatalf("%+v", out)
	}
	var list protocol.ListResult
	c.must(page("vault"), "list", nil, &list)
	if list.Total != 1 || !list.Entries[0].Pending {
		t.Errorf("%+v", list)
	}
	other := tab(1, "https://attacker.example")
	wantCode(t, "delivered, says another site", c.call(other, "webauthn.delivered", protocol.Delivered{Ceremony: out.Ceremony}, nil), protocol.CodeNotFound)
	c.must(tab(1, site), "webauthn.delivered", protocol.Delivered{Ceremony: out.Ceremony}, nil)
	list = protocol.ListResult{}
	c.must(page("vault"), "list", nil, &list)
	if list.Entries[0].Pending {
		t.Error("still pending")
	}
}

func TestNobodyComesBack(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Reattach = 50 * time.Millisecond })
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	q := get("example.com", nil)
	c.begin(tab(1, site), q)
	_ = c.c.Close()
	<-c.closed
	waitUntil(t, "the ceremony to end", func() bool { return len(r.a.ceremonies.live(func(*ceremony) bool { return true })) == 0 })
	c = r.browser(c.key)
	wantDOM(t, "asked again too late", c.send(tab(1, site), "webauthn.get", q).result(), "NotAllowedError")
}

func TestCancelGoneAndReplace(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)

	p, shown := c.begin(tab(1, site), get("example.com", nil))
	p.cancel()
	wantCode(t, "cancelled", p.answer(nil), protocol.CodeCanceled)
	wantCode(t, "yes after it", c.call(page("approve"), "ceremony.approve", protocol.CeremonyApprove{Ceremony: shown.Ceremony}, nil), protocol.CodeStale)

	p, _ = c.begin(tab(1, site), get("example.com", nil))
	wantDOM(t, "a second call of the document", c.send(tab(1, site), "webauthn.get", get("example.com", nil)).result(), "OperationError")
	frame := tab(1, site)
	frame.FrameID, frame.DocumentID = 7, "inner"
	wantDOM(t, "a call of a frame meanwhile", c.send(frame, "webauthn.get", get("example.com", nil)).result(), "OperationError")
	next := tab(1, site)
	next.DocumentID = "the next document"
	p2, _ := c.begin(next, get("example.com", nil))
	wantDOM(t, "the former document's", p.result(), "NotAllowedError")
	c.must(nil, "webauthn.gone", protocol.DocumentGone{TabID: 1, DocumentID: "doc-1"}, nil) // news of the former document
	if v := r.a.ceremonies.live(func(*ceremony) bool { return true }); len(v) != 1 {
		t.Errorf("%d ceremonies wait", len(v))
	}
	c.must(nil, "webauthn.gone", protocol.DocumentGone{TabID: 1}, nil)
	wantDOM(t, "the tab was closed", p2.result(), "NotAllowedError")

	// Two tabs at once are two ceremonies.
	a, shownA := c.begin(tab(1, site), get("example.com", nil))
	b, shownB := c.begin(tab(2, site), get("example.com", nil))
	for _, s := range []protocol.CeremonyShow{shownB, shownA} {
		if _, err := c.approve(s, protocol.Secret{}); err != nil {
			t.Fatal(err)
		}
	}
	if a.result().Outcome != "credential" || b.result().Outcome != "credential" {
		t.Error("two tabs at once")
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
	for range 1000 {
		if f() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(errors.New("waited in vain for " + what))
}
