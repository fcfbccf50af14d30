package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestSalvageKeepsWhatAuthenticates(t *testing.T) {
	ctx := context.Background()
	tp := makeTemplate(t)
	tables, err := storeFiles(filepath.Join(tp.closed, "store-1"), ".sst")
	if err != nil || len(tables) == 0 {
		t.Fatal(tables, err)
	}
	b, err := os.ReadFile(tables[len(tables)-1])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/3] ^= 4 // one block
	b[len(b)-3] ^= 4 // and the foot
	if err := os.WriteFile(tables[len(tables)-1], b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, tp.closed, secret(), cheap()); !typedDamage(err) {
		t.Fatalf("open: %v", err)
	}
	dest := filepath.Join(filepath.Dir(tp.closed), "fresh")
	report, err := Salvage(ctx, tp.closed, dest, secret(), cheap())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Lost) == 0 || report.Passkeys == 0 {
		t.Fatalf("%+v", report)
	}
	t.Logf("%d passkeys, %d items, %d settings; %d findings, first %v", report.Passkeys, report.Items, report.Settings, len(report.Lost), report.Lost[0])
	kept, err := Replace(tp.closed, dest)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := Exists(kept); err != nil || !there {
		t.Fatal("the damaged vault is gone", err)
	}
	v := openIn(t, tp.closed)
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Fatalf("%+v %v", h, err)
	}
	found := 0
	for _, p := range tp.passkeys {
		got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		found++
		if string(got.PrivateKey) != string(p.PrivateKey) {
			t.Fatal("another key")
		}
	}
	if found != report.Passkeys {
		t.Fatalf("%d passkeys found, %d reported", found, report.Passkeys)
	}
	if err := v.AddPasskey(ctx, samplePasskey(1, "new.example", []byte("k"))); err != nil {
		t.Fatal(err)
	}
}

// A close and an open in good order copy nothing aside and repair nothing.
func TestCleanOpenTouchesNothing(t *testing.T) {
	ctx := context.Background()
	v, _ := filled(t, 300)
	for range 3 {
		v = reopen(t, v)
		if _, err := os.Stat(v.genFile(dirAside, 1)); !errors.Is(err, os.ErrNotExist) {
			t.Fatal("a clean open copied the store aside")
		}
		if err := v.AddPasskey(ctx, samplePasskey(1, "x.example", []byte("k"))); err != nil {
			t.Fatal(err)
		}
	}
}

// The header's second copy takes the place of a damaged one, and a forged one opens nothing.
func TestHeaderHealsFromItsCopy(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(v.dir, fileHeader)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := append([]byte(nil), good...)
	bad[100] ^= 1
	if err := os.WriteFile(path, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	w := openIn(t, v.dir)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(good) {
		t.Fatal("the header was not put right", err)
	}
	// Somebody without the keys changes the header and makes its plain checksum fit.
	h, err := decodeHeader(good)
	if err != nil {
		t.Fatal(err)
	}
	h.revision++
	forged := h.encode(make([]byte, 32))
	for _, name := range []string{fileHeader, fileBackup} {
		if err := os.WriteFile(filepath.Join(v.dir, name), forged, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(ctx, v.dir, secret(), cheap()); !typedDamage(err) {
		t.Fatalf("forged header: %v", err)
	}
}
