package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// testdata holds a vault of each version that ever was. It must open with what a person has today, show everything,
// and take changes. Made once per version by KEYFERRY_GOLDEN=1 and never touched again.
const goldenV1 = "testdata/golden-v1"

var goldenWords = "testdata/golden-v1.words" // its recovery phrase: a test vault's, of no use to anyone

func goldenPasskeys() []*Passkey {
	var list []*Passkey
	for n := range 12 {
		p := torturePasskey(fmt.Sprintf("golden%d.example", n%4), n)
		p.Title, p.RPName, p.UserDisplayName = fmt.Sprint("Golden ", n), "Gold", "Zoë"
		p.BackupEligible, p.SignCount = n%2 == 0, uint32(n)
		p.CredWithUV, p.CredWithoutUV = bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
		p.LargeBlob, p.CredBlob, p.Extra = []byte("large"), []byte("cred"), []byte(`{"unknown":true}`)
		p.ModifiedAt, p.UsedAt = p.CreatedAt.Add(time.Hour), p.CreatedAt.Add(2*time.Hour)
		list = append(list, p)
	}
	return list
}

func TestGoldenVaultV1(t *testing.T) {
	ctx := context.Background()
	if os.Getenv("KEYFERRY_GOLDEN") == "1" {
		makeGolden(t)
	}
	dir := filepath.Join(t.TempDir(), "v")
	copyTree(t, dir, goldenV1)
	v, err := Open(ctx, dir, secret(), Options{}) // the real floor, as a release has it
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		checkGolden(t, v)
		if err := v.AddPasskey(ctx, samplePasskey(1, "new.example", []byte("k"))); err != nil {
			t.Fatal(err)
		}
		if err := v.Rekey(ctx); err != nil {
			t.Fatal(err)
		}
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(goldenWords)
		if err != nil {
			t.Fatal(err)
		}
		phrase, err := RecoveryPhrase([]string{string(raw)})
		if err != nil {
			t.Fatal(err)
		}
		if v, err = Open(ctx, dir, phrase, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
}

func checkGolden(t *testing.T, v *Vault) {
	t.Helper()
	ctx := context.Background()
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Fatalf("%+v %v", h, err)
	}
	for n, want := range goldenPasskeys() {
		got, err := v.PasskeyByCredential(ctx, want.RPID, want.CredentialID)
		if n == 11 {
			if !errors.Is(err, ErrNotFound) {
				t.Fatal("the trashed passkey is found", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		want.ID = got.ID
		samePasskey(t, got, want)
	}
	if p, err := v.ListTrash(ctx, "golden 11", "", 0); err != nil || p.Total != 1 {
		t.Fatal(p, err)
	}
	p, err := v.Search(ctx, "a golden item", "", 0)
	if err != nil || len(p.Matches) != 1 {
		t.Fatal(p, err)
	}
	i, err := v.Item(ctx, p.Matches[0].Item.ID)
	if err != nil || string(i.Body) != "body" || i.Terms[1] != "two" {
		t.Fatal(i, err)
	}
	id, err := v.Setting(ctx, "golden/blob")
	if err != nil {
		t.Fatal(err)
	}
	blob, err := ParseID(string(id))
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.Blob(ctx, blob)
	if err != nil {
		t.Fatal(err)
	}
	var data bytes.Buffer
	if _, err := data.ReadFrom(b); err != nil || data.Len() != 300_000 {
		t.Fatal(data.Len(), err)
	}
	if l, err := v.AuditLog(ctx, "gold", "", 0); err != nil || len(l.Lines) != 1 || l.Lines[0].Origin != "https://golden1.example" {
		t.Fatal(l, err)
	}
}

func makeGolden(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "v")
	v, err := Create(ctx, dir, secret(), Options{Cost: costFloor})
	check(err)
	words, phrase := NewRecoveryPhrase()
	_, err = v.AddSlot(ctx, phrase, "phrase")
	check(err)
	check(os.WriteFile(goldenWords, []byte(fmt.Sprintln(words)), 0o600))
	for n, p := range goldenPasskeys() {
		check(v.AddPasskey(ctx, p))
		if n == 11 {
			check(v.Trash(ctx, p.ID))
		}
	}
	i := &Item{Title: "A golden item", Subtitle: "sub", Terms: []string{"one", "two"}, Body: []byte("body")}
	check(v.AddItem(ctx, i))
	blob, _, err := v.PutBlob(ctx, i.ID, bytes.NewReader(bytes.Repeat([]byte("0123456789"), 30_000)))
	check(err)
	check(v.SetSetting(ctx, "golden/blob", []byte(blob.String())))
	v.Log(AuditEvent{Action: "used", What: "Gold", Who: "Firefox", Origin: "https://golden1.example"})
	check(v.Close())
	check(os.RemoveAll(goldenV1))
	copyTree(t, goldenV1, dir)
	for _, name := range []string{fileLock, "store-1/DISCARD", "store-1/LOCK"} { // made anew by any open
		check(os.RemoveAll(filepath.Join(goldenV1, name)))
	}
}
