package cxp

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// testSealer seals as a vault would, under a random key.
type testSealer struct{ aead cipher.AEAD }

func newTestSealer(t testing.TB) testSealer {
	t.Helper()
	key := make([]byte, chacha20poly1305.KeySize)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		t.Fatal(err)
	}
	return testSealer{aead}
}

func (s testSealer) Seal(plaintext, aad []byte) ([]byte, error) {
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return s.aead.Seal(nonce, nonce, plaintext, aad), nil
}

func (s testSealer) Open(sealed, aad []byte) ([]byte, error) {
	if len(sealed) < s.aead.NonceSize() {
		return nil, errors.New("too short")
	}
	n := s.aead.NonceSize()
	return s.aead.Open(nil, sealed[:n], sealed[n:], aad)
}

func storedFiles(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestStoreKeepsARequestUntilItsImportCommits(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "requests")
	sealer := newTestSealer(t)
	s, err := OpenStore(dir, sealer, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := newRequest(t, RequestOptions{})
	secret := bytes.Clone(p.keys[X25519ChaCha20Poly1305])
	if err := s.Save(p); err != nil {
		t.Fatal(err)
	}
	h, files := attached(t, nil)
	raw, _ := answer(t, p.Request(), h, files)
	p.Close()

	names := storedFiles(t, dir)
	if len(names) != 1 {
		t.Fatalf("files: %v", names)
	}
	if info, err := os.Stat(names[0]); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder's mode %v, %v", info.Mode(), err)
	}
	content, err := os.ReadFile(names[0])
	if err != nil || bytes.Contains(content, secret) || bytes.Contains(content, []byte(b64(string(secret)))) {
		t.Errorf("the file holds a key in the clear (%v)", err)
	}

	again, err := OpenStore(dir, sealer, nil) // another process, later
	if err != nil {
		t.Fatal(err)
	}
	if list, err := again.List(); err != nil || len(list) != 1 || list[0].Digest != p.Request().Digest() {
		t.Fatalf("list %v, %v", list, err)
	}
	loaded, err := again.Load(p.Request().Digest())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readOut(t, loaded, raw); err != nil {
		t.Fatal(err)
	}
	if len(storedFiles(t, dir)) != 1 {
		t.Fatal("opening alone must not burn the key")
	}
	if err := loaded.Commit(); err != nil {
		t.Fatal(err)
	}
	if left := storedFiles(t, dir); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
	if _, err := again.Load(p.Request().Digest()); !errors.Is(err, ErrNoRequest) {
		t.Errorf("got %v", err)
	}
}

func TestStoreRefusesWhatWasTamperedWith(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenStore(dir, newTestSealer(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := newRequest(t, RequestOptions{})
	if err := s.Save(p); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(p); err == nil {
		t.Error("saved twice over itself")
	}
	path := s.path(p.Request().Digest())
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]int{"magic": 3, "expiry": storeHeader - 1, "sealed": storeHeader + 40} {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Load(p.Request().Digest()); err == nil {
			t.Errorf("%s: loaded %v", name, got)
		}
	}
	// Another request's file under this name.
	other := newRequest(t, RequestOptions{})
	if err := s.Save(other); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.path(other.Request().Digest()), path); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(p.Request().Digest()); err == nil {
		t.Error("loaded another request's keys")
	}
	if err := s.Save(newRequest(t, RequestOptions{Mode: Direct})); !errors.Is(err, ErrDirectKeys) {
		t.Errorf("a direct request was stored: %v", err)
	}
}

func TestStoreSweepsWhatExpired(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	dir := t.TempDir()
	s, err := OpenStore(dir, newTestSealer(t), clock)
	if err != nil {
		t.Fatal(err)
	}
	old, fresh := newRequest(t, RequestOptions{Now: clock}), (*Pending)(nil)
	if err := s.Save(old); err != nil {
		t.Fatal(err)
	}
	old.Close()
	torn := filepath.Join(dir, b64(string(make([]byte, 32)))+storeSuffix)
	unrelated := filepath.Join(dir, "notes.txt")
	for _, name := range []string{torn, unrelated} {
		if err := os.WriteFile(name, []byte("cxp-0/k"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(12 * time.Hour)
	fresh = newRequest(t, RequestOptions{Now: clock})
	if err := s.Save(fresh); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(); err != nil || len(storedFiles(t, dir)) != 4 {
		t.Fatalf("swept too early: %v, %v", storedFiles(t, dir), err)
	}
	now = now.Add(12*time.Hour + time.Minute)
	if _, err := s.Load(old.Request().Digest()); !errors.Is(err, ErrRequestExpired) {
		t.Errorf("got %v", err)
	}
	if err := s.Sweep(); err != nil {
		t.Fatal(err)
	}
	left := storedFiles(t, dir)
	if len(left) != 2 || !(left[0] == unrelated || left[1] == unrelated) {
		t.Errorf("left: %v", left)
	}
	if p, err := s.Load(fresh.Request().Digest()); err != nil {
		t.Errorf("the fresh one went too: %v", err)
	} else {
		p.Close()
	}
}
