package agent

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSessionSignature(t *testing.T) {
	r := newRig(t)
	owner, _ := r.withVault()
	c := r.dial(protocol.ClientHello{Role: "bridge", Caller: chromeCaller})
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]protocol.SessionRequest{
		"replayed from another connection": owner.signed(),
		"for another extension":            signSession(t, owner.key, c.hello.Nonce, "keyferry@keyferry.app"),
		"by another key": func() protocol.SessionRequest {
			q := signSession(t, newKey(t), c.hello.Nonce, chromeCaller)
			q.PublicKey = owner.signed().PublicKey
			return q
		}(),
		"with another curve": func() protocol.SessionRequest { q := signSession(t, p384, c.hello.Nonce, chromeCaller); return q }(),
		"empty":              {ProtocolMin: 1, ProtocolMax: 1},
		"with a long key":    {ProtocolMin: 1, ProtocolMax: 1, PublicKey: make([]byte, 5000), Signature: make([]byte, 64)},
	} {
		wantCode(t, "a signature "+name, c.call(nil, "session", q, nil), protocol.CodeNotPaired)
	}
	q := signSession(t, owner.key, c.hello.Nonce, chromeCaller)
	q.ProtocolMin, q.ProtocolMax = 2, 3
	wantCode(t, "a newer extension", c.call(nil, "session", q, nil), protocol.CodeVersion)
	q.ProtocolMin, q.ProtocolMax = 0, 0
	wantCode(t, "an older extension", c.call(nil, "session", q, nil), protocol.CodeVersion)
	var got protocol.SessionResult
	c.must(nil, "session", signSession(t, owner.key, c.hello.Nonce, chromeCaller), &got)
	if got.Paired != "yes" {
		t.Errorf("paired: %q", got.Paired)
	}
	wantCode(t, "a second key on one connection", c.call(nil, "session", signSession(t, newKey(t), c.hello.Nonce, chromeCaller), nil), protocol.CodeNotAllowed)
}

func TestGreeting(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		name  string
		hello protocol.ClientHello
		want  protocol.Code
	}{
		{"an unknown extension", protocol.ClientHello{Role: "bridge", Caller: "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba/"}, protocol.CodeUnknownCaller},
		{"no role", protocol.ClientHello{}, protocol.CodeBadRequest},
		{"a command line with a caller", protocol.ClientHello{Role: "cli", Caller: chromeCaller}, protocol.CodeBadRequest},
		{"a display with a newline", protocol.ClientHello{Role: "cli", Where: protocol.Where{Display: ":0\nX"}}, protocol.CodeBadRequest},
		{"a long name", protocol.ClientHello{Role: "cli", Browser: strings.Repeat("x", 1000)}, protocol.CodeBadRequest},
	} {
		_, err := r.tryDial(c.hello)
		wantCode(t, c.name, err, c.want)
	}
}

func TestPairingInTheAgentsDialog(t *testing.T) {
	r := newRig(t)
	r.withVault()
	c := r.browser(nil)
	var session protocol.SessionResult
	c.must(nil, "session", c.signed(), &session)
	if session.Paired != "no" {
		t.Fatalf("a stranger is %q", session.Paired)
	}
	wantCode(t, "get by a stranger", c.call(tab(1, "https://bank.example"), "webauthn.get", get("bank.example", nil), nil), protocol.CodeNotPaired)

	r.person.answer(func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused })
	wantCode(t, "the person says no", c.call(page("welcome"), "pair", protocol.PairRequest{}, nil), protocol.CodeDenied)
	r.person.says("a wrong passphrase entirely")
	wantCode(t, "a wrong passphrase", c.call(page("welcome"), "pair", protocol.PairRequest{}, nil), protocol.CodeWrongSecret)
	wantCode(t, "still a stranger", c.call(page("vault"), "list", nil, nil), protocol.CodeNotPaired)

	r.person.says(goodPhrase)
	call := c.send(page("welcome"), "pair", protocol.PairRequest{Label: "Work\u202e\nGETPIN"})
	var shown protocol.PairCode
	c.event("pair.code", &shown) // of the refused ones
	c.event("pair.code", &shown)
	c.event("pair.code", &shown)
	var out protocol.PairResult
	if err := call.answer(&out); err != nil {
		t.Fatal(err)
	}
	prompts := r.person.seen()
	last := prompts[len(prompts)-1]
	if !strings.Contains(last.Description, shown.Code) || !strings.Contains(last.Description, "chromium") || strings.Contains(last.Description, "\nGETPIN") {
		t.Errorf("the dialog said %q, the page showed %q", last.Description, shown.Code)
	}
	if out.Browser.Label != "Work GETPIN" || !out.Browser.Current || shown.Terminal {
		t.Errorf("%+v, %+v", out, shown)
	}
	var list protocol.ListResult
	c.must(page("vault"), "list", nil, &list)
}

// A stranger who finds the vault locked is let in and unlocks by one answer: in the dialog, at the terminal, or by the
// recovery phrase. Unlocking alone lets nobody in.
func TestPairingOnALockedVaultAsksOnce(t *testing.T) {
	secret := protocol.Secret{Passphrase: goodPhrase}
	for way, pair := range map[string]func(r *rig, c *client, recovery string) error{
		"dialog": func(r *rig, c *client, _ string) error {
			r.person.says(goodPhrase)
			err := c.call(page("welcome"), "pair", protocol.PairRequest{}, nil)
			if p := r.person.seen(); len(p) != 1 || !strings.Contains(p[0].Description, "shows the code") {
				t.Errorf("%d dialogs: %+v", len(p), p)
			}
			return err
		},
		"terminal": func(r *rig, c *client, _ string) error {
			call := c.send(page("welcome"), "pair", protocol.PairRequest{})
			var shown protocol.PairCode
			c.event("pair.code", &shown)
			r.cli().must(nil, "pair.confirm", protocol.PairConfirm{Code: shown.Code, Secret: secret}, nil)
			return call.answer(nil)
		},
		"recovery phrase": func(_ *rig, c *client, recovery string) error {
			return c.call(page("welcome"), "pair", protocol.PairRequest{Secret: protocol.Secret{Recovery: recovery}}, nil)
		},
	} {
		t.Run(way, func(t *testing.T) {
			r := newRig(t)
			_, made := r.withVault()
			r.stop()
			r.start()
			c := r.browser(nil)
			if err := pair(r, c, strings.Join(made.RecoveryPhrase, " ")); err != nil {
				t.Fatal(err)
			}
			var session protocol.SessionResult
			c.must(nil, "session", c.signed(), &session)
			if session.Paired != "yes" || session.Status.Vault != "unlocked" {
				t.Errorf("%+v", session)
			}
			c.must(page("vault"), "list", nil, nil)
		})
	}
	r := newRig(t)
	r.withVault()
	r.stop()
	r.start()
	c := r.browser(nil)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: secret}, nil)
	wantCode(t, "who only unlocked", c.call(page("vault"), "list", nil, nil), protocol.CodeNotPaired)
}

func TestPairingByTheCommandLine(t *testing.T) {
	r := newRig(t)
	r.withVault()
	c := r.browser(nil)
	call := c.send(page("welcome"), "pair", protocol.PairRequest{})
	var shown protocol.PairCode
	c.event("pair.code", &shown)
	if !shown.Terminal {
		t.Fatal("no dialog can be shown, and the terminal is not asked for")
	}
	cli := r.cli()
	wantCode(t, "another code", cli.call(nil, "pair.confirm", protocol.PairConfirm{Code: "0000 0001", Secret: protocol.Secret{Passphrase: goodPhrase}}, nil), protocol.CodeNotFound)
	wantCode(t, "no passphrase", cli.call(nil, "pair.confirm", protocol.PairConfirm{Code: shown.Code}, nil), protocol.CodeNoDialog)
	wantCode(t, "a wrong passphrase", cli.call(nil, "pair.confirm", protocol.PairConfirm{Code: shown.Code, Secret: protocol.Secret{Passphrase: "x"}}, nil), protocol.CodeWrongSecret)
	cli.must(nil, "pair.confirm", protocol.PairConfirm{Code: shown.Code, Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	if err := call.answer(nil); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "the code a second time", cli.call(nil, "pair.confirm", protocol.PairConfirm{Code: shown.Code, Secret: protocol.Secret{Passphrase: goodPhrase}}, nil), protocol.CodeNotFound)
	c.must(page("settings"), "browsers.list", nil, nil)
}

func TestRevokeEndsSessionsAndCeremonies(t *testing.T) {
	r := newRig(t)
	first, _ := r.withVault()
	s := tab(1, "https://example.com")
	first.register(s, "example.com", nil)
	second := r.browser(nil)
	call := second.send(page("welcome"), "pair", protocol.PairRequest{Label: "Other"})
	var shown protocol.PairCode
	second.event("pair.code", &shown)
	r.cli().must(nil, "pair.confirm", protocol.PairConfirm{Code: shown.Code, Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	var paired protocol.PairResult
	if err := call.answer(&paired); err != nil {
		t.Fatal(err)
	}
	waiting := second.send(s, "webauthn.get", get("example.com", nil))
	second.event("ceremony.show", nil)
	var list protocol.BrowserList
	first.must(page("settings"), "browsers.list", nil, &list)
	if len(list.Browsers) != 2 || list.Browsers[0].Current == list.Browsers[1].Current {
		t.Errorf("%+v", list)
	}
	first.must(page("settings"), "browsers.revoke", protocol.BrowserRevoke{ID: paired.Browser.ID}, nil)
	if err := waiting.answer(nil); err == nil {
		t.Error("its ceremony went on")
	}
	<-second.closed
	again := r.browser(second.key)
	wantCode(t, "after it was revoked", again.call(s, "webauthn.get", get("example.com", nil), nil), protocol.CodeNotPaired)
	wantCode(t, "revoked twice", first.call(page("settings"), "browsers.revoke", protocol.BrowserRevoke{ID: paired.Browser.ID}, nil), protocol.CodeNotFound)
}

// A key that was paired by one extension is nothing in another one's hands.
func TestPairingBelongsToOneExtension(t *testing.T) {
	const other = "keyferry@keyferry.app"
	r := newRig(t, func(c *Config) { c.Callers = func(s string) bool { return s == chromeCaller || s == other } })
	owner, _ := r.withVault()
	c := r.dial(protocol.ClientHello{Role: "bridge", Caller: other})
	var got protocol.SessionResult
	c.must(nil, "session", signSession(t, owner.key, c.hello.Nonce, other), &got)
	if got.Paired != "no" {
		t.Errorf("paired: %q", got.Paired)
	}
}
