package consent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// scripted writes a pinentry that answers as told and keeps a record of every line that it was sent.
func scripted(t *testing.T, getpin string) (program, record string) {
	t.Helper()
	dir := t.TempDir()
	program, record = filepath.Join(dir, "pinentry"), filepath.Join(dir, "record")
	script := fmt.Sprintf(`#!/bin/sh
env > %[1]s.env
echo OK hello
while IFS= read -r line; do
  printf '%%s\n' "$line" >> %[1]s
  case "$line" in
    GETPIN|CONFIRM) %[2]s ;;
    BYE) echo OK; exit 0 ;;
    *) echo OK ;;
  esac
done
`, record, getpin)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return program, record
}

func TestPinentryAsk(t *testing.T) {
	program, record := scripted(t, `echo "D open%25"; echo "D sesame"; echo OK`)
	where := protocol.Where{Display: ":9", TTY: "/dev/pts/999", Term: "xterm", Lang: "de_DE.UTF-8", SessionBus: "unix:path=/x"}
	p := NewPinentry(program, where, time.Minute)
	name := "Ann\nGETPIN\nSETDESC \u202eevil%0AGETPIN" // uncleaned on purpose: the second line of defence
	secret, err := p.Ask(t.Context(), Prompt{Title: "Keyferry", Description: "Sign in as " + name, Label: "Passphrase:", OK: "Sign_in"})
	if err != nil || string(secret) != "open%sesame" {
		t.Fatalf("%q, %v", secret, err)
	}
	raw, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	count := 0
	for _, l := range lines {
		if l == "GETPIN" {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d GETPIN, a name smuggled one in:\n%s", count, raw)
	}
	for _, want := range []string{
		"OPTION ttyname=/dev/pts/999", "OPTION ttytype=xterm", "OPTION lc-ctype=de_DE.UTF-8", "OPTION display=:9", "SETTIMEOUT 60",
		"SETDESC Sign in as Ann%0AGETPIN%0ASETDESC evil%250AGETPIN", "SETPROMPT Passphrase:", "SETOK Sign__in",
	} {
		if !strings.Contains(string(raw), want+"\n") {
			t.Errorf("missing %q in:\n%s", want, raw)
		}
	}
	env, err := os.ReadFile(record + ".env")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(env), "DBUS_SESSION_BUS_ADDRESS=unix:path=/x") || strings.Contains(string(env), "GOPATH=") {
		t.Errorf("environment:\n%s", env)
	}
}

func TestPinentryOutcomes(t *testing.T) {
	for _, c := range []struct {
		answer string
		want   error
	}{
		{`echo "S ERROR x"; echo "ERR 83886179 Operation cancelled <Pinentry>"`, ErrRefused},
		{`echo "ERR 83886194 Not confirmed <Pinentry>"`, ErrRefused},
		{`echo "ERR 83886142 Timeout <Pinentry>"`, ErrTimeout},
		{`echo "ERR 83918950 Inappropriate ioctl for device <Pinentry>"`, ErrNoDialog},
	} {
		program, _ := scripted(t, c.answer)
		p := NewPinentry(program, protocol.Where{}, time.Minute)
		if secret, err := p.Ask(t.Context(), Prompt{}); !errors.Is(err, c.want) || secret != nil {
			t.Errorf("%s: %q, %v; want %v", c.answer, secret, err, c.want)
		}
	}
	program, _ := scripted(t, "exit 1")
	if _, err := NewPinentry(program, protocol.Where{}, time.Minute).Ask(t.Context(), Prompt{}); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("a program that ended: %v", err)
	}
	if _, err := NewPinentry("/nonexistent/pinentry", protocol.Where{}, time.Minute).Ask(t.Context(), Prompt{}); !errors.Is(err, ErrNoDialog) {
		t.Errorf("no program: %v", err)
	}
}

func TestPinentryConfirm(t *testing.T) {
	for answer, want := range map[string]bool{"echo OK": true, `echo "ERR 83886194 Not confirmed"`: false} {
		program, _ := scripted(t, answer)
		got, err := NewPinentry(program, protocol.Where{}, time.Minute).Confirm(t.Context(), Prompt{Description: "Let it in?"})
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", answer, got, err)
		}
	}
}

func TestPinentryRepeat(t *testing.T) {
	// This one does not repeat by itself (no PIN_REPEATED): a second dialog must agree.
	program, _ := scripted(t, `echo "D one"; echo OK`)
	if got, err := NewPinentry(program, protocol.Where{}, time.Minute).Ask(t.Context(), Prompt{Repeat: true}); err != nil || string(got) != "one" {
		t.Errorf("%q, %v", got, err)
	}
	program, record := scripted(t, `echo "D $(wc -l < "$0")$(wc -l < RECORD)"; echo OK`)
	script, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, []byte(strings.ReplaceAll(string(script), "RECORD", record)), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := NewPinentry(program, protocol.Where{}, time.Minute).Ask(t.Context(), Prompt{Repeat: true}); !errors.Is(err, ErrRefused) {
		t.Errorf("two different entries: %q, %v", got, err)
	}
}

func TestPinentryCancelAndDeadline(t *testing.T) {
	program, _ := scripted(t, "exec sleep 600")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := NewPinentry(program, protocol.Where{}, time.Minute).Ask(ctx, Prompt{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := NewPinentry(program, protocol.Where{}, 200*time.Millisecond).Ask(t.Context(), Prompt{}); !errors.Is(err, ErrTimeout) {
		t.Errorf("deadline: %v", err)
	}
}

func TestFind(t *testing.T) {
	program, _ := scripted(t, "echo OK")
	dir := t.TempDir()
	for _, n := range []string{"pinentry-curses", "pinentry-gtk-2", "pinentry-gnome3"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "pinentry-curses"), filepath.Join(dir, "pinentry")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		cfg   Config
		where protocol.Where
		want  string
	}{
		{"configured", Config{Pinentry: program}, protocol.Where{}, program},
		{"nowhere", Config{Dirs: []string{dir}}, protocol.Where{}, ""},
		{"no such terminal", Config{Dirs: []string{dir}}, protocol.Where{TTY: "/etc/passwd"}, ""},
		{"display", Config{Dirs: []string{dir}}, protocol.Where{Display: ":0"}, filepath.Join(dir, "pinentry-gtk-2")},
		{"display and bus", Config{Dirs: []string{dir}}, protocol.Where{WaylandDisplay: "wayland-0", SessionBus: "unix:x"}, filepath.Join(dir, "pinentry-gnome3")},
		{"terminal", Config{Dirs: []string{dir}}, protocol.Where{TTY: "/dev/null"}, filepath.Join(dir, "pinentry-curses")},
		{"nothing installed", Config{Dirs: []string{t.TempDir()}, NoSystem: true}, protocol.Where{Display: ":0"}, ""},
	} {
		f, err := NewFinder(c.cfg)
		if err != nil {
			t.Fatal(c.name, err)
		}
		got, err := f.Find(c.where)
		if c.want == "" {
			if !errors.Is(err, ErrNoDialog) {
				t.Errorf("%s: %v, %v", c.name, got, err)
			}
			continue
		}
		if err != nil || got.(*Pinentry).program != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	for _, bad := range []string{"pinentry", "/nonexistent/pinentry"} {
		if _, err := NewFinder(Config{Pinentry: bad}); err == nil {
			t.Errorf("configuration with %q taken", bad)
		}
	}
	if err := CheckWhere(protocol.Where{Display: ":0\nX=1"}); err == nil {
		t.Error("a newline in DISPLAY taken")
	}
	if err := CheckWhere(protocol.Where{Lang: strings.Repeat("x", 5000)}); err == nil {
		t.Error("a long LANG taken")
	}
}
