package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keepHeader copies both copies of a vault's header, and returns what puts them back.
func keepHeader(t *testing.T, dir string, names ...string) (back func()) {
	t.Helper()
	kept := map[string][]byte{}
	for _, name := range names {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		kept[name] = raw
	}
	return func() {
		t.Helper()
		for name, raw := range kept {
			if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func wantOlderHeader(t *testing.T, what string, err error) {
	t.Helper()
	var d *DamagedError
	if !errors.As(err, &d) || len(d.Findings) != 1 || d.Findings[0].Place != "header" || !strings.Contains(d.Findings[0].Problem, "older one was put back") {
		t.Errorf("%s: %v", what, err)
	}
}

// Who has seen an old passphrase and puts the old header back gets no silence: the vault says so, whoever opens it.
func TestAnOlderHeaderIsNoticed(t *testing.T) {
	ctx := context.Background()
	for _, names := range [][]string{{fileHeader, fileBackup}, {fileHeader}} {
		v := newVaultIn(t, fastDir(t)+"/v")
		p := samplePasskey(1, "example.com", p256Key(t))
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
		_, phrase := NewRecoveryPhrase()
		if _, err := v.AddSlot(ctx, phrase, ""); err != nil {
			t.Fatal(err)
		}
		old := keepHeader(t, v.dir, names...)
		other := Passphrase([]byte("one that nobody has seen"))
		if err := v.ChangePassphrase(ctx, v.Slots()[0].ID, other); err != nil {
			t.Fatal(err)
		}
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		present := keepHeader(t, v.dir, fileHeader, fileBackup)
		old()
		for what, s := range map[string]Secret{"the old passphrase": secret(), "the recovery phrase": phrase} {
			w, err := Open(ctx, v.dir, s, cheap())
			wantOlderHeader(t, what, err)
			if err == nil {
				_ = w.Close()
			}
		}
		checkBelowOlderHeader(t, v.dir, phrase, p)

		present()
		w, err := Open(ctx, v.dir, other, cheap())
		if err != nil {
			t.Fatal(err)
		}
		if h, err := w.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
			t.Errorf("with its own header: %+v %v", h, err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// checkBelowOlderHeader reads on and salvages: nothing but the header is wrong.
func checkBelowOlderHeader(t *testing.T, dir string, s Secret, p *Passkey) {
	t.Helper()
	ctx := context.Background()
	o := cheap()
	o.ReadOnlyIfDamaged = true
	v, err := Open(ctx, dir, s, o)
	if err != nil {
		t.Fatal(err)
	}
	h, err := v.AwaitHealth(ctx)
	if err != nil || h.State != HealthDamaged {
		t.Errorf("%+v %v", h, err)
	}
	wantOlderHeader(t, "its health", v.damage())
	if got, err := v.Passkey(ctx, p.ID); err != nil {
		t.Error(err)
	} else {
		samePasskey(t, got, p)
	}
	if err := v.AddPasskey(ctx, samplePasskey(2, "example.org", p256Key(t))); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a write: %v", err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	fresh := fastDir(t) + "/fresh"
	report, err := Salvage(ctx, dir, fresh, s, cheap())
	if err != nil || report.Passkeys != 1 {
		t.Fatalf("%+v %v", report, err)
	}
	wantOlderHeader(t, "the salvage's list", &DamagedError{Findings: report.Lost})
	if v, err = Open(ctx, fresh, s, cheap()); err != nil {
		t.Fatal(err)
	}
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Errorf("the fresh vault: %+v %v", h, err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
}

// A vault of before there was a count opens as ever, and has one from its first change on.
func TestAVaultWithoutHeaderCountGetsOne(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(fastDir(t), "v")
	copyTree(t, dir, goldenV1)
	v, err := Open(ctx, dir, secret(), Options{Cost: costFloor})
	if err != nil {
		t.Fatal(err)
	}
	if v.st.header != 0 {
		t.Fatal("the golden vault has a count; this proves nothing")
	}
	old := keepHeader(t, dir, fileHeader, fileBackup)
	if err := v.ChangePassphrase(ctx, v.Slots()[0].ID, Passphrase([]byte("another"))); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	old()
	w, err := Open(ctx, dir, secret(), Options{})
	wantOlderHeader(t, "a migrated vault", err)
	if err == nil {
		_ = w.Close()
	}
}

// The count never runs ahead of the header: a change that the header does not show yet is not counted.
func TestHeaderCountFollowsTheHeader(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	same := func(what string) {
		t.Helper()
		_, h, err := readHeaders(v.dir)
		if err != nil || h.revision != v.st.header || h.revision != v.hdr.revision {
			t.Errorf("after %s: header %d, count %d, %v", what, h.revision, v.st.header, err)
		}
	}
	same("making")
	_, phrase := NewRecoveryPhrase()
	slot, err := v.AddSlot(ctx, phrase, "")
	if err != nil {
		t.Fatal(err)
	}
	same("adding a slot")
	if err := v.RemoveSlot(ctx, slot.ID); err != nil {
		t.Fatal(err)
	}
	same("removing it")
	if err := v.Rekey(ctx); err != nil {
		t.Fatal(err)
	}
	same("new keys")
	p := samplePasskey(1, "example.com", p256Key(t))
	if err := errors.Join(v.AddPasskey(ctx, p), v.Trash(ctx, p.ID)); err != nil {
		t.Fatal(err)
	}
	if n, err := v.EmptyTrash(ctx, p.CreatedAt.AddDate(100, 0, 0)); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	same("emptying the trash")
	v = reopen(t, v)
	same("a reopening")
}
