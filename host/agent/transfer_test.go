package agent

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// fill puts passkeys into a rig's vault and returns their credential IDs.
func (r *rig) fill(n int) []string {
	r.t.Helper()
	v, err := r.a.keep.open()
	if err != nil {
		r.t.Fatal(err)
	}
	var ids []string
	for i := range n {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			r.t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			r.t.Fatal(err)
		}
		p := &vault.Passkey{
			RPID: "example.com", CredentialID: fmt.Appendf(nil, "credential-%d", i), UserHandle: []byte("user"), UserName: fmt.Sprintf("ann%d", i),
			Algorithm: -7, PrivateKey: der, Discoverable: true, BackupEligible: true, BackupState: true,
		}
		if err := v.AddPasskey(context.Background(), p); err != nil {
			r.t.Fatal(err)
		}
		ids = append(ids, string(p.CredentialID))
	}
	return ids
}

func (r *rig) passkeys() int {
	r.t.Helper()
	v, err := r.a.keep.open()
	if err != nil {
		r.t.Fatal(err)
	}
	n := 0
	if err := v.EachPasskey(context.Background(), func(*vault.Passkey) error { n++; return nil }); err != nil {
		r.t.Fatal(err)
	}
	return n
}

var transferPage = page("transfer")

// settled waits until a transfer works no more.
func (c *client) settled(t protocol.Transfer) protocol.Transfer {
	c.t.Helper()
	for protocol.Works(t.State) {
		var now protocol.Transfer // what is not in an answer is not so any more
		c.must(transferPage, "transfer.get", protocol.TransferGet{ID: t.ID, Not: t.State, WaitMs: 5000}, &now)
		t = now
	}
	return t
}

// request makes a request.
func (c *client) request() protocol.RequestMade {
	c.t.Helper()
	var made protocol.RequestMade
	c.must(transferPage, "transfer.request", protocol.RequestMake{}, &made)
	return made
}

// groupsOf reads the groups that are asked for from a screen.
func groupsOf(fingerprint string, ask []int) []string {
	all := strings.Split(fingerprint, "-")
	var out []string
	for _, n := range ask {
		out = append(out, all[n-1])
	}
	return out
}

// seal moves everything out for a request.
func (c *client) seal(made protocol.RequestMade) (protocol.Transfer, []byte) {
	c.t.Helper()
	var t protocol.Transfer
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferSealed, Request: made.Request}, &t)
	t = c.settled(t)
	start := protocol.TransferStart{ID: t.ID, Groups: groupsOf(made.Fingerprint, t.Ask), Secret: protocol.Secret{Passphrase: goodPhrase}}
	c.must(transferPage, "transfer.start", start, &t)
	t = c.settled(t)
	return t, c.fetch(t)
}

func (c *client) fetch(t protocol.Transfer) []byte {
	c.t.Helper()
	if t.State != protocol.StateReady {
		c.t.Fatalf("nothing to fetch: %s %v", t.State, t.Error)
	}
	var b bytes.Buffer
	for {
		var d protocol.TransferData
		c.must(transferPage, "transfer.next", protocol.TransferNext{ID: t.ID, Offset: int64(b.Len())}, &d)
		b.Write(d.Data)
		if d.Last {
			return b.Bytes()
		}
	}
}

// bring uploads a file.
func (c *client) bring(kind string, raw []byte) protocol.Transfer {
	c.t.Helper()
	var t protocol.Transfer
	c.must(transferPage, "transfer.import", protocol.TransferImport{Kind: kind}, &t)
	for offset := 0; ; {
		n := min(len(raw)-offset, 1000)
		put := protocol.TransferPut{ID: t.ID, Offset: int64(offset), Data: raw[offset : offset+n], Last: offset+n == len(raw)}
		c.must(transferPage, "transfer.put", put, &t)
		if offset += n; put.Last {
			return c.settled(t)
		}
	}
}

func (c *client) answer(t protocol.Transfer, fingerprint string) protocol.Transfer {
	c.t.Helper()
	c.must(transferPage, "transfer.answer", protocol.TransferAnswer{ID: t.ID, Groups: groupsOf(fingerprint, t.Ask)}, &t)
	return c.settled(t)
}

func (c *client) store(t protocol.Transfer) protocol.Transfer {
	c.t.Helper()
	c.must(transferPage, "transfer.commit", protocol.TransferRef{ID: t.ID}, &t)
	return c.settled(t)
}

func TestMoveBySealedFile(t *testing.T) {
	from, to := newRig(t, everVerified), newRig(t, everVerified)
	out, _ := from.withVault()
	in, _ := to.withVault()
	from.fill(20)
	made := in.request()
	sent, file := out.seal(made)
	if sent.Counts["passkey"] != 20 || sent.Claim.Name != "keyferry.app" {
		t.Errorf("what leaves: %+v", sent)
	}
	if bytes.Contains(file, []byte("example.com")) {
		t.Error("the file is readable")
	}
	got := in.bring(protocol.TransferSealed, file)
	got = in.answer(got, sent.Fingerprint)
	if got.State != protocol.StateReview || got.Counts["new"] != 20 {
		t.Fatalf("to review: %+v", got)
	}
	if n := to.passkeys(); n != 0 {
		t.Errorf("%d passkeys before the person agreed", n)
	}
	// The page is closed and opened again: another connection of the same browser finds it.
	again := to.browser(in.key)
	var list protocol.TransferList
	again.must(transferPage, "transfer.list", nil, &list)
	if len(list.Transfers) != 1 || list.Transfers[0].ID != got.ID {
		t.Fatalf("the reopened page sees %+v", list)
	}
	got = again.store(got)
	if got.State != protocol.StateDone || got.Outcome.Added != 20 || to.passkeys() != 20 {
		t.Fatalf("stored: %+v %v", got, got.Error)
	}
	// The request is used up.
	if late := in.bring(protocol.TransferSealed, file); late.Error == nil || late.Error.Code != protocol.CodeRequestGone {
		t.Errorf("the response came in a second time: %+v", late)
	}
	var imports protocol.ImportList
	in.must(transferPage, "transfer.imports", nil, &imports)
	var undone protocol.ImportUndone
	in.must(transferPage, "transfer.undo", protocol.ImportUndo{ID: imports.Imports[0].ID}, &undone)
	if n := to.passkeys(); n != 0 || undone != (protocol.ImportUndone{Removed: 20}) || imports.Imports[0].Added != 20 {
		t.Errorf("%d passkeys after the undo, %+v", n, undone)
	}
	wantCode(t, "undo again", in.call(transferPage, "transfer.undo", protocol.ImportUndo{ID: imports.Imports[0].ID}, nil), protocol.CodeNotFound)
	var log protocol.AuditLog
	out.must(page("vault"), "audit", protocol.AuditQuery{Query: "exported"}, &log)
	if len(log.Lines) != 1 || !strings.Contains(log.Lines[0].What, "20 passkeys") {
		t.Errorf("the log says %+v", log)
	}
}

func TestWrongGroupsLetNothingOut(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	r.fill(1)
	made := c.request()
	var tr protocol.Transfer
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferSealed, Request: made.Request}, &tr)
	tr = c.settled(tr)
	wrong := protocol.TransferStart{ID: tr.ID, Groups: []string{"0000", "0000", "0000"}, Secret: protocol.Secret{Passphrase: goodPhrase}}
	for range maxGroupTries {
		wantCode(t, "wrong groups", c.call(transferPage, "transfer.start", wrong, nil), protocol.CodeFingerprint)
	}
	wrong.Groups = groupsOf(made.Fingerprint, tr.Ask)
	wantCode(t, "the right ones, too late", c.call(transferPage, "transfer.start", wrong, nil), protocol.CodeStale)
	wantCode(t, "fetching", c.call(transferPage, "transfer.next", protocol.TransferNext{ID: tr.ID}, nil), protocol.CodeStale)
}

func TestTheDialogSaysWhatLeavesAndToWhom(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	r.fill(3)
	made := c.request()
	for _, kind := range []string{protocol.TransferSealed, protocol.TransferBackup, protocol.TransferPlain} {
		var tr protocol.Transfer
		q := protocol.TransferExport{Kind: kind}
		if kind == protocol.TransferSealed {
			q.Request = made.Request
		}
		c.must(transferPage, "transfer.export", q, &tr)
		tr = c.settled(tr)
		r.person.answer(func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused })
		before := len(r.person.seen())
		err := c.call(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID, Groups: groupsOf(made.Fingerprint, tr.Ask), Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
		wantCode(t, kind+" refused in the dialog", err, protocol.CodeDenied)
		seen := r.person.seen()[before:]
		if len(seen) != 1 || !strings.Contains(seen[0].Description, "3 passkeys") {
			t.Fatalf("%s: the dialog says %+v", kind, seen)
		}
		want := map[string]string{protocol.TransferSealed: "keyferry.app", protocol.TransferBackup: "encrypted backup", protocol.TransferPlain: "WITHOUT ENCRYPTION"}[kind]
		if !strings.Contains(seen[0].Description, want) {
			t.Errorf("%s: the dialog does not say %q: %s", kind, want, seen[0].Description)
		}
		wantCode(t, "fetching what was refused", c.call(transferPage, "transfer.next", protocol.TransferNext{ID: tr.ID}, nil), protocol.CodeStale)
		c.must(transferPage, "transfer.cancel", protocol.TransferRef{ID: tr.ID}, nil)
	}
}

// Where no dialog can be shown, a page can't let anything out, whatever was typed into it; the command line can.
func TestAPageLetsNothingOut(t *testing.T) {
	r := newRig(t)
	c, made := r.withVault()
	r.fill(1)
	cli := r.cli()
	phrase := strings.Join(made.RecoveryPhrase, " ")
	for _, kind := range []string{protocol.TransferPlain, protocol.TransferBackup} {
		for _, secret := range []protocol.Secret{{}, {Passphrase: goodPhrase}, {Recovery: phrase}} {
			var tr protocol.Transfer
			c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: kind}, &tr)
			tr = c.settled(tr)
			start := protocol.TransferStart{ID: tr.ID, Secret: secret, New: protocol.Secret{Passphrase: "a different lantern quarry"}}
			wantCode(t, kind+" by a page", c.call(transferPage, "transfer.start", start, nil), protocol.CodeNoDialog)
			c.must(transferPage, "transfer.cancel", protocol.TransferRef{ID: tr.ID}, nil)
		}
	}
	var tr protocol.Transfer
	cli.must(nil, "transfer.export", protocol.TransferExport{Kind: protocol.TransferPlain}, &tr)
	for protocol.Works(tr.State) {
		cli.must(nil, "transfer.get", protocol.TransferGet{ID: tr.ID, Not: tr.State, WaitMs: 5000}, &tr)
	}
	cli.must(nil, "transfer.start", protocol.TransferStart{ID: tr.ID, Secret: protocol.Secret{Passphrase: goodPhrase}}, &tr)
}

func TestAskingAgainAndAgainIsBounded(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Dialogs = 2 * exportTries }) // the limit of moves out, not that of all dialogs
	c, _ := r.withVault()
	r.fill(1)
	r.person.answer(func(consent.Prompt) ([]byte, error) { return nil, consent.ErrRefused })
	var tr protocol.Transfer
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferPlain}, &tr)
	tr = c.settled(tr)
	for range exportTries {
		wantCode(t, "refused", c.call(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID}, nil), protocol.CodeDenied)
	}
	before := len(r.person.seen())
	wantCode(t, "once more", c.call(transferPage, "transfer.start", protocol.TransferStart{ID: tr.ID}, nil), protocol.CodeRateLimited)
	if len(r.person.seen()) != before {
		t.Error("the person was asked all the same")
	}
}

func TestOthersTransfersDoNotExist(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	r.fill(1)
	var tr protocol.Transfer
	c.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferPlain}, &tr)
	cli := r.cli()
	wantCode(t, "the command line", cli.call(nil, "transfer.get", protocol.TransferGet{ID: tr.ID}, nil), protocol.CodeNotFound)
	var list protocol.TransferList
	cli.must(nil, "transfer.list", nil, &list)
	if len(list.Transfers) != 0 {
		t.Errorf("the command line sees %+v", list)
	}
	// One of the command line ends with its connection.
	auth := protocol.Secret{Passphrase: goodPhrase}
	cli.must(nil, "transfer.import", protocol.TransferImport{Kind: protocol.TransferPlain, Secret: auth}, &tr)
	_ = cli.c.Close()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		r.a.transfers.mu.Lock()
		_, there := r.a.transfers.all[tr.ID]
		r.a.transfers.mu.Unlock()
		if !there {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it outlives its connection")
		}
	}
}

func TestRequestsExpireAndBelongToOneVault(t *testing.T) {
	from, to, third := newRig(t, everVerified), newRig(t, everVerified), newRig(t, everVerified)
	out, _ := from.withVault()
	in, _ := to.withVault()
	other, _ := third.withVault()
	from.fill(2)
	sent, file := out.seal(in.request())
	if got := other.bring(protocol.TransferSealed, file); got.Error == nil || got.Error.Code != protocol.CodeRequestGone {
		t.Errorf("a response for somebody else: %+v", got)
	}
	forged := bytes.Replace(file, []byte(`"exporter":"keyferry.app"`), []byte(`"exporter":"other.example"`), 1)
	if bytes.Equal(forged, file) {
		t.Fatal("the test has changed nothing")
	}
	got := in.bring(protocol.TransferSealed, forged)
	err := in.call(transferPage, "transfer.answer", protocol.TransferAnswer{ID: got.ID, Groups: groupsOf(sent.Fingerprint, got.Ask)}, nil)
	wantCode(t, "a response that was exchanged on the way", err, protocol.CodeFingerprint)
	to.a.transfers.now = func() time.Time { return time.Now().Add(cxp.IndirectLifetime + time.Minute) }
	if got := in.bring(protocol.TransferSealed, file); got.Error == nil || got.Error.Code != protocol.CodeRequestGone {
		t.Errorf("a response after a day: %+v", got)
	}
	if n := to.passkeys(); n != 0 {
		t.Errorf("%d passkeys came in", n)
	}
}

func TestBackupAndRestore(t *testing.T) {
	if underRace {
		t.Skip("a backup's Argon2 takes half a minute under the race detector")
	}
	from, to := newRig(t, everVerified), newRig(t, everVerified)
	out, _ := from.withVault()
	in, _ := to.withVault()
	from.fill(5)
	var tr protocol.Transfer
	out.must(transferPage, "transfer.export", protocol.TransferExport{Kind: protocol.TransferBackup}, &tr)
	tr = out.settled(tr)
	start := protocol.TransferStart{ID: tr.ID, Secret: protocol.Secret{Passphrase: goodPhrase}, New: protocol.Secret{Passphrase: "a different lantern quarry"}}
	out.must(transferPage, "transfer.start", start, &tr)
	file := out.fetch(out.settled(tr))

	got := in.bring(protocol.TransferBackup, file)
	in.must(transferPage, "transfer.answer", protocol.TransferAnswer{ID: got.ID, Secret: protocol.Secret{Passphrase: "not this one"}}, &got)
	if got = in.settled(got); got.State != protocol.StateAsking || got.Error == nil || got.Error.Code != protocol.CodeWrongSecret {
		t.Fatalf("a wrong passphrase: %+v", got)
	}
	in.must(transferPage, "transfer.answer", protocol.TransferAnswer{ID: got.ID, Secret: start.New}, &got)
	if got = in.store(in.settled(got)); got.Outcome == nil || got.Outcome.Added != 5 || to.passkeys() != 5 {
		t.Fatalf("restored: %+v %v", got, got.Error)
	}
	// The same once more changes nothing.
	got = in.bring(protocol.TransferBackup, file)
	in.must(transferPage, "transfer.answer", protocol.TransferAnswer{ID: got.ID, Secret: start.New}, &got)
	if got = in.store(in.settled(got)); got.Outcome == nil || !got.Outcome.Unchanged || to.passkeys() != 5 {
		t.Errorf("the second time: %+v", got.Outcome)
	}
}

func TestNothingReadableLiesOnTheDisk(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	raw := []byte(`{"version":{"major":1,"minor":0},"exporterRpId":"x.example","exporterDisplayName":"X","timestamp":1,"accounts":[]}`)
	marker := []byte("a-secret-that-nobody-may-read")
	var tr protocol.Transfer
	c.must(transferPage, "transfer.import", protocol.TransferImport{Kind: protocol.TransferPlain}, &tr)
	c.must(transferPage, "transfer.put", protocol.TransferPut{ID: tr.ID, Data: append(raw, marker...)}, &tr)
	err := filepath.WalkDir(filepath.Dir(r.cfg.Profile.VaultDir), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, marker) {
			t.Errorf("%s holds it", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a piece twice", c.call(transferPage, "transfer.put", protocol.TransferPut{ID: tr.ID, Data: raw}, nil), protocol.CodeStale)
	c.must(transferPage, "transfer.put", protocol.TransferPut{ID: tr.ID, Offset: int64(len(raw) + len(marker)), Last: true}, &tr)
	if tr = c.settled(tr); tr.State != protocol.StateFailed || tr.Error.Code != protocol.CodeBadFile {
		t.Errorf("rubbish after the document: %+v", tr)
	}
}
