package consent

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/keyferry/keyferry/host/protocol"
)

// terminal is a pseudo-terminal with a person at it who types what is asked for.
type terminal struct {
	master *os.File
	name   string

	mu   sync.Mutex
	seen bytes.Buffer
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{master: master, name: fmt.Sprintf("/dev/pts/%d", n)}
	// An open slave keeps the terminal alive between dialogs.
	slave, err := os.OpenFile(term.name, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slave.Close(); _ = master.Close() })
	go func() {
		buf := make([]byte, 1024)
		for {
			n, err := master.Read(buf)
			term.mu.Lock()
			term.seen.Write(buf[:n])
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return term
}

func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.seen.String()
}

// waitFor waits until the screen has shown a text count times.
func (term *terminal) waitFor(t *testing.T, text string, count int) {
	t.Helper()
	for range 6000 {
		if strings.Count(term.text(), text) >= count {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the terminal never showed %q %d times:\n%q", text, count, term.text())
}

// typeKeys types once the program reads keys by itself: it flushes what was typed before it had turned the echo off.
func (term *terminal) typeKeys(t *testing.T, keys string) {
	t.Helper()
	for range 6000 {
		state, err := unix.IoctlGetTermios(int(term.master.Fd()), unix.TCGETS)
		if err != nil {
			t.Error(err)
			return
		}
		if state.Lflag&unix.ECHO == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(150 * time.Millisecond) // the curses one goes on drawing
	if _, err := term.master.WriteString(keys); err != nil {
		t.Error(err)
	}
}

func realPinentry(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: make setup-test installs it", name)
	}
	return path
}

func TestRealPinentryTTY(t *testing.T) {
	term := newTerminal(t)
	p := NewPinentry(realPinentry(t, "pinentry-tty"), protocol.Where{TTY: term.name, Term: "xterm", Lang: "C.UTF-8"}, 2*time.Minute)
	before, err := unix.IoctlGetTermios(int(term.master.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		term.waitFor(t, "Passphrase:", 1)
		term.typeKeys(t, "open 100% sésame\n")
	}()
	got, err := p.Ask(t.Context(), Prompt{Title: "Keyferry", Description: "Sign in to\nexample.com", Label: "Passphrase:"})
	if err != nil || string(got) != "open 100% sésame" {
		t.Fatalf("%q, %v; screen %q", got, err, term.text())
	}
	if strings.Contains(term.text(), "open 100%") {
		t.Error("the passphrase was echoed")
	}
	after, err := unix.IoctlGetTermios(int(term.master.Fd()), unix.TCGETS)
	if err != nil || *after != *before {
		t.Errorf("the terminal was left in another state (%v)", err)
	}
}

func TestRealPinentryTTYSetsTwice(t *testing.T) {
	term := newTerminal(t)
	p := NewPinentry(realPinentry(t, "pinentry-tty"), protocol.Where{TTY: term.name, Term: "xterm", Lang: "C.UTF-8"}, 2*time.Minute)
	go func() {
		term.waitFor(t, "New passphrase:", 1)
		term.typeKeys(t, "twice the same\n")
		term.waitFor(t, "Again:", 1)
		term.typeKeys(t, "twice the same\n")
	}()
	got, err := p.Ask(t.Context(), Prompt{Description: "Choose", Label: "New passphrase:", Repeat: true, Quality: QualityPercent})
	if err != nil || string(got) != "twice the same" {
		t.Fatalf("%q, %v; screen %q", got, err, term.text())
	}
}

func TestRealPinentryTTYConfirm(t *testing.T) {
	for key, want := range map[string]bool{"y": true, "n": false} {
		term := newTerminal(t)
		p := NewPinentry(realPinentry(t, "pinentry-tty"), protocol.Where{TTY: term.name, Term: "xterm", Lang: "C.UTF-8"}, 2*time.Minute)
		go func() {
			term.waitFor(t, "Let it in?", 1)
			term.typeKeys(t, key)
		}()
		if got, err := p.Confirm(t.Context(), Prompt{Description: "Let it in?", OK: "Yes", Cancel: "No"}); err != nil || got != want {
			t.Errorf("key %q: %v, %v; screen %q", key, got, err, term.text())
		}
	}
}

func TestRealPinentryCurses(t *testing.T) {
	term := newTerminal(t)
	p := NewPinentry(realPinentry(t, "pinentry-curses"), protocol.Where{TTY: term.name, Term: "xterm", Lang: "C.UTF-8"}, 2*time.Minute)
	go func() {
		term.waitFor(t, "Passphrase:", 1)
		term.typeKeys(t, "sesame\r")
	}()
	got, err := p.Ask(t.Context(), Prompt{Title: "Keyferry", Description: "Sign in", Label: "Passphrase:", OK: "OK", Cancel: "Cancel"})
	if err != nil || string(got) != "sesame" {
		t.Fatalf("%q, %v; screen %q", got, err, term.text())
	}
}

func TestRealPinentryCursesCancel(t *testing.T) {
	term := newTerminal(t)
	p := NewPinentry(realPinentry(t, "pinentry-curses"), protocol.Where{TTY: term.name, Term: "xterm", Lang: "C.UTF-8"}, 2*time.Minute)
	go func() {
		term.waitFor(t, "Passphrase:", 1)
		term.typeKeys(t, "\t\t\r") // field, OK, Cancel
	}()
	if got, err := p.Ask(t.Context(), Prompt{Description: "Sign in", Label: "Passphrase:"}); !errors.Is(err, ErrRefused) {
		t.Errorf("cancel: %q, %v", got, err)
	}
}

func TestRealPinentryDeadlineGivesTheTerminalBack(t *testing.T) {
	term := newTerminal(t)
	before, err := unix.IoctlGetTermios(int(term.master.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	p := NewPinentry(realPinentry(t, "pinentry-curses"), protocol.Where{TTY: term.name, Term: "xterm", Lang: "C.UTF-8"}, time.Second)
	if _, err := p.Ask(t.Context(), Prompt{Description: "Sign in", Label: "Passphrase:"}); !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v", err)
	}
	after, err := unix.IoctlGetTermios(int(term.master.Fd()), unix.TCGETS)
	if err != nil || after.Lflag != before.Lflag || after.Iflag != before.Iflag {
		t.Errorf("the terminal was left without echo: %x, was %x (%v)", after.Lflag, before.Lflag, err)
	}
}

func TestRealPinentryWithoutTerminal(t *testing.T) {
	p := NewPinentry(realPinentry(t, "pinentry-curses"), protocol.Where{}, time.Minute)
	if _, err := p.Ask(t.Context(), Prompt{Description: "Sign in"}); !errors.Is(err, ErrNoDialog) {
		t.Errorf("got %v", err)
	}
}
