package keyring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/vault"
)

const childEnv = "KEYFERRY_KEYRING_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println("kept and opened")
		return
	}
	os.Exit(m.Run())
}

// child runs inside the private session bus, with a real gnome-keyring.
func child(dir string) error {
	ctx := context.Background()
	words, phrase := vault.NewRecoveryPhrase()
	v, err := vault.Create(ctx, dir, phrase, vault.Options{})
	if err != nil {
		return err
	}
	if _, err := Load(ctx, v.ID()); !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("empty keyring: %w", err)
	}
	s, err := Create(ctx, v.ID())
	if err != nil {
		return err
	}
	if _, err := v.AddSlot(ctx, s, "login keyring"); err != nil {
		return err
	}
	if err := v.Verify(ctx, s); !errors.Is(err, vault.ErrInvalid) {
		return fmt.Errorf("the keyring counts as verification: %w", err)
	}
	if err := v.Close(); err != nil {
		return err
	}
	id, err := vault.IDOf(dir)
	if err != nil {
		return err
	}
	again, err := Load(ctx, id)
	if err != nil {
		return err
	}
	if v, err = vault.Open(ctx, dir, again, vault.Options{}); err != nil {
		return err
	}
	if err := errors.Join(v.Close(), Delete(ctx, id), Delete(ctx, id)); err != nil {
		return err
	}
	if _, err := Load(ctx, id); !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("deleted, but: %w", err)
	}
	typed, err := vault.RecoveryPhrase(words)
	if err != nil {
		return err
	}
	if v, err = vault.Open(ctx, dir, typed, vault.Options{}); err != nil {
		return err
	}
	return v.Close()
}

func TestRealKeyring(t *testing.T) {
	for _, tool := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is missing: make setup-test installs it", tool)
		}
	}
	home := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "sh", "-c",
		`printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "$0"`, os.Args[0])
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "TMPDIR=" + home,
		childEnv + "=" + filepath.Join(home, "vault")}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "kept and opened") {
		t.Fatalf("%v: %s", err, out)
	}
}

// Without a session bus nothing is started, and the error says what is missing.
func TestNoSessionBus(t *testing.T) {
	for _, addr := range []string{"", "disabled:"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", addr)
		t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
		if _, err := Load(context.Background(), vault.NewID()); !errors.Is(err, vault.ErrKeyring) {
			t.Fatalf("%q: %v", addr, err)
		}
	}
}
