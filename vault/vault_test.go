package vault

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

func TestPasskeyComesBackAfterReopen(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	p := samplePasskey(1, "example.com", p256Key(t))
	p.Extra, p.LargeBlob, p.Title = []byte(`{"x":1}`), []byte("blob"), "My title"
	if err := v.AddPasskey(ctx, p); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, v)
	got, err := v.PasskeyByCredential(ctx, "example.com", p.CredentialID)
	if err != nil {
		t.Fatal(err)
	}
	samePasskey(t, got, p)
	list, err := v.PasskeysByRP(ctx, "example.com")
	if err != nil || len(list) != 1 || list[0].ID != p.ID || !list[0].HasPRF {
		t.Fatalf("list: %v %v", list, err)
	}
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Fatalf("health: %+v %v", h, err)
	}
	if _, err := v.PasskeyByCredential(ctx, "example.org", p.CredentialID); !errors.Is(err, ErrNotFound) {
		t.Fatalf("other rp: %v", err)
	}
	again := *p
	again.ID = ID{}
	var x *ExistsError
	if err := v.AddPasskey(ctx, &again); !errors.As(err, &x) || x.ID != p.ID || !errors.Is(err, ErrExists) {
		t.Fatalf("second add: %v", err)
	}
}

func samePasskey(tb testing.TB, got, want *Passkey) {
	tb.Helper()
	var a, b encoder
	got.encodeInfo(&a)
	got.encodeSecrets(&a)
	want.encodeInfo(&b)
	want.encodeSecrets(&b)
	if got.ID != want.ID || !bytes.Equal(a.b, b.b) {
		tb.Fatalf("got %+v\nwant %+v", got, want)
	}
}

func TestWrongPassphrase(t *testing.T) {
	v := newVaultIn(t, t.TempDir())
	if err := v.Verify(context.Background(), Passphrase([]byte("no"))); !errors.Is(err, ErrWrongSecret) {
		t.Fatal(err)
	}
	if err := v.Verify(context.Background(), secret()); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), v.dir, Passphrase([]byte("no")), cheap()); !errors.Is(err, ErrWrongSecret) {
		t.Fatal(err)
	}
	openIn(t, v.dir)
}

func TestSecondOpenerLearnsWhoHasIt(t *testing.T) {
	v := newVaultIn(t, t.TempDir())
	var e *InUseError
	if _, err := Open(context.Background(), v.dir, secret(), cheap()); !errors.As(err, &e) || e.PID != os.Getpid() {
		t.Fatal(err)
	}
}

func TestSettings(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	for name, val := range map[string]string{"off/a.example": "1", "off/b.example": "", "browser/x": "key"} {
		if err := v.SetSetting(ctx, name, []byte(val)); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.SetSetting(ctx, "off/a.example", []byte("2")); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, v)
	if b, err := v.Setting(ctx, "off/a.example"); err != nil || string(b) != "2" {
		t.Fatal(b, err)
	}
	names, err := v.SettingNames(ctx, "off/")
	if err != nil || len(names) != 2 || names[0] != "off/a.example" {
		t.Fatal(names, err)
	}
	if err := v.DeleteSetting(ctx, "off/a.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Setting(ctx, "off/a.example"); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
}

func TestAuditAndTouch(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	p := samplePasskey(1, "example.com", p256Key(t))
	if err := v.AddPasskey(ctx, p); err != nil {
		t.Fatal(err)
	}
	when := time.UnixMilli(1_800_000_000_000)
	for range 450 {
		v.Log(AuditEvent{Action: "used", What: "Example", Who: "Firefox", Origin: "https://example.com", ID: p.ID})
	}
	v.Log(AuditEvent{Action: "exported", What: "Élan"})
	v.Touch(p.ID, when)
	if list, err := v.PasskeysByRP(ctx, "example.com"); err != nil || len(list) != 1 || !list[0].UsedAt.Equal(when) {
		t.Fatal("a use that waits to be written is not listed", list, err)
	}
	if got, err := v.PasskeyByCredential(ctx, "example.com", p.CredentialID); err != nil || !got.UsedAt.Equal(when) {
		t.Fatal("nor found", got, err)
	}
	v = reopen(t, v)
	got, err := v.Passkey(ctx, p.ID)
	if err != nil || !got.UsedAt.Equal(when) || !got.ModifiedAt.Equal(p.ModifiedAt) {
		t.Fatal(got, err)
	}
	if page, err := v.AuditLog(ctx, "elan", "", 0); err != nil || len(page.Lines) != 1 || page.Next != "" {
		t.Fatal(page, err)
	}
	n, after := 0, ""
	for {
		page, err := v.AuditLog(ctx, "", after, 100)
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Lines)
		if after = page.Next; after == "" {
			break
		}
	}
	if n != 451 {
		t.Fatalf("%d lines", n)
	}
}
