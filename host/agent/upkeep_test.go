package agent

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

func (c *client) audited(query string) []protocol.AuditLine {
	c.t.Helper()
	var log protocol.AuditLog
	c.must(page("vault"), "audit", protocol.AuditQuery{Query: query, Limit: 100}, &log)
	return log.Lines
}

// What has lain in the trash for 30 days goes at the unlock, and daily while the vault stays open; the log says so.
func TestOldTrashIsShreddedDaily(t *testing.T) {
	var ahead atomic.Int64
	r := newRig(t)
	c, _ := r.withVault()
	r.stop()
	r.tune = func(a *agent) { a.clock = func() time.Duration { return bootTime() + time.Duration(ahead.Load()) } }
	r.start()
	unlock := func() {
		t.Helper()
		c = r.browser(c.key)
		c.must(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	}
	unlock()
	trash := func(rp string, ago time.Duration) vault.ID {
		t.Helper()
		var out protocol.ListResult
		c.register(tab(1, "https://"+rp), rp, nil)
		c.must(page("vault"), "list", protocol.ListRequest{Query: rp}, &out)
		id, err := vault.ParseID(out.Entries[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-ago)
		if err := r.a.keep.v.UpdatePasskey(t.Context(), id, func(p *vault.Passkey) error { p.TrashedAt = at; return nil }); err != nil {
			t.Fatal(err)
		}
		return id
	}
	trash("old.example", vault.TrashFor+time.Hour)
	trash("young.example", vault.TrashFor-time.Hour)
	left := func() (n int) {
		var out protocol.ListResult
		c.must(page("vault"), "list", protocol.ListRequest{Trash: true}, &out)
		return out.Total
	}

	r.a.look()
	if n := left(); n != 2 {
		t.Fatalf("%d are in the trash within a day of the last look", n)
	}
	ahead.Add(int64(purgeEvery))
	r.a.keep.consented() // else the vault locks
	r.a.look()
	waitUntil(t, "the daily shredding", func() bool { return left() == 1 })
	waitUntil(t, "the log's line", func() bool { return len(c.audited("emptied the trash")) == 1 })
	line := c.audited("emptied the trash")[0]
	if line.Who != upkeepBy || line.What != "1 entry of 30 days ago" {
		t.Errorf("%+v", line)
	}

	trash("other.example", vault.TrashFor+time.Hour)
	r.stop()
	r.start()
	unlock()
	waitUntil(t, "the shredding at the unlock", func() bool { return left() == 1 })
}

// A passphrase whose derivation has become cheap for this machine gets a dearer one after it has opened the vault.
func TestACheapPassphraseBecomesDearer(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	first := r.cfg.Vault.Cost
	dearer := vault.Cost{MemoryKiB: 2 * first.MemoryKiB, Passes: first.Passes, Lanes: first.Lanes}
	auth := protocol.Secret{Passphrase: goodPhrase}
	cost := func() vault.Cost { return r.a.keep.v.Slots()[0].Cost }
	again := func(s protocol.Secret, cheap time.Duration) {
		t.Helper()
		r.stop()
		r.cfg.Vault.Cost, r.cfg.Limits.CheapOpen = dearer, cheap
		r.start()
		c = r.browser(c.key)
		c.must(page("unlock"), "unlock", protocol.Unlock{Secret: s}, nil)
	}
	again(auth, time.Nanosecond) // it took long enough
	v := r.a.keep.v
	r.stop() // waits for what is under way
	if got := v.Slots()[0].Cost; got != first {
		t.Errorf("a slow one became %+v", got)
	}
	again(auth, time.Hour)
	waitUntil(t, "the dearer slot", func() bool { return cost() == dearer })
	waitUntil(t, "the log's line", func() bool { return len(c.audited("guessing")) == 1 })
	c.register(tab(1, site), "example.com", nil)
	again(auth, time.Hour) // opens, and has nothing left to do
	v = r.a.keep.v
	r.stop()
	if got := v.Slots()[0].Cost; got != dearer {
		t.Errorf("it became %+v", got)
	}
}
