package agent

import (
	"crypto/ed25519"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// What tests of the direct exchange have in common: apps to see, and people and pages that use them.

// someKey is a private key that is nobody's.
func someKey() []byte {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := cxf.MarshalPrivateKey(k)
	if err != nil {
		panic(err)
	}
	return der
}

// exchanging gives a rig a name and a folder of registrations.
func exchanging(rpID string) func(*Config) {
	return func(c *Config) {
		dir := filepath.Join(c.Profile.RunDir, "providers")
		c.Exchange = Exchange{RPID: rpID, DisplayName: "Vault " + rpID, Folders: []localexchange.Folder{{Path: dir}}}
	}
}

// register lets this rig's person see another app. It runs this test's own binary.
func (r *rig) register(rpID string, words ...string) {
	r.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	r.registerAs(rpID, append([]string{exe, childMode}, words...))
}

func (r *rig) registerAs(rpID string, command []string, excluded ...string) {
	r.t.Helper()
	err := localexchange.Register(r.cfg.Exchange.Folders[0], localexchange.Registration{
		RPID: rpID, DisplayName: "App " + rpID, Command: command, ExcludedSites: excluded,
		Roles: []localexchange.Role{localexchange.RoleImporter, localexchange.RoleExporter},
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// agrees has the person say yes to everything.
func (p *person) agrees() {
	p.says(goodPhrase)
	p.mu.Lock()
	p.confirm = func(consent.Prompt) bool { return true }
	p.mu.Unlock()
}

// app is the one provider that a page sees.
func (c *client) app(out bool) protocol.Provider {
	c.t.Helper()
	var list protocol.ProviderList
	c.must(transferPage, "transfer.providers", protocol.ProviderQuery{Out: out}, &list)
	if len(list.Providers) != 1 {
		c.t.Fatalf("the page sees %+v", list)
	}
	return list.Providers[0]
}

// handOver moves everything out to the one app, with the second confirmation where one is due.
func (c *client) handOver() protocol.Transfer {
	c.t.Helper()
	p := c.app(true)
	var t protocol.Transfer
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: p.ID}, &t)
	t = c.settled(t)
	if t.State != protocol.StateAsking {
		c.t.Fatalf("before it is handed over: %+v %v", t, t.Error)
	}
	start := protocol.TransferStart{ID: t.ID}
	if p.State != protocol.ProviderKnown {
		start.Accept = p.State
	}
	c.must(transferPage, "transfer.start", start, &t)
	return c.settled(t)
}

// get fetches what the one app has, up to the review.
func (c *client) get() protocol.Transfer {
	c.t.Helper()
	p := c.app(false)
	var t protocol.Transfer
	c.must(transferPage, "transfer.import", protocol.TransferImport{Kind: protocol.TransferDirect, Provider: p.ID}, &t)
	answer := protocol.TransferAnswer{ID: t.ID}
	if p.State != protocol.ProviderKnown {
		answer.Accept = p.State
	}
	c.must(transferPage, "transfer.answer", answer, &t)
	return c.settled(t)
}

// saying finds the dialog that says something.
func (p *person) saying(words ...string) bool {
	for _, q := range p.seen() {
		all := true
		for _, w := range words {
			all = all && strings.Contains(q.Description, w)
		}
		if all {
			return true
		}
	}
	return false
}

func (p *person) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prompts = nil
}

func wantFailed(t *testing.T, what string, tr protocol.Transfer, code protocol.Code) {
	t.Helper()
	if tr.State != protocol.StateFailed || tr.Error == nil || tr.Error.Code != code {
		t.Errorf("%s: %s %+v, want %s", what, tr.State, tr.Error, code.Name())
	} else if len(tr.Error.Message) < 20 {
		t.Errorf("%s: the message says little: %q", what, tr.Error.Message)
	}
}

// takeBack undoes what came in, so that it can come again.
func (c *client) takeBack() {
	c.t.Helper()
	var imports protocol.ImportList
	c.must(transferPage, "transfer.imports", nil, &imports)
	for _, i := range imports.Imports {
		c.must(transferPage, "transfer.undo", protocol.ImportUndo{ID: i.ID}, nil)
	}
}
