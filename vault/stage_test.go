package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// An import may be of any size, and of records of any size and any number for one site: what it writes is cut into
// transactions that fit.
func TestAnImportOfAnySize(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	s, err := v.Stage(ctx)
	must(t, err)
	const small, large = 1300, 12
	for i := range small {
		must(t, s.AddPasskey(ctx, &Passkey{RPID: "example.com", CredentialID: fmt.Appendf(nil, "c%d", i), PrivateKey: []byte("k"), Algorithm: -7}))
	}
	for i := range large {
		must(t, s.AddPasskey(ctx, &Passkey{
			RPID: fmt.Sprintf("site%d.example", i), CredentialID: bytes.Repeat([]byte{byte(i)}, MaxCredentialID), PrivateKey: []byte("k"), Algorithm: -7,
			LargeBlob: make([]byte, MaxLargeBlob), Extra: make([]byte, MaxExtra),
		}))
		must(t, s.AddItem(ctx, &Item{Title: "t", Body: make([]byte, MaxItemBody), Terms: []string{strings.Repeat("x", MaxName), strings.Repeat("y", MaxName)}}))
	}
	for i := range 200 { // small ones whose terms are most of them
		must(t, s.AddItem(ctx, &Item{Title: "t", Terms: []string{strings.Repeat("x", MaxName), strings.Repeat("y", MaxName), fmt.Sprint(i)}}))
	}
	must(t, s.Commit(ctx))
	v = reopen(t, v)
	list, err := v.PasskeysByRP(ctx, "example.com")
	must(t, err)
	page, err := v.Search(ctx, "", "", 0)
	must(t, err)
	if len(list) != small || page.Total != small+2*large+200 {
		t.Errorf("%d of one site, %d in all", len(list), page.Total)
	}
}

// What an import replaces is marked in transactions that fit, however large it is, and so is taking that back.
func TestReplacingMuchAtOnce(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	var ids []ID
	for i := range 10 {
		p := &Passkey{RPID: "example.com", CredentialID: fmt.Appendf(nil, "c%d", i), PrivateKey: []byte("k"), Algorithm: -7, Extra: make([]byte, MaxExtra)}
		must(t, v.AddPasskey(ctx, p))
		ids = append(ids, p.ID)
	}
	replace := func() *Stage {
		s, err := v.Stage(ctx)
		must(t, err)
		for _, id := range ids {
			must(t, s.Supersede(ctx, id))
		}
		return s
	}
	s := replace()
	must(t, s.flush(ctx))
	must(t, s.Discard(ctx))
	if trash, err := v.ListTrash(ctx, "", "", 0); err != nil || trash.Total != 0 {
		t.Errorf("%d in the trash after an import that was given up: %v", trash.Total, err)
	}
	must(t, replace().Commit(ctx))
	if trash, err := v.ListTrash(ctx, "", "", 0); err != nil || trash.Total != len(ids) {
		t.Errorf("%d in the trash, want %d: %v", trash.Total, len(ids), err)
	}
}

// A credential that is queued, or just being written, is there for the import already.
func TestTheSameCredentialTwiceInOneImport(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	s, err := v.Stage(ctx)
	must(t, err)
	const n = batchRecords + 10
	of := func(i int) *Passkey {
		return &Passkey{RPID: "example.com", CredentialID: fmt.Appendf(nil, "c%d", i), PrivateKey: []byte("k"), Algorithm: -7}
	}
	for i := range n {
		must(t, s.AddPasskey(ctx, of(i)))
		for _, again := range []int{i, i / 2, 0} {
			if err := s.AddPasskey(ctx, of(again)); !errors.Is(err, ErrExists) {
				t.Fatalf("%d again after %d: %v", again, i, err)
			}
		}
	}
	must(t, s.Commit(ctx))
	if list, err := v.PasskeysByRP(ctx, "example.com"); err != nil || len(list) != n {
		t.Errorf("%d came, want %d: %v", len(list), n, err)
	}
}

// A disk that fails while a batch is written behind the caller's back is reported by a later call, and giving the import up
// leaves the vault as it was.
func TestADiskThatFailsBehindAnImport(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	must(t, v.AddPasskey(ctx, &Passkey{RPID: "example.com", CredentialID: []byte("mine"), PrivateKey: []byte("k"), Algorithm: -7}))
	s, err := v.Stage(ctx)
	must(t, err)
	log := func(change func(*logSync)) {
		v.wmu.Lock()
		defer v.wmu.Unlock()
		change(v.logs)
	}
	log(func(l *logSync) {
		must(t, l.sync())
		must(t, l.f.Close()) // nothing can be synced through it any more
	})
	for i := 0; err == nil; i++ {
		if i > 3*batchRecords {
			t.Fatal("nobody said that the disk failed")
		}
		err = s.AddPasskey(ctx, &Passkey{RPID: "example.com", CredentialID: fmt.Appendf(nil, "c%d", i), PrivateKey: []byte("k"), Algorithm: -7})
	}
	if !strings.Contains(err.Error(), "syncing the store") {
		t.Fatalf("the disk's failure came as %v", err)
	}
	if err := s.Commit(ctx); err == nil {
		t.Fatal("committed what a failing disk holds")
	}
	log(func(l *logSync) { l.f = nil })
	must(t, s.Discard(ctx))
	if list, err := v.PasskeysByRP(ctx, "example.com"); err != nil || len(list) != 1 {
		t.Errorf("%d passkeys, want one: %v", len(list), err)
	}
	must(t, v.AddPasskey(ctx, &Passkey{RPID: "example.com", CredentialID: []byte("c0"), PrivateKey: []byte("k"), Algorithm: -7}))
}

// Uses of passkeys are written however large those are, and however many at a time.
func TestManyLargePasskeysThatWereUsed(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, fastDir(t)+"/v")
	when := time.UnixMilli(1_800_000_000_000)
	for i := range 6 {
		p := &Passkey{RPID: "example.com", CredentialID: fmt.Appendf(nil, "c%d", i), PrivateKey: []byte("k"), Algorithm: -7, Extra: make([]byte, MaxExtra)}
		must(t, v.AddPasskey(ctx, p))
		v.Touch(p.ID, when)
	}
	must(t, v.Flush(ctx))
	if len(v.audit.used) != 0 {
		t.Errorf("%d uses still wait", len(v.audit.used))
	}
	v = reopen(t, v)
	list, err := v.PasskeysByRP(ctx, "example.com")
	must(t, err)
	for _, p := range list {
		if !p.UsedAt.Equal(when) {
			t.Errorf("used at %v", p.UsedAt)
		}
	}
}
