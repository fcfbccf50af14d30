package agent

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// insideEnv says that the test runs in a login of its own, with a real keyring.
const insideEnv = "KEYFERRY_TEST_KEYRING"

// TestKeyring runs itself in a private D-Bus session with a real gnome-keyring, and a home of its own.
func TestKeyring(t *testing.T) {
	if os.Getenv(insideEnv) != "" {
		keyringInside(t)
		return
	}
	for _, name := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is missing: make setup-test installs it", name)
		}
	}
	home := t.TempDir()
	cmd := exec.Command("dbus-run-session", "--", "sh", "-c",
		`printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$0" -test.run '^TestKeyring$' -test.timeout 5m`, os.Args[0])
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_DATA_HOME="+home, insideEnv+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func keyringInside(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	auth := protocol.Secret{Passphrase: goodPhrase}
	var made protocol.SlotAdded
	c.must(page("settings"), "slots.add", protocol.SlotAdd{Kind: "keyring", Secret: auth}, &made)
	if made.Slot.Kind != "keyring" {
		t.Errorf("%+v", made)
	}
	wantCode(t, "a second one", c.call(page("settings"), "slots.add", protocol.SlotAdd{Kind: "keyring", Secret: auth}, nil), protocol.CodeConflict)
	r.stop()

	r.start() // a new login
	c = r.browser(c.key)
	if s := c.hello.Status.Vault; s != "unlocked" {
		t.Errorf("the keyring opened the vault, and the first to come was told that it is %s", s)
	}
	c.register(tab(1, site), "example.com", nil)
	_, shown := c.begin(tab(1, site), get("example.com", map[string]any{"userVerification": "required"}))
	_, err := c.approve(shown, protocol.Secret{})
	wantCode(t, "a keyring verified the person", err, protocol.CodeVerification)

	c.must(page("popup"), "lock", nil, nil)
	if err := r.wait(); err == nil {
		t.Error("the lock did not end an agent that can't exec")
	}
	r.start() // an agent that starts after a lock
	if s := r.cli().hello.Status.Vault; s != "locked" {
		t.Errorf("after an explicit lock the vault is %s", s)
	}
	c = r.browser(c.key)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: auth}, nil)
	c.must(page("settings"), "slots.remove", protocol.SlotRemove{ID: made.Slot.ID, Secret: auth}, nil)
	r.stop()
	r.start()
	if s := r.cli().hello.Status.Vault; s != "locked" {
		t.Errorf("with the slot removed the vault is %s", s)
	}
}

// withKeyringSlot makes a vault that a keyring may open, and gives what the keyring would.
func withKeyringSlot(t *testing.T, r *rig) vault.Secret {
	t.Helper()
	r.withVault()
	kept, err := vault.KeyringSecret(bytes.Repeat([]byte{7}, vault.KeyringSecretSize))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.a.keep.v.AddSlot(t.Context(), kept, ""); err != nil {
		t.Fatal(err)
	}
	r.stop()
	return kept
}

// Whoever comes while the keyring is being asked waits for it, rather than being told that the vault is locked.
func TestWhoComesEarlyWaitsForTheKeyring(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Keyring = time.Hour })
	kept := withKeyringSlot(t, r)
	asked, answer := make(chan struct{}), make(chan struct{})
	r.tune = func(a *agent) {
		a.loadKeyring = func(context.Context, vault.ID) (vault.Secret, error) {
			close(asked)
			<-answer
			return kept, nil
		}
	}
	r.start()
	<-asked
	first := make(chan string, 1)
	go func() {
		c, err := r.tryDial(protocol.ClientHello{Role: "cli"})
		if err != nil {
			first <- err.Error()
			return
		}
		first <- c.hello.Status.Vault
	}()
	select {
	case s := <-first:
		t.Errorf("before the keyring answered: %s", s)
	case <-time.After(50 * time.Millisecond):
	}
	close(answer)
	if s := <-first; s != "unlocked" {
		t.Errorf("the first to come is told %q", s)
	}
}

// A keyring that does not answer, since it is locked itself and asks the person, holds nobody up for long.
func TestASilentKeyringHoldsNobodyUp(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Keyring = 20 * time.Millisecond })
	withKeyringSlot(t, r)
	r.tune = func(a *agent) {
		a.loadKeyring = func(ctx context.Context, _ vault.ID) (vault.Secret, error) {
			<-ctx.Done()
			return vault.Secret{}, ctx.Err()
		}
	}
	r.start()
	if s := r.cli().hello.Status.Vault; s != "locked" {
		t.Errorf("the vault is %s", s)
	}
}

// Where there is no slot for it the keyring's service is not even started.
func TestWithoutItsSlotTheKeyringIsNotAsked(t *testing.T) {
	r := newRig(t)
	r.withVault()
	r.stop()
	r.tune = func(a *agent) {
		a.loadKeyring = func(context.Context, vault.ID) (vault.Secret, error) {
			t.Error("the keyring was asked")
			return vault.Secret{}, context.Canceled
		}
	}
	r.start()
	r.cli()
}
