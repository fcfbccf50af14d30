//go:build !keyferrytest

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// insideEnv says that the test runs in a login of its own, with a real keyring.
const insideEnv = "KEYFERRY_TEST_KEYRING"

// TestKeyringScript runs its script in a private D-Bus session with a real gnome-keyring, and a home of its own.
func TestKeyringScript(t *testing.T) {
	if os.Getenv(insideEnv) != "" {
		params := scriptParams(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
		params.Dir = "testdata/keyring"
		params.Cmds["awaitunlocked"] = awaitUnlocked
		testscript.Run(t, params)
		return
	}
	if testing.Short() {
		t.Skip("opens a vault several times")
	}
	for _, name := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is missing: make setup-test installs it", name)
		}
	}
	home := t.TempDir()
	cmd := exec.Command("dbus-run-session", "--", "sh", "-c",
		`printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$0" -test.run '^TestKeyringScript$' -test.timeout 5m`, os.Args[0])
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_DATA_HOME="+home, insideEnv+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// awaitUnlocked starts an agent and waits until it has opened the vault by itself.
func awaitUnlocked(ts *testscript.TestScript, _ bool, _ []string) {
	_ = ts.Exec("keyferry", "settings") // starts an agent; whether it is quicker than the keyring is not what this is about
	for range 100 {
		ts.Check(ts.Exec("keyferry", "status", "--json"))
		if strings.Contains(ts.ReadFile("stdout"), `"vault": "unlocked"`) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("the keyring did not open the vault")
}
