package consent

import (
	"context"
	"errors"
	"fmt"
	"net"
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
			t.Fatalf("%s is missing: make setup-test installs it", p)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// Without -noreset it begins anew whenever the last program leaves, and turns away who comes at that moment.
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset")
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
		t.Fatal("zenity is missing: make setup-test installs it")
	}
	f, err := NewFinder(Config{Dirs: []string{t.TempDir()}, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []protocol.Where{
		{Display: ":987", SessionBus: "disabled:"}, {Display: "unix:987.0"},
		{WaylandDisplay: "wayland-987", RuntimeDir: t.TempDir()}, {WaylandDisplay: t.TempDir() + "/none", Display: ":987"},
	} {
		p, err := f.Find(where)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Ask(t.Context(), Prompt{Title: "x"}); !errors.Is(err, ErrNoDialog) || got != nil {
			t.Errorf("%+v is not there: %q, %v", where, got, err)
		}
	}
}

func TestDisplayAnswers(t *testing.T) {
	dir := t.TempDir()
	ln, err := net.Listen("unix", dir+"/wayland-0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	for _, c := range []struct {
		where protocol.Where
		want  bool
	}{
		{protocol.Where{WaylandDisplay: "wayland-0", RuntimeDir: dir}, true},
		{protocol.Where{WaylandDisplay: dir + "/wayland-0"}, true},
		{protocol.Where{WaylandDisplay: "wayland-1", RuntimeDir: dir}, false},
		{protocol.Where{Display: "elsewhere.example:0"}, true}, // it can't be told from here
		{protocol.Where{Display: ":987"}, false},
		{protocol.Where{}, false},
	} {
		if got := displayAnswers(c.where); got != c.want {
			t.Errorf("%+v: %v", c.where, got)
		}
	}
}

func TestRealPinentryGTK(t *testing.T) {
	path, err := exec.LookPath("pinentry-gtk-2")
	if err != nil {
		t.Skip("distributions part with pinentry-gtk-2 as they do with GTK 2, so make setup-test does not install it")
	}
	s := newScreen(t)
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
