package vault

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSlotsOpenTheVault(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	p := samplePasskey(1, "example.com", p256Key(t))
	if err := v.AddPasskey(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := v.SetSetting(ctx, "browser/1", []byte("x")); err != nil {
		t.Fatal(err)
	}
	words, phrase := NewRecoveryPhrase()
	if _, err := v.AddSlot(ctx, phrase, "phrase"); err != nil {
		t.Fatal(err)
	}
	ring, err := KeyringSecret(bytes.Repeat([]byte{7}, KeyringSecretSize))
	if err != nil {
		t.Fatal(err)
	}
	slot, err := v.AddSlot(ctx, ring, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(ctx, ring); !errors.Is(err, ErrInvalid) {
		t.Fatalf("keyring counts as verification: %v", err)
	}
	pin, err := v.SealPIN([]byte("123456"))
	if err != nil {
		t.Fatal(err)
	}
	typed, err := RecoveryPhrase(words)
	if err != nil {
		t.Fatal(err)
	}
	fromPIN, err := OpenPIN(pin, []byte("123456"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPIN(pin, []byte("123457")); !errors.Is(err, ErrWrongSecret) {
		t.Fatal(err)
	}
	check := func(what string, s Secret, want error) {
		t.Helper()
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		w, err := Open(ctx, v.dir, s, cheap())
		if !errors.Is(err, want) {
			t.Fatalf("%s: %v, want %v", what, err, want)
		}
		if want != nil {
			w = openIn(t, v.dir)
		}
		v = w
		if got, err := v.Passkey(ctx, p.ID); err != nil {
			t.Fatalf("%s: %v", what, err)
		} else {
			samePasskey(t, got, p)
		}
		if _, err := v.Setting(ctx, "browser/1"); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
			t.Fatalf("%s: %+v %v", what, h, err)
		}
	}
	check("recovery", typed, nil)
	check("keyring", ring, nil)
	check("pin", fromPIN, nil)
	if err := v.RemoveSlot(ctx, slot.ID); err != nil {
		t.Fatal(err)
	}
	check("after removal", secret(), nil)
	check("removed keyring", ring, ErrWrongSecret)
	check("old pin", fromPIN, ErrWrongSecret)
	check("recovery after rotation", typed, nil)
	other := Passphrase([]byte("another one"))
	if err := v.ChangePassphrase(ctx, v.Slots()[0].ID, other); err != nil {
		t.Fatal(err)
	}
	check("new passphrase", other, nil)
	if _, err := Open(ctx, v.dir, secret(), cheap()); errors.Is(err, nil) {
		t.Fatal("opened twice")
	}
	if err := v.RemoveSlot(ctx, v.Slots()[1].ID); err != nil {
		t.Fatal(err)
	}
	if err := v.RemoveSlot(ctx, v.Slots()[0].ID); !errors.Is(err, ErrLastSlot) {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRekeyLeavesNoOldKeys(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	var list []*Passkey
	for i := range 200 {
		p := samplePasskey(i, []string{"a.example", "b.example", "c.example"}[i%3], p256Key(t))
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	_, before, err := readHeaders(v.dir)
	if err != nil {
		t.Fatal(err)
	}
	old := bytes.Clone(v.keys.root)
	if err := v.Rekey(ctx); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(old, v.keys.root) {
		t.Fatal("the root key did not change")
	}
	for _, s := range before.slots {
		for _, name := range []string{fileHeader, fileBackup} {
			raw, err := os.ReadFile(filepath.Join(v.dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, s.wrapped) || bytes.Contains(raw, before.epochs[0].wrapped) {
				t.Fatalf("%s still holds an old wrapped key", name)
			}
		}
	}
	for range 2 {
		for _, p := range list {
			got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID)
			if err != nil {
				t.Fatal(err)
			}
			samePasskey(t, got, p)
		}
		v = reopen(t, v)
	}
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Fatalf("%+v %v", h, err)
	}
	noOtherGenerations(t, v)
}

func readHeaders(dir string) (raw []byte, h *header, err error) {
	if raw, err = os.ReadFile(filepath.Join(dir, fileHeader)); err == nil {
		h, err = decodeHeader(raw)
	}
	return raw, h, err
}

func noOtherGenerations(t *testing.T, v *Vault) {
	t.Helper()
	list, err := os.ReadDir(v.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if _, gen, ok := genOf(f.Name()); ok && gen != v.hdr.gen || strings.HasSuffix(f.Name(), ".tmp") {
			t.Errorf("%s was left", f.Name())
		}
	}
}

func TestEmptyTrashShredsOnlyTheTrash(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	var list []*Passkey
	for i := range 40 {
		p := samplePasskey(i, "a.example", p256Key(t))
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	item := &Item{Title: "Note", Body: []byte("body")}
	if err := v.AddItem(ctx, item); err != nil {
		t.Fatal(err)
	}
	data := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	blob, size, err := v.PutBlob(ctx, item.ID, bytes.NewReader(data))
	if err != nil || size != int64(len(data)) {
		t.Fatal(size, err)
	}
	readBlob := func() ([]byte, error) {
		b, err := v.Blob(ctx, blob)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		_, err = out.ReadFrom(b)
		return out.Bytes(), err
	}
	if got, err := readBlob(); err != nil || !bytes.Equal(got, data) {
		t.Fatal(len(got), err)
	}
	for _, p := range list[:10] {
		if err := v.Trash(ctx, p.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Untrash(ctx, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if page, err := v.ListTrash(ctx, "", "", 0); err != nil || page.Total != 9 {
		t.Fatal(page, err)
	}
	if err := v.AddPasskey(ctx, &Passkey{RPID: "a.example", CredentialID: list[1].CredentialID, Algorithm: -7, PrivateKey: []byte{1}}); !errors.Is(err, ErrExists) {
		t.Fatal(err)
	}
	if n, err := v.EmptyTrash(ctx, time.Now().Add(-time.Hour)); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	epoch := v.epochs.current
	if n, err := v.EmptyTrash(ctx, time.Time{}); err != nil || n != 9 {
		t.Fatal(n, err)
	}
	if v.epochs.current == epoch || len(v.hdr.epochs) != 1 {
		t.Fatal("the old epoch is still there")
	}
	v = reopen(t, v)
	if got, err := v.PasskeysByRP(ctx, "a.example"); err != nil || len(got) != 31 {
		t.Fatal(len(got), err)
	}
	if _, err := v.Passkey(ctx, list[1].ID); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	if got, err := readBlob(); err != nil || !bytes.Equal(got, data) {
		t.Fatal(len(got), err)
	}
	if err := v.Trash(ctx, item.ID); err != nil {
		t.Fatal(err)
	}
	if n, err := v.EmptyTrash(ctx, time.Time{}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if _, err := readBlob(); !errors.Is(err, ErrNotFound) {
		t.Fatal("the shredded item's attachment is still there", err)
	}
	noOtherGenerations(t, v)
}

func TestRecoveryPhraseNamesTheWrongWord(t *testing.T) {
	for range 20 {
		words, s := NewRecoveryPhrase()
		got, err := RecoveryPhrase([]string{strings.ToUpper(strings.Join(words, ", "))})
		if err != nil || !bytes.Equal(got.value, s.value) {
			t.Fatal(err)
		}
		for i := range words {
			wrong := append([]string(nil), words...)
			wrong[i] = "zebra"
			if words[i] == "zebra" {
				wrong[i] = "able"
			}
			var e *PhraseError
			if _, err := RecoveryPhrase(wrong); !errors.As(err, &e) || e.Position != i+1 || len(e.Suggestions) != 1 || e.Suggestions[0] != words[i] {
				t.Fatalf("word %d: %v", i+1, err)
			}
			wrong[i] = "qqqqq"
			if _, err := RecoveryPhrase(wrong); !errors.As(err, &e) || e.Position != i+1 || e.Suggestions[0] != words[i] {
				t.Fatalf("word %d: %v", i+1, err)
			}
			wrong[i] = words[i][:len(words[i])-1] // a letter forgotten
			if got, err := RecoveryPhrase(wrong); err == nil && !bytes.Equal(got.value, s.value) {
				t.Fatal("a slip gave another secret")
			}
		}
		swapped := append([]string(nil), words...)
		swapped[3], swapped[4] = swapped[4], swapped[3]
		if _, err := RecoveryPhrase(swapped); err == nil && swapped[3] != swapped[4] {
			t.Fatal("exchanged words were not noticed")
		}
		if _, err := RecoveryPhrase(words[1:]); err == nil {
			t.Fatal("14 words")
		}
	}
}

// A crash in the middle of emptying the trash: the header says what was under way, and the next open goes on with it.
func TestEmptyingTheTrashResumes(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	var list []*Passkey
	for i := range 20 {
		p := samplePasskey(i, "a.example", []byte("key"))
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if err := v.Trash(ctx, list[3].ID); err != nil {
		t.Fatal(err)
	}
	key := randomKey()
	h := v.hdr.clone()
	h.epochs = append(h.epochs, epochKey{2, v.keys.wrapEpoch(h.vault, 2, key)})
	h.rewrite = &rewriteMark{gen: 2, epoch: 2, cutoff: time.Now().Add(time.Minute)}
	h.revision++
	if err := v.writeHeader(h, v.keys); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(v.genFile(dirStore, 2), 0o700); err != nil { // half a generation
		t.Fatal(err)
	}
	v = reopen(t, v)
	for v.currentHeader().rewrite != nil {
		time.Sleep(5 * time.Millisecond)
	}
	if got, err := v.PasskeysByRP(ctx, "a.example"); err != nil || len(got) != 19 {
		t.Fatal(len(got), err)
	}
	if _, err := v.Passkey(ctx, list[3].ID); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	if h := v.currentHeader(); h.gen != 2 || len(h.epochs) != 1 {
		t.Fatalf("generation %d, %d epochs", h.gen, len(h.epochs))
	}
	v = reopen(t, v)
	noOtherGenerations(t, v)
}

func (v *Vault) currentHeader() *header {
	v.hmu.RLock()
	defer v.hmu.RUnlock()
	return v.hdr
}

// Only the package's own tests get under the floor.
func TestCostFloor(t *testing.T) {
	ctx := context.Background()
	weak := Options{Cost: Cost{MemoryKiB: 32 << 10, Passes: 3, Lanes: 4}}
	if _, err := Create(ctx, t.TempDir(), secret(), weak); !errors.Is(err, ErrWeakCost) {
		t.Fatal(err)
	}
	v := newVaultIn(t, t.TempDir())
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, v.dir, secret(), Options{}); !errors.Is(err, ErrWeakCost) {
		t.Fatalf("a slot below the floor opens: %v", err)
	}
	for took, want := range map[time.Duration]Cost{
		2 * time.Second:        costFloor,
		200 * time.Millisecond: {MemoryKiB: 128 << 10, Passes: 3, Lanes: 1},
		50 * time.Millisecond:  {MemoryKiB: 256 << 10, Passes: 7, Lanes: 1},
	} {
		if got := costFloor.scale(took); got != want {
			t.Errorf("%v at the floor: %+v, want %+v", took, got, want)
		}
	}
}

func TestUpgradeCost(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	if done, err := v.UpgradeCost(ctx, secret()); done || err != nil {
		t.Fatal(done, err)
	}
	v.opts.Cost.Passes = 2
	if done, err := v.UpgradeCost(ctx, secret()); !done || err != nil || v.Slots()[0].Cost.Passes != 2 {
		t.Fatal(done, err)
	}
	if _, err := v.UpgradeCost(ctx, Passphrase([]byte("no"))); !errors.Is(err, ErrWrongSecret) {
		t.Fatal(err)
	}
	reopen(t, v)
}
