package agent

import (
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

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

// The end of a connection may be noticed after the browser has come back with the next one.
func TestReattachBeforeTheEndIsNoticed(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	_, shown := c.begin(tab(1, site), get("example.com", nil))
	next := r.browser(c.key)
	_ = c.c.Close()
	var again protocol.CeremonyShow
	next.event("ceremony.show", &again)
	if again != shown {
		t.Errorf("%+v, was %+v", again, shown)
	}
	if _, err := next.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
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

// A create that is aborted while its passkey is being stored leaves it in the trash, not among those that are offered.
func TestUndeliverablePasskeyGoesToTheTrash(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	out := c.register(tab(1, site), "example.com", nil)
	r.a.ceremonies.mu.Lock()
	over := r.a.ceremonies.byID[out.Ceremony]
	r.a.ceremonies.mu.Unlock()
	r.a.undeliverable(over)
	var list protocol.ListResult
	c.must(page("vault"), "list", protocol.ListRequest{Trash: true}, &list)
	if list.Total != 1 {
		t.Errorf("%+v", list)
	}
	if out := c.send(tab(1, site), "webauthn.get", get("example.com", nil)).result(); out.Reason != "no-match" {
		t.Errorf("%+v", out)
	}
}
