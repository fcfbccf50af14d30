package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
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

// The log keeps its newest batches; the oldest go, and the rest stays whole.
func TestTheAuditLogIsCapped(t *testing.T) {
	if raceShare > 1 {
		t.Skip("thousands of commits, one after another")
	}
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	for n := range auditRecords + 3 {
		v.Log(AuditEvent{Action: "used", What: fmt.Sprintf("line-%d.", n)})
		if err := v.Flush(ctx); err != nil {
			t.Fatal(err)
		}
	}
	v = reopen(t, v)
	for query, want := range map[string]int{"line-2.": 0, "line-3.": 1, fmt.Sprintf("line-%d.", auditRecords+2): 1} {
		if page, err := v.AuditLog(ctx, query, "", 0); err != nil || len(page.Lines) != want {
			t.Errorf("%s: %d lines, %v", query, len(page.Lines), err)
		}
	}
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Errorf("%+v %v", h, err)
	}
}

func TestPasskeysOfOneAccount(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	ann, ben := []byte("ann"), []byte("ben")
	var want []ID
	for n, user := range [][]byte{ann, ben, ann} {
		p := samplePasskey(n, "example.com", []byte("k"))
		p.UserHandle = user
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
		if n != 1 {
			want = append(want, p.ID)
		}
	}
	elsewhere := samplePasskey(3, "example.org", []byte("k"))
	elsewhere.UserHandle = ann
	if err := v.AddPasskey(ctx, elsewhere); err != nil {
		t.Fatal(err)
	}
	list, err := v.PasskeysByAccount(ctx, "example.com", ann)
	if err != nil || len(list) != 2 || !slices.Contains(want, list[0].ID) || !slices.Contains(want, list[1].ID) || list[0].ID == list[1].ID {
		t.Errorf("%+v %v", list, err)
	}
	if err := v.Trash(ctx, want[0]); err != nil {
		t.Fatal(err)
	}
	if list, err = v.PasskeysByAccount(ctx, "example.com", ann); err != nil || len(list) != 1 || list[0].ID != want[1] {
		t.Errorf("after one was trashed: %+v %v", list, err)
	}
	if list, err = v.PasskeysByAccount(ctx, "example.com", []byte("nobody")); err != nil || len(list) != 0 {
		t.Errorf("nobody's: %+v %v", list, err)
	}
}
