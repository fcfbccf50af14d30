package agent

import (
	"strings"
	"testing"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault/vaulttest"
)

func TestStoreByItsMessages(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	v := page("vault")
	auth := protocol.Secret{Passphrase: goodPhrase}
	c.register(tab(1, site), "example.com", nil)
	private := tab(2, "https://secret.example")
	private.Private = true
	c.register(private, "secret.example", nil)

	var list protocol.ListResult
	c.must(v, "list", protocol.ListRequest{Query: "secret.example"}, &list)
	if list.Total != 1 || list.Entries[0].RPID != "secret.example" {
		t.Fatalf("%+v", list)
	}
	c.must(v, "trash", protocol.Ref{ID: list.Entries[0].ID}, nil)
	c.must(v, "trash.empty", protocol.EmptyTrash{Secret: auth}, nil)
	list = protocol.ListResult{}
	c.must(v, "list", nil, &list)
	if list.Total != 1 || list.Entries[0].Algorithm != "ES256" || list.Entries[0].UserName != "ann@example.com" {
		t.Fatalf("%+v", list)
	}
	id := list.Entries[0].ID
	var e protocol.Entry
	c.must(v, "rename", protocol.Rename{ID: id, Title: "Example, work", DisplayName: "Ann Lee"}, &e)
	c.must(v, "show", protocol.Ref{ID: id}, &e)
	if e.Title != "Example, work" || e.DisplayName != "Ann Lee" || e.UserName != "ann@example.com" {
		t.Errorf("%+v", e)
	}
	c.must(v, "trash", protocol.Ref{ID: id}, nil)
	if out := c.send(tab(1, site), "webauthn.get", get("example.com", nil)).result(); out.Reason != "no-match" {
		t.Errorf("from the trash: %+v", out)
	}
	list = protocol.ListResult{}
	c.must(v, "list", protocol.ListRequest{Trash: true}, &list)
	if list.Total != 1 || list.Entries[0].TrashedAt == 0 {
		t.Errorf("%+v", list)
	}
	c.must(v, "untrash", protocol.Ref{ID: id}, nil)
	p, shown := c.begin(tab(1, site), get("example.com", nil))
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	p.result()
	c.must(v, "trash", protocol.Ref{ID: id}, nil)
	wantCode(t, "empty without a secret", c.call(v, "trash.empty", nil, nil), protocol.CodeNoDialog)
	wantCode(t, "empty with a wrong one", c.call(v, "trash.empty", protocol.EmptyTrash{Secret: protocol.Secret{Passphrase: "x"}}, nil), protocol.CodeWrongSecret)
	var emptied protocol.Emptied
	c.must(v, "trash.empty", protocol.EmptyTrash{Secret: auth}, &emptied)
	wantCode(t, "shown after it was shredded", c.call(v, "show", protocol.Ref{ID: id}, nil), protocol.CodeNotFound)
	if emptied.Count != 1 {
		t.Errorf("%+v", emptied)
	}

	var log protocol.AuditLog
	c.must(v, "audit", protocol.AuditQuery{}, &log)
	var said []string
	for _, l := range log.Lines {
		said = append(said, l.Action+" "+l.What+" "+l.Origin+" by "+l.Who)
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"created example.com https://example.com by chromium", "used example.com", "changed Example, work", "trashed", "restored", "emptied the trash"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in the log:\n%s", want, all)
		}
	}
	if strings.Contains(all, "secret.example") {
		t.Errorf("a private window is in the log:\n%s", all)
	}
	var h protocol.Health
	waitUntil(t, "the check", func() bool {
		c.must(v, "vault.health", nil, &h)
		return h.State != "checking"
	})
	if h.State != "whole" || len(h.Findings) != 0 {
		t.Errorf("%+v", h)
	}
	for _, x := range []struct {
		typ  string
		body any
	}{
		{"list", protocol.ListRequest{Limit: 501}}, {"list", protocol.ListRequest{Query: strings.Repeat("x", 5000)}}, {"show", protocol.Ref{ID: "?"}},
		{"rename", protocol.Rename{ID: id, Title: strings.Repeat("x", 10_000)}}, {"audit", protocol.AuditQuery{Limit: -1}}, {"show", "no object"},
		{"list", map[string]any{"limit": "many"}},
	} {
		wantCode(t, x.typ, c.call(v, x.typ, x.body, nil), protocol.CodeBadRequest)
	}
	wantCode(t, "trash of nothing", c.call(v, "trash", protocol.Ref{ID: "AAAAAAAAAAAAAAAAAAAAAA"}, nil), protocol.CodeNotFound)
}

func TestListByTheCommandLineTakesAVerification(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	cli := r.cli()
	wantCode(t, "without a secret", cli.call(nil, "list", nil, nil), protocol.CodeNoDialog)
	var list protocol.ListResult
	cli.must(nil, "list", protocol.ListRequest{Secret: protocol.Secret{Passphrase: goodPhrase}}, &list)
	if list.Total != 1 {
		t.Errorf("%+v", list)
	}
	wantCode(t, "the next one takes another", cli.call(nil, "list", nil, nil), protocol.CodeNoDialog)
}

func TestSettings(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	s := page("settings")
	var got protocol.Settings
	c.must(s, "settings.get", nil, &got)
	if got != defaultChoices() {
		t.Errorf("%+v", got)
	}
	good := protocol.Settings{LockAfterMs: 3_600_000, VerifyForMs: 120_000, LockOnScreen: false, LockOnSuspend: true, Secret: protocol.Secret{Passphrase: goodPhrase}}
	for _, bad := range []protocol.Settings{
		{LockAfterMs: 1000, Secret: good.Secret}, {LockAfterMs: 1 << 40, Secret: good.Secret}, {LockAfterMs: 60_000, VerifyForMs: 3_600_000, Secret: good.Secret}, {LockAfterMs: 60_000, VerifyForMs: -1, Secret: good.Secret},
	} {
		wantCode(t, "out of bounds", c.call(s, "settings.set", bad, nil), protocol.CodeBadRequest)
	}
	c.must(s, "settings.set", good, &got)
	r.stop()
	r.start()
	c = r.browser(c.key)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: good.Secret}, nil)
	got = protocol.Settings{}
	c.must(s, "settings.get", nil, &got)
	good.Secret = protocol.Secret{}
	if got != good {
		t.Errorf("after a new start: %+v", got)
	}
}

func TestSlots(t *testing.T) {
	r := newRig(t)
	c, made := r.withVault()
	s := page("settings")
	auth := protocol.Secret{Passphrase: goodPhrase}
	const second = "velvet harbour sextant plum"
	slots := func() []protocol.Slot {
		var out protocol.SlotList
		c.must(s, "slots.list", nil, &out)
		return out.Slots
	}
	if got := slots(); len(got) != 2 || got[0].Kind != "passphrase" || got[0].MemoryKiB != int(vaulttest.Options().Cost.MemoryKiB) || got[1].Kind != "recovery" {
		t.Fatalf("%+v", got)
	}
	wantCode(t, "a weak one", c.call(s, "slots.add", protocol.SlotAdd{Kind: "passphrase", Secret: auth, New: protocol.Secret{Passphrase: "hunter2"}}, nil), protocol.CodeWeakPassphrase)
	wantCode(t, "no such kind", c.call(s, "slots.add", protocol.SlotAdd{Kind: "tattoo", Secret: auth}, nil), protocol.CodeBadRequest)
	c.must(s, "slots.change", protocol.SlotChange{ID: slots()[0].ID, Secret: auth, New: protocol.Secret{Passphrase: second}}, nil)
	wantCode(t, "the old passphrase", c.call(s, "rekey", protocol.Rekey{Secret: auth}, nil), protocol.CodeWrongSecret)
	auth.Passphrase = second
	c.must(s, "pin.set", protocol.PinSet{Secret: auth, New: protocol.Secret{Pin: "482907"}}, nil)
	c.must(s, "rekey", protocol.Rekey{Secret: auth}, nil)
	var st protocol.Status
	c.must(nil, "status", nil, &st)
	if st.Pin {
		t.Error("a PIN that opens nothing any more is still there")
	}
	// The recovery phrase verifies too, and the last slot stays.
	phrase := protocol.Secret{Recovery: strings.Join(made.RecoveryPhrase, " ")}
	c.must(s, "slots.remove", protocol.SlotRemove{ID: slots()[0].ID, Secret: phrase}, nil)
	wantCode(t, "the last slot", c.call(s, "slots.remove", protocol.SlotRemove{ID: slots()[0].ID, Secret: phrase}, nil), protocol.CodeConflict)
	var added protocol.SlotAdded
	c.must(s, "slots.add", protocol.SlotAdd{Kind: "recovery", Label: "in the safe\u202e", Secret: phrase}, &added)
	if len(added.RecoveryPhrase) != len(made.RecoveryPhrase) || added.Slot.Label != "in the safe" {
		t.Errorf("%+v", added.Slot)
	}
	r.stop()
	r.start()
	c = r.browser(c.key)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Recovery: strings.ToUpper(strings.Join(added.RecoveryPhrase, "  "))}}, nil)
}

func TestVaultCreateRefusesWhatIsWeak(t *testing.T) {
	r := newRig(t)
	c := r.browser(nil)
	make := func(s protocol.Secret) error {
		return c.call(page("welcome"), "vault.create", protocol.VaultCreate{Secret: s}, nil)
	}
	wantCode(t, "nothing", make(protocol.Secret{}), protocol.CodeNoDialog)
	wantCode(t, "a weak one", make(protocol.Secret{Passphrase: "password1"}), protocol.CodeWeakPassphrase)
	wantCode(t, "a list without a vault", c.call(page("vault"), "list", nil, nil), protocol.CodeNoVault)
	var rated protocol.PassphraseStrength
	c.must(page("welcome"), "passphrase.check", protocol.PassphraseCheck{Passphrase: goodPhrase}, &rated)
	if !rated.Accept || rated.Verdict == "" {
		t.Errorf("%+v", rated)
	}
	if err := make(protocol.Secret{Passphrase: goodPhrase}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a second vault", make(protocol.Secret{Passphrase: goodPhrase}), protocol.CodeVaultExists)
}
