package localexchange

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What only Linux tells of a process, and does when one is started.

// TestWhatACommandIsGiven starts this test's own binary, which says what it sees.
func TestWhatACommandIsGiven(t *testing.T) {
	t.Setenv("LD_PRELOAD_FOR_TEST", "x")
	t.Setenv("SECRET_TOKEN", "x")
	secret, err := os.Open(os.Args[0]) // a descriptor that must not be inherited
	if err != nil {
		t.Fatal(err)
	}
	defer secret.Close()
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	app := script(t, filepath.Join(dir, "app"), "#!/bin/sh\n{ pwd; env; ls -l /proc/self/fd; } >'"+seen+"' 2>&1\n")
	p, err := command(t, filepath.Join(dir, "providers"), app)
	if err != nil {
		t.Fatal(err)
	}
	pin, err := p.Pin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(ctx, *p, &pin, Limits{Hello: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Hello(ctx, Hello{RPID: "me.example", Role: RoleImporter}); !errors.Is(err, ErrClosed) {
		t.Errorf("a command that only ends: %v", err)
	}
	text, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if lines[0] != "/" || !strings.Contains(string(text), "CREDENTIAL_EXCHANGE=1") || strings.Contains(string(text), "SECRET_TOKEN") || strings.Contains(string(text), "LD_PRELOAD") {
		t.Errorf("it sees %s", text)
	}
	for n := 4; n < 200; n++ { // 3 is ls's own
		if strings.Contains(string(text), fmt.Sprintf(" %d -> ", n)) && !strings.Contains(string(text), "/proc/") {
			t.Errorf("it has descriptor %d: %s", n, text)
		}
	}
}

// A program is run by the descriptor through which it was hashed: what lies at its path meanwhile does not matter.
func TestWhatWasHashedIsWhatRuns(t *testing.T) {
	dir := t.TempDir()
	real, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(real)
	if err != nil {
		t.Fatal(err)
	}
	app := script(t, filepath.Join(dir, "app"), string(raw))
	f, file, err := openHashed(ctx, app, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	evil := filepath.Join(dir, "evil")
	script(t, app, "#!/bin/sh\ntouch '"+evil+"'\n")
	cmd := exec.Command(runnable(f, app))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v %s", err, out)
	}
	if _, err := os.Stat(evil); err == nil {
		t.Error("the program that was put in its place ran")
	}
	if again, _, err := openHashed(ctx, app, false); err != nil {
		t.Error(err)
	} else if now, err := again.Stat(); err != nil || stamp(now) == file.Stamp {
		t.Errorf("the exchange does not show: %v", err)
	}
}
