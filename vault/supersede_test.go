package vault

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

func TestSupersedeShowsWithTheImportOrNotAtAll(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	old := &Passkey{RPID: "example.com", CredentialID: []byte("c1"), PrivateKey: []byte("old"), Algorithm: -7}
	item := &Item{Title: "a login", Body: []byte("old")}
	must(t, v.AddPasskey(ctx, old))
	must(t, v.AddItem(ctx, item))
	begin := func() *Stage {
		s, err := v.Stage(ctx)
		must(t, err)
		must(t, s.Supersede(ctx, old.ID))
		must(t, s.Supersede(ctx, item.ID))
		must(t, s.AddPasskey(ctx, &Passkey{RPID: "example.com", CredentialID: []byte("c1"), PrivateKey: []byte("new"), Algorithm: -7}))
		must(t, s.AddItem(ctx, &Item{Title: "a login", Body: []byte("new")}))
		return s
	}
	holds := func(want string) {
		t.Helper()
		p, err := v.PasskeyByCredential(ctx, "example.com", []byte("c1"))
		must(t, err)
		if string(p.PrivateKey) != want {
			t.Errorf("the passkey is the %s one, want %s", p.PrivateKey, want)
		}
		n := 0
		must(t, v.EachItem(ctx, func(i *Item) error {
			if n++; string(i.Body) != want {
				t.Errorf("the item is the %s one, want %s", i.Body, want)
			}
			return nil
		}))
		page, err := v.Search(ctx, "", "", 0)
		must(t, err)
		if n != 1 || page.Total != 2 {
			t.Errorf("%d items, %d found, want 1 and 2", n, page.Total)
		}
	}

	s := begin()
	must(t, s.flush(ctx))
	holds("old")
	must(t, s.Discard(ctx))
	holds("old")

	s = begin() // a crash: the next open gives it up
	must(t, s.flush(ctx))
	v = reopen(t, v)
	holds("old")

	must(t, begin().Commit(ctx))
	holds("new")
	v = reopen(t, v)
	holds("new")

	trash, err := v.ListTrash(ctx, "", "", 0)
	must(t, err)
	if trash.Total != 2 {
		t.Errorf("%d in the trash, want both old ones", trash.Total)
	}
	var there *ExistsError
	if err := v.Untrash(ctx, old.ID); !errors.As(err, &there) || there.ID == old.ID {
		t.Errorf("a second passkey of one credential came back: %v", err)
	}
	must(t, v.Trash(ctx, there.ID))
	must(t, v.Untrash(ctx, old.ID))
	p, err := v.PasskeyByCredential(ctx, "example.com", []byte("c1"))
	must(t, err)
	if string(p.PrivateKey) != "old" {
		t.Error("the old one did not come back")
	}
	if n, err := v.EmptyTrash(ctx, v.opts.now()); err != nil || n != 2 {
		t.Errorf("emptied %d, %v; want the new passkey and the old item", n, err)
	}
}

func TestAnImportMayBringBackWhatLiesInTheTrash(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	p := &Passkey{RPID: "example.com", CredentialID: []byte("c1"), PrivateKey: []byte("k"), Algorithm: -7}
	must(t, v.AddPasskey(ctx, p))
	must(t, v.Trash(ctx, p.ID))
	again := func() *Passkey {
		return &Passkey{RPID: "example.com", CredentialID: []byte("c1"), PrivateKey: []byte("k"), Algorithm: -7}
	}
	if err := v.AddPasskey(ctx, again()); !errors.Is(err, ErrExists) {
		t.Errorf("a create beside a twin in the trash: %v", err)
	}
	s, err := v.Stage(ctx)
	must(t, err)
	must(t, s.AddPasskey(ctx, again()))
	if err := s.AddPasskey(ctx, again()); !errors.Is(err, ErrExists) {
		t.Errorf("twice in one import: %v", err)
	}
	must(t, s.Commit(ctx))
	if _, err := v.PasskeyByCredential(ctx, "example.com", []byte("c1")); err != nil {
		t.Error(err)
	}
}

func TestOutsideIsBoundToVaultPurposeAndData(t *testing.T) {
	v := newVaultIn(t, fastDir(t)+"/v")
	other := newVaultIn(t, fastDir(t)+"/v")
	sealed, err := v.Outside("a").Seal([]byte("keys"), []byte("name"))
	must(t, err)
	if plain, err := v.Outside("a").Open(sealed, []byte("name")); err != nil || string(plain) != "keys" {
		t.Errorf("%q %v", plain, err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for what, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return v.Outside("b").Open(sealed, []byte("name")) },
		"another name":    func() ([]byte, error) { return v.Outside("a").Open(sealed, []byte("nam")) },
		"another vault":   func() ([]byte, error) { return other.Outside("a").Open(sealed, []byte("name")) },
		"a changed byte":  func() ([]byte, error) { return v.Outside("a").Open(changed, []byte("name")) },
		"nothing":         func() ([]byte, error) { return v.Outside("a").Open(nil, nil) },
	} {
		if _, err := open(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
