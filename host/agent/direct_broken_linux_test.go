package agent

import (
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/protocol"
)

// Direct exchanges that end early, whoever ends them.

// Each way in which another app can misbehave ends in words that say so, and changes nothing.
func TestAppsThatMisbehave(t *testing.T) {
	if testing.Short() {
		t.Skip("starts eighteen programs, some of which do nothing")
	}
	patient := localexchange.Limits{Hello: time.Minute, Person: time.Minute, Piece: time.Minute, Payload: 4 << 20, Progress: 1000}
	r := newRig(t, exchanging("from.example"))
	c, _ := r.withVault()
	r.fill(3)
	r.person.agrees()
	for _, s := range []struct {
		kind, name string // the name that it greets by
		out        bool
		code       protocol.Code
	}{
		{"takes", "other.example", true, protocol.CodePeerIdentity},
		{"takes", "other.example", false, protocol.CodePeerIdentity},
		{"other-document", "app.example", false, protocol.CodePeerIdentity},
		{"dies", "app.example", true, protocol.CodePeerGone},
		{"refuses", "app.example", true, protocol.CodePeerRefused},
		{"stalls", "app.example", true, protocol.CodePeerSilent},
		{"result-first", "app.example", true, protocol.CodePeerProtocol},
		{"huge", "app.example", true, protocol.CodePeerProtocol},
		{"nonsense", "app.example", true, protocol.CodePeerProtocol},
		{"noisy", "app.example", true, protocol.CodePeerProtocol},
		{"other-request", "app.example", true, protocol.CodePeerIdentity},
		{"vanishes", "app.example", true, protocol.CodePeerGone},
		{"payload-first", "app.example", false, protocol.CodePeerProtocol},
		{"empty-pieces", "app.example", false, protocol.CodePeerProtocol},
		{"out-of-order", "app.example", false, protocol.CodePeerProtocol},
		{"half", "app.example", false, protocol.CodePeerGone},
		{"pause", "app.example", false, protocol.CodePeerSilent},
		{"floods", "app.example", false, protocol.CodePeerProtocol},
	} {
		r.a.transfers.mu.Lock()
		r.a.transfers.starts, r.a.transfers.fetches = nil, nil // the limit has a test of its own
		r.a.transfers.mu.Unlock()
		r.a.limits.Exchange = patient
		switch s.kind { // those that do nothing are waited for only briefly
		case "stalls":
			r.a.limits.Exchange.Person = 300 * time.Millisecond
		case "pause":
			r.a.limits.Exchange.Piece = 300 * time.Millisecond
		}
		r.register("app.example", "app", s.kind, s.name)
		var tr protocol.Transfer
		if s.out {
			tr = c.handOver()
		} else {
			tr = c.get()
		}
		wantFailed(t, s.kind, tr, s.code)
		if tr.Error != nil && s.kind == "vanishes" && !strings.Contains(tr.Error.Message, "look there") {
			t.Errorf("it had everything, and the person is told %q", tr.Error.Message)
		}
		c.must(transferPage, "transfer.cancel", protocol.TransferRef{ID: tr.ID}, nil)
	}
	if n := r.passkeys(); n != 3 {
		t.Errorf("%d passkeys", n)
	}
}

// While the person looks at what came, the other app waits; it may also give up, and then so does this side.
func TestAnAppThatGivesUpDuringTheReview(t *testing.T) {
	from, to := newRig(t, exchanging("from.example")), newRig(t, exchanging("to.example"))
	from.withVault()
	in, _ := to.withVault()
	from.fill(5)
	to.register("from.example", "relay", from.cfg.Profile.SocketPath)
	from.person.agrees()
	to.person.agrees()
	got := in.get()
	if got.State != protocol.StateReview || got.Counts["new"] != 5 {
		t.Fatalf("%+v %v", got, got.Error)
	}
	from.stop() // its machine is switched off, say
	in.must(transferPage, "transfer.get", protocol.TransferGet{ID: got.ID, Not: protocol.StateReview, WaitMs: 20_000}, &got)
	if got.Error == nil || got.Error.Code != protocol.CodePeerGone && got.Error.Code != protocol.CodePeerRefused { // an agent that ends may still say so
		t.Errorf("the other side is gone: %s %v", got.State, got.Error)
	}
	wantCode(t, "storing it all the same", in.call(transferPage, "transfer.commit", protocol.TransferRef{ID: got.ID}, nil), protocol.CodeStale)
	if n := to.passkeys(); n != 0 {
		t.Errorf("%d passkeys", n)
	}
}

// The person cancels at the page, wherever the exchange is by then: both vaults are as they were, or the import is whole.
func TestCancellingADirectExchangeAtAnyPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time at every point of the way")
	}
	from, to := newRig(t, exchanging("from.example")), newRig(t, exchanging("to.example"))
	out, _ := from.withVault()
	in, _ := to.withVault()
	const n = 40
	from.fill(n)
	from.register("to.example", "relay", to.cfg.Profile.SocketPath)
	to.register("from.example", "relay", from.cfg.Profile.SocketPath)
	from.person.agrees()
	to.person.agrees()
	begin := time.Now()
	if tr := out.handOver(); tr.State != protocol.StateDone {
		t.Fatalf("%+v %v", tr, tr.Error)
	}
	took := time.Since(begin)
	in.takeBack()
	for i := range 10 {
		for _, a := range []*agent{from.a, to.a} {
			a.transfers.mu.Lock()
			a.transfers.starts, a.transfers.visits, a.transfers.strange, a.transfers.fetches = nil, nil, nil, nil
			a.transfers.mu.Unlock()
		}
		p := out.app(true)
		var tr protocol.Transfer
		out.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: p.ID}, &tr)
		tr = out.settled(tr)
		out.must(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID, Accept: p.State}, &tr)
		time.Sleep(took * time.Duration(i) / 10) // wherever that is: the result has to be right at every point
		out.must(transferPage, "transfer.cancel", protocol.TransferRef{ID: tr.ID}, nil)
		waitUntil(t, "the other side's end", func() bool {
			to.a.transfers.mu.Lock()
			defer to.a.transfers.mu.Unlock()
			return len(to.a.transfers.all) == 0 && len(to.a.visits) == 0
		})
		if got := to.passkeys(); got != 0 && got != n {
			t.Errorf("cancelled at %d/10: %d of %d passkeys", i, got, n)
		}
		if got := from.passkeys(); got != n {
			t.Errorf("the exporter has %d", got)
		}
		in.takeBack()
	}
}
