package agent

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// insideEnv says that the test runs in a login of its own, with a real keyring.
const insideEnv = "KEYFERRY_TEST_KEYRING"

// TestKeyring runs TestKeyringInside in a private D-Bus session with a real gnome-keyring, and a home of its own.
func TestKeyring(t *testing.T) {
	for _, name := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	home := t.TempDir()
	cmd := exec.Command("dbus-run-session", "--", "sh", "-c",
		`printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$0" -test.run '^TestKeyringInside$' -test.timeout 5m`, os.Args[0])
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_DATA_HOME="+home, insideEnv+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestKeyringInside(t *testing.T) {
	if os.Getenv(insideEnv) == "" {
		t.Skip("runs inside TestKeyring")
	}
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
	waitUntil(t, "the keyring to open the vault", func() bool { return r.a.keep.state() == "unlocked" })
	c = r.browser(c.key)
	c.register(tab(1, site), "example.com", nil)
	_, shown := c.begin(tab(1, site), get("example.com", map[string]any{"userVerification": "required"}))
	_, err := c.approve(shown, protocol.Secret{})
	wantCode(t, "a keyring verified the person", err, protocol.CodeVerification)

	c.must(page("popup"), "lock", nil, nil)
	if err := r.wait(); err == nil {
		t.Error("the lock did not end an agent that can't exec")
	}
	r.start() // an agent that starts after a lock
	time.Sleep(300 * time.Millisecond)
	if s := r.a.keep.state(); s != "locked" {
		t.Errorf("after an explicit lock the vault is %s", s)
	}
	c = r.browser(c.key)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: auth}, nil)
	c.must(page("settings"), "slots.remove", protocol.SlotRemove{ID: made.Slot.ID, Secret: auth}, nil)
	r.stop()
	r.start()
	time.Sleep(300 * time.Millisecond)
	if s := r.a.keep.state(); s != "locked" {
		t.Errorf("with the slot removed the vault is %s", s)
	}
}
