package consent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// screen is an X server of the test's own, with keys pressed by xdotool.
type screen struct {
	t     *testing.T
	where protocol.Where
}

func newScreen(t *testing.T, programs ...string) *screen {
	t.Helper()
	for _, p := range append([]string{"Xvfb", "xdotool"}, programs...) {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is not installed", p)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{w}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	t.Cleanup(func() { _ = x.Process.Kill(); _ = x.Wait() })
	var n int
	if _, err := fmt.Fscan(r, &n); err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	return &screen{t: t, where: protocol.Where{Display: fmt.Sprintf(":%d", n), RuntimeDir: t.TempDir(), SessionBus: "disabled:", Lang: "C.UTF-8"}}
}

// press waits for a window with that title and types into it.
func (s *screen) press(ctx context.Context, title string, keys ...string) {
	do := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "xdotool", args...)
		cmd.Env = []string{"DISPLAY=" + s.where.Display, "PATH=" + os.Getenv("PATH")}
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	var window string
	for window == "" && ctx.Err() == nil {
		out, _ := do("search", "--onlyvisible", "--name", title)
		window, _, _ = strings.Cut(out, "\n")
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(500 * time.Millisecond)
	_, _ = do("windowfocus", window)
	for _, k := range keys {
		verb, what, _ := strings.Cut(k, " ")
		if _, err := do(verb, "--clearmodifiers", what); err != nil && ctx.Err() == nil {
			s.t.Error(err)
		}
	}
}

func (s *screen) whileTyping(title string, keys ...string) (done func()) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	var wg sync.WaitGroup
	wg.Go(func() { s.press(ctx, title, keys...) })
	return func() { cancel(); wg.Wait() }
}

func TestRealZenity(t *testing.T) {
	s := newScreen(t, "zenity")
	f, err := NewFinder(Config{Dirs: []string{t.TempDir()}, Timeout: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Find(s.where)
	if err != nil || p.Kind() != "system" {
		t.Fatal(p, err)
	}
	before := os.Getenv("DISPLAY")
	done := s.whileTyping("Keyferry test", "type opensesame", "key Return")
	got, err := p.Ask(t.Context(), Prompt{Title: "Keyferry test", Description: "Sign in as <b>Ann</b> & co", Label: "Passphrase:"})
	done()
	if err != nil || string(got) != "opensesame" {
		t.Errorf("%q, %v", got, err)
	}
	done = s.whileTyping("Keyferry test", "key Escape")
	got, err = p.Ask(t.Context(), Prompt{Title: "Keyferry test", Description: "Sign in", Label: "Passphrase:"})
	done()
	if !errors.Is(err, ErrRefused) || got != nil {
		t.Errorf("escape: %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Second, cancel)
	if _, err := p.Ask(ctx, Prompt{Title: "Keyferry test"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if os.Getenv("DISPLAY") != before {
		t.Error("the environment was not put back")
	}
}

func TestZenityWithoutDisplay(t *testing.T) {
	if _, err := exec.LookPath("zenity"); err != nil {
		t.Skip("zenity is not installed")
	}
	f, err := NewFinder(Config{Dirs: []string{t.TempDir()}, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Find(protocol.Where{Display: ":987", SessionBus: "disabled:"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Ask(t.Context(), Prompt{Title: "x"}); errors.Is(err, ErrRefused) || err == nil || got != nil {
		t.Errorf("a display that is not there: %q, %v", got, err)
	}
}

func TestRealPinentryGTK(t *testing.T) {
	s := newScreen(t, "pinentry-gtk-2")
	path, err := exec.LookPath("pinentry-gtk-2")
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewFinder(Config{Dirs: []string{filepath.Dir(path)}, Timeout: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	where := s.where
	where.SessionBus = ""
	p, err := f.Find(where)
	if err != nil || p.Kind() != "pinentry" {
		t.Fatal(p, err)
	}
	done := s.whileTyping(".", "type opensesame", "key Return")
	got, err := p.Ask(t.Context(), Prompt{Title: "Keyferry test", Description: "Sign in to example.com\nas 100% Ann", Label: "Passphrase:"})
	done()
	if err != nil || string(got) != "opensesame" {
		t.Errorf("%q, %v", got, err)
	}
}
