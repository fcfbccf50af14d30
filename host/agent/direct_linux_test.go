package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

func TestTwoVaultsExchangeDirectly(t *testing.T) {
	from, to := newRig(t, exchanging("from.example")), newRig(t, exchanging("to.example"))
	out, _ := from.withVault()
	in, _ := to.withVault()
	from.fill(30)
	from.register("to.example", "relay", to.cfg.Profile.SocketPath)
	to.register("from.example", "relay", from.cfg.Profile.SocketPath)
	from.person.agrees()
	to.person.agrees()

	sent := out.handOver()
	if sent.State != protocol.StateDone || sent.Result == nil || sent.Result.Accepted != 30 || to.passkeys() != 30 {
		t.Fatalf("handed over: %+v %v, %d arrived", sent, sent.Error, to.passkeys())
	}
	if !from.person.saying("30 passkeys", "App to.example", "to.example", "Program: /") {
		t.Errorf("the exporter's dialog: %+v", from.person.seen())
	}
	if !from.person.saying("first exchange", "Any program can take any name") {
		t.Errorf("no warning at the first use: %+v", from.person.seen())
	}
	if !to.person.saying("30 passkeys", "Vault from.example", "stays as it is", "Program: /", "never begun such an exchange") || to.person.saying("unknown program") {
		t.Errorf("the importer's dialog: %+v", to.person.seen())
	}
	if sent.Originals != originalsAsk {
		t.Errorf("nobody asks about the originals: %+v", sent)
	}
	var log protocol.AuditLog
	out.must(page("vault"), "audit", protocol.AuditQuery{Query: "exported"}, &log)
	if len(log.Lines) != 1 || !strings.Contains(log.Lines[0].What, "30 passkeys") || !strings.Contains(log.Lines[0].What, "program /") {
		t.Errorf("the exporter's log: %+v", log.Lines)
	}
	in.must(page("vault"), "audit", protocol.AuditQuery{Query: "imported"}, &log)
	if len(log.Lines) != 1 || !strings.Contains(log.Lines[0].What, "from.example") {
		t.Errorf("the importer's log: %+v", log.Lines)
	}
	var imports protocol.ImportList
	in.must(transferPage, "transfer.imports", nil, &imports)
	if len(imports.Imports) != 1 {
		t.Errorf("it can't be undone: %+v", imports)
	}

	// The other side begins now, and fetches the same again: nothing changes. The second time there is no warning.
	from.person.forget()
	got := in.get()
	if got.State != protocol.StateReview || got.Counts["duplicate"] != 30 || got.ExpiresAt == 0 || got.Bytes == 0 {
		t.Fatalf("fetched: %+v %v", got, got.Error)
	}
	if !from.person.saying("hand over 30 passkeys", "Vault to.example") {
		t.Errorf("the exporter was asked: %+v", from.person.seen())
	}
	got = in.store(got)
	if got.State != protocol.StateDone || !got.Outcome.Unchanged || to.passkeys() != 30 {
		t.Errorf("the second time: %+v", got)
	}
	if p := out.app(true); p.State != protocol.ProviderKnown {
		t.Errorf("it is not remembered: %+v", p)
	}
	if p := out.app(false); p.State != protocol.ProviderFirstUse {
		t.Errorf("to have given is no reason to take: %+v", p)
	}
	from.person.forget()
	to.person.forget()
	if again := out.handOver(); again.State != protocol.StateDone || from.person.saying("first exchange") {
		t.Errorf("the second time: %+v, %+v", again, from.person.seen())
	}
	if !to.person.saying("registered under this name") || to.person.saying("WATCH OUT") {
		t.Errorf("the importer's second dialog: %+v", to.person.seen())
	}
}

// A page can't skip what protects the person.
func TestASecondConfirmationIsTheAgentsOwn(t *testing.T) {
	r := newRig(t, exchanging("from.example"))
	c, _ := r.withVault()
	r.fill(2)
	r.register("app.example", "app", "takes", "app.example")
	p := c.app(true)
	if p.State != protocol.ProviderFirstUse || p.System || !strings.HasPrefix(p.Program, "/") {
		t.Errorf("listed as %+v", p)
	}
	var tr protocol.Transfer
	wantCode(t, "an app that is not there", c.call(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: "x"}, nil), protocol.CodeProviderGone)
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: p.ID}, &tr)
	tr = c.settled(tr)
	start := protocol.TransferStart{ID: tr.ID, Secret: protocol.Secret{Passphrase: goodPhrase}}
	wantCode(t, "no second confirmation", c.call(transferPage, "transfer.start", start, nil), protocol.CodeUnconfirmed)
	start.Accept = protocol.ProviderKnown
	wantCode(t, "one for something else", c.call(transferPage, "transfer.start", start, nil), protocol.CodeUnconfirmed)
	start.Accept = protocol.ProviderFirstUse
	// There is no dialog on this machine: a page's word, and a passphrase that it passes on, are not enough.
	wantCode(t, "without a dialog", c.call(transferPage, "transfer.start", start, nil), protocol.CodeNoDialog)
	// The person says no to the warning; then yes to it, and no to the rest.
	r.person.says(goodPhrase)
	wantCode(t, "no to the warning", c.call(transferPage, "transfer.start", start, nil), protocol.CodeDenied)
	r.person.answer(func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused })
	r.person.mu.Lock()
	r.person.confirm = func(consent.Prompt) bool { return true }
	r.person.mu.Unlock()
	wantCode(t, "no to the verification", c.call(transferPage, "transfer.start", start, nil), protocol.CodeDenied)
	if c.app(true).State != protocol.ProviderFirstUse {
		t.Error("it is remembered although the person said no")
	}
	r.person.agrees()
	c.must(transferPage, "transfer.start", start, &tr)
	if tr = c.settled(tr); tr.State != protocol.StateDone {
		t.Fatalf("%+v %v", tr, tr.Error)
	}
	wantCode(t, "once more", c.call(transferPage, "transfer.start", start, nil), protocol.CodeStale)
	wantCode(t, "fetching a file", c.call(transferPage, "transfer.next", protocol.TransferNext{ID: tr.ID}, nil), protocol.CodeBadRequest)
}

// The command line takes the passphrase at its terminal where there is no dialog; a page may not.
func TestWithoutADialogTheCommandLineAsks(t *testing.T) {
	r := newRig(t, exchanging("from.example"))
	browser, _ := r.withVault()
	r.fill(2)
	r.register("app.example", "app", "takes", "app.example")
	cli := r.cli()
	var list protocol.ProviderList
	cli.must(nil, "transfer.providers", protocol.ProviderQuery{Out: true}, &list)
	var tr protocol.Transfer
	cli.must(nil, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: list.Providers[0].ID}, &tr)
	for protocol.Works(tr.State) {
		cli.must(nil, "transfer.get", protocol.TransferGet{ID: tr.ID, Not: tr.State, WaitMs: 5000}, &tr)
	}
	start := protocol.TransferStart{ID: tr.ID, Accept: protocol.ProviderFirstUse}
	wantCode(t, "without a passphrase", cli.call(nil, "transfer.start", start, nil), protocol.CodeNoDialog)
	start.Secret = protocol.Secret{Passphrase: "wrong passphrase entirely"}
	wantCode(t, "a wrong one", cli.call(nil, "transfer.start", start, nil), protocol.CodeWrongSecret)
	start.Secret = protocol.Secret{Passphrase: goodPhrase}
	cli.must(nil, "transfer.start", start, &tr)
	for protocol.Works(tr.State) {
		cli.must(nil, "transfer.get", protocol.TransferGet{ID: tr.ID, Not: tr.State, WaitMs: 5000}, &tr)
	}
	if tr.State != protocol.StateDone {
		t.Errorf("%+v %v", tr, tr.Error)
	}
	// Known by now, so that no warning stands in the way of a page that passes a passphrase on.
	browser.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: browser.app(true).ID}, &tr)
	tr = browser.settled(tr)
	err := browser.call(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID, Secret: start.Secret}, nil)
	wantCode(t, "a page that passes a passphrase on", err, protocol.CodeNoDialog)
}

func TestAnAppThatChangedIsNoticed(t *testing.T) {
	r := newRig(t, exchanging("from.example"))
	c, _ := r.withVault()
	r.fill(1)
	r.person.agrees()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(r.cfg.Profile.RunDir, "app")
	write := func(text string) {
		t.Helper()
		err := errors.Join(os.WriteFile(script+".new", []byte(text), 0o700), os.Rename(script+".new", script))
		if err != nil {
			t.Fatal(err)
		}
	}
	text := "#!/bin/sh\nexec '" + exe + "' '" + childMode + "' app takes app.example\n"
	write(text)
	r.registerAs("app.example", []string{script})
	if tr := c.handOver(); tr.State != protocol.StateDone {
		t.Fatalf("%+v %v", tr, tr.Error)
	}
	if p := c.app(true); p.State != protocol.ProviderKnown {
		t.Errorf("after the first time: %+v", p)
	}
	write(text) // the same again, by another file: nothing has changed
	if p := c.app(true); p.State != protocol.ProviderKnown {
		t.Errorf("after a reinstallation: %+v", p)
	}
	old := c.app(true)
	write(text + "# an update\n")
	wantCode(t, "what was listed before", c.call(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: old.ID}, nil), protocol.CodeProviderGone)
	if p := c.app(true); p.State != protocol.ProviderProgramChanged {
		t.Errorf("after an update: %+v", p)
	}
	r.person.forget()
	if tr := c.handOver(); tr.State != protocol.StateDone || !r.person.saying("another one than last time", "Program: "+script) {
		t.Errorf("after an update: %+v %v, %+v", tr, tr.Error, r.person.seen())
	}
	r.registerAs("app.example", []string{script, "--now-with-this"})
	if p := c.app(true); p.State != protocol.ProviderRegistrationChanged {
		t.Errorf("after another registration: %+v", p)
	}
	// Replaced between the person's look and the start: nothing is started, nothing leaves.
	p := c.app(true)
	var tr protocol.Transfer
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: p.ID}, &tr)
	tr = c.settled(tr)
	write(text + "# malware\n")
	start := protocol.TransferStart{ID: tr.ID, Accept: p.State}
	wantCode(t, "replaced meanwhile", c.call(transferPage, "transfer.start", start, nil), protocol.CodeProviderGone)
	write(text + "# an update\n")
	r.person.answer(func(consent.Prompt) ([]byte, error) { // while the person types
		write(text + "# malware\n")
		return []byte(goodPhrase), nil
	})
	p = c.app(true)
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: p.ID}, &tr)
	tr = c.settled(tr)
	c.must(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID, Accept: p.State}, &tr)
	wantFailed(t, "replaced while the person typed", c.settled(tr), protocol.CodeProviderGone)
}

func TestWhatAnAppSaysOfItsResultIsShownSafely(t *testing.T) {
	r := newRig(t, exchanging("from.example"))
	c, _ := r.withVault()
	r.fill(3)
	r.person.agrees()
	r.register("app.example", "app", "skips", "app.example")
	tr := c.handOver()
	if tr.State != protocol.StateDone || tr.Result.Accepted != 2 || len(tr.Result.Skipped) != 1 || tr.Result.Skipped[0].Title != "Bank" {
		t.Errorf("%+v %v", tr.Result, tr.Error)
	}
	if tr.Originals != "" {
		t.Error("originals are offered to be removed although not all of them arrived")
	}
	// What is asked for is less than what was offered, so that nothing goes, and nothing is the original of anything.
	r.register("app.example", "app", "only-totp", "app.example")
	tr = c.handOver()
	if tr.State != protocol.StateDone || tr.Counts["passkey"] != 0 || tr.Originals != "" {
		t.Errorf("%+v %v", tr, tr.Error)
	}
}

// An app is given nothing for the sites that it excludes, whoever began and whatever a page says; the person is told of each.
func TestWhatAnAppExcludesStaysHere(t *testing.T) {
	r := newRig(t, exchanging("from.example"))
	c, _ := r.withVault()
	r.fill(3)
	v, err := r.a.keep.open()
	if err != nil {
		t.Fatal(err)
	}
	for _, site := range []string{"bank.example", "www.bank.example"} {
		p := &vault.Passkey{RPID: site, CredentialID: []byte(site), UserHandle: []byte("u"), Algorithm: -8, PrivateKey: someKey(), Discoverable: true}
		if err := v.AddPasskey(context.Background(), p); err != nil {
			t.Fatal(err)
		}
	}
	r.person.agrees()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const reason = "App app.example does not take logins for this site"
	stays := func(tr protocol.Transfer) {
		t.Helper()
		var list protocol.TransferEntryList
		c.must(transferPage, "transfer.entries", protocol.TransferEntries{ID: tr.ID, Status: "stays"}, &list)
		if len(list.Entries) != 2 || tr.Counts["passkey"] != 3 || tr.LeftOut != 2 || tr.Excluded != 2 {
			t.Errorf("%s: %d stay; %v go, %d left out, %d excluded", tr.State, len(list.Entries), tr.Counts, tr.LeftOut, tr.Excluded)
		}
		for _, e := range list.Entries {
			if !strings.HasSuffix(e.RPID, "bank.example") || e.Reason != reason || !e.Excluded || e.Choice != "keep" {
				t.Errorf("%+v", e)
			}
		}
	}
	// Its request asks for less than everything: the summary still says what stayed.
	r.registerAs("app.example", []string{exe, childMode, "app", "only-passkey", "app.example"}, "bank.example", "xn--bcher-kva.example")
	if p := c.app(true); p.Excludes != 2 || len(p.ExcludedSites) != 2 {
		t.Errorf("it is shown to exclude %d: %q", p.Excludes, p.ExcludedSites)
	}
	if p := c.app(false); p.Excludes != 0 {
		t.Errorf("what it does not take is no matter of what it gives: %+v", p)
	}
	sent := c.handOver()
	if sent.State != protocol.StateDone || sent.Result.Accepted != 3 {
		t.Fatalf("%+v %v", sent, sent.Error)
	}
	stays(sent)
	// It begins itself.
	conn, err := r.visiting(localexchange.Hello{RPID: "app.example", DisplayName: "App", Role: localexchange.RoleImporter})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fetches(conn, "app.example"); err != nil || len(got.Accounts[0].Items) != 3 {
		t.Errorf("it got %+v %v", got, err)
	}
	if !r.person.saying("hand over 3 passkeys", "2 other entries can't leave", "does not take logins for those sites") {
		t.Errorf("the dialog: %+v", r.person.seen())
	}
	// A page that chooses everything gets no further, and what stayed is not trashed with what went.
	r.registerAs("app.example", []string{exe, childMode, "app", "takes", "app.example"}, "bank.example")
	p := c.app(true)
	var tr protocol.Transfer
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferDirect, Provider: p.ID}, &tr)
	tr = c.settled(tr)
	stays(tr)
	all := protocol.TransferChoose{ID: tr.ID, All: true, Choice: "take"}
	c.must(transferPage, "transfer.choose", all, &tr)
	var list protocol.TransferEntryList
	c.must(transferPage, "transfer.entries", protocol.TransferEntries{ID: tr.ID, Status: "stays"}, &list)
	one := protocol.TransferChoose{ID: tr.ID, Entries: []int{list.Entries[0].N}, Choice: "take"}
	wantCode(t, "choosing what stays", c.call(transferPage, "transfer.choose", one, nil), protocol.CodeBadRequest)
	c.must(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID, Accept: p.State}, &tr)
	if tr = c.settled(tr); tr.State != protocol.StateDone || tr.Result.Accepted != 3 || tr.Originals != originalsAsk {
		t.Fatalf("%+v %v", tr, tr.Error)
	}
	stays(tr)
	var done protocol.OriginalsDone
	c.must(transferPage, "transfer.originals", protocol.TransferOriginals{ID: tr.ID, Do: originalsTrash}, &done)
	if done.Trashed != 3 || r.passkeys() != 2 {
		t.Errorf("%d were trashed, %d are here", done.Trashed, r.passkeys())
	}
}
