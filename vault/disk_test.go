//go:build linux

package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestFullDisk fills a small file system under the vault.
func TestFullDisk(t *testing.T) {
	mount := t.TempDir()
	if err := unix.Mount("tmpfs", mount, "tmpfs", 0, "size=56m,mode=0700"); err != nil {
		t.Skipf("a small tmpfs can't be mounted here: %v", err)
	}
	defer unix.Unmount(mount, 0)
	ctx := context.Background()
	dir := filepath.Join(mount, "v")
	v, err := Create(ctx, dir, secret(), cheap())
	if err != nil {
		t.Fatal(err)
	}
	var list []*Passkey
	add := func(n int) error {
		p := samplePasskey(n, fmt.Sprintf("site%d.example", n), []byte("key"))
		err := v.AddPasskey(ctx, p)
		if err == nil {
			list = append(list, p)
		}
		return err
	}
	for n := range 50 {
		if err := add(n); err != nil {
			t.Fatal(err)
		}
	}
	filler := filepath.Join(mount, "filler")
	if err := os.WriteFile(filler, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filler, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil { // to the last byte
		_, err = f.Write(make([]byte, 64<<10))
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	whole := func(when string) {
		t.Helper()
		for _, p := range list {
			got, err := v.Passkey(ctx, p.ID)
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			samePasskey(t, got, p)
		}
	}
	for what, fn := range map[string]func() error{
		"add":     func() error { return add(1000) },
		"setting": func() error { return v.SetSetting(ctx, "x", []byte("y")) },
		"slot":    func() error { _, err := v.AddSlot(ctx, Passphrase([]byte("p")), ""); return err },
		"rekey":   func() error { return v.Rekey(ctx) },
		"import":  func() error { _, err := v.Stage(ctx); return err },
	} {
		if err := fn(); !errors.Is(err, ErrDiskFull) {
			t.Fatalf("%s on a full disk: %v", what, err)
		}
	}
	v.Log(AuditEvent{Action: "used"})
	whole("full")
	if err := v.Close(); err != nil && !errors.Is(err, ErrDiskFull) {
		t.Fatalf("close: %v", err)
	}
	if w, err := Open(ctx, dir, secret(), cheap()); err == nil {
		w.Close()
		t.Log("a closed vault's room was enough to open it again")
	} else if !errors.Is(err, ErrDiskFull) {
		t.Fatalf("open on a full disk: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if v, err = Open(ctx, dir, secret(), cheap()); err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	whole("after")
	if err := add(1001); err != nil {
		t.Fatalf("with space again: %v", err)
	}
	if h, err := v.AwaitHealth(ctx); err != nil || h.State != HealthWhole {
		t.Fatalf("%+v %v", h, err)
	}
}

// TestNothingReadableOnDisk looks for everything that is secret or private in every file of a used vault.
func TestNothingReadableOnDisk(t *testing.T) {
	ctx := context.Background()
	v := newVaultIn(t, t.TempDir())
	var needles [][]byte
	know := func(b ...[]byte) { needles = append(needles, b...) }
	key := p256Key(t)
	for n := range 30 {
		p := samplePasskey(n, fmt.Sprintf("private-site%d.example", n), append(bytes.Clone(key), fmt.Sprint(n)...))
		p.Extra, p.Title = []byte("extra members kept"), "A secret title"
		know([]byte(p.RPID), []byte(p.UserName), []byte(p.UserDisplayName), p.UserHandle, p.CredentialID, p.CredWithUV, p.Extra, []byte(p.Title))
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
		if n < 5 {
			if err := v.Trash(ctx, p.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	know(key[20:60], testPassphrase, bytes.Clone(v.keys.root), v.keys.store(1), []byte("off/private-site.example"), []byte("the attachment"), []byte("a private note"))
	item := &Item{Title: "a private note", Body: []byte("a private note's body")}
	if err := errors.Join(v.SetSetting(ctx, "off/private-site.example", []byte("1")), v.AddItem(ctx, item)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := v.PutBlob(ctx, item.ID, bytes.NewReader(bytes.Repeat([]byte("the attachment "), 30_000))); err != nil {
		t.Fatal(err)
	}
	v.Log(AuditEvent{Action: "used", What: "private-site1.example"})
	if err := v.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	noneIn(t, v.dir, needles)
	if err := v.Rekey(ctx); err != nil {
		t.Fatal(err)
	}
	know(bytes.Clone(v.keys.root))
	if _, err := v.EmptyTrash(ctx, time.Time{}); err != nil {
		t.Fatal(err)
	}
	noneIn(t, v.dir, needles)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	noneIn(t, v.dir, needles)
	err := filepath.WalkDir(v.dir, func(path string, d fs.DirEntry, err error) error {
		if st, serr := os.Lstat(path); err == nil && serr == nil && d.IsDir() && st.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", path, st.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// noneIn searches raw, in hex and in base64 at any offset.
func noneIn(t *testing.T, dir string, needles [][]byte) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b = bytes.TrimRight(b, "\x00")
		lower := bytes.ToLower(b)
		for _, n := range needles {
			if bytes.Contains(b, n) || bytes.Contains(lower, []byte(hex.EncodeToString(n))) {
				t.Errorf("%s holds %q", path, n)
			}
			for shift := range 3 {
				if len(n) < 10+shift {
					continue
				}
				whole := n[shift : shift+(len(n)-shift)/3*3]
				if bytes.Contains(b, []byte(base64.StdEncoding.EncodeToString(whole))) || bytes.Contains(b, []byte(base64.URLEncoding.EncodeToString(whole))) {
					t.Errorf("%s holds %q in base64", path, n)
				}
			}
		}
		return nil
	})
	if err != nil || files < 5 {
		t.Fatalf("%d files searched: %v", files, err)
	}
}
