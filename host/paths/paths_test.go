//go:build linux

package paths

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// clean gives a test a home of its own and no XDG variables.
func clean(t *testing.T) string {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"} {
		t.Setenv(name, "")
	}
	return home
}

func TestForFollowsHome(t *testing.T) {
	home := clean(t)
	p, err := For("")
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		p.VaultDir:                 ".local/share/keyferry/default/vault",
		p.ConfigFile:               ".config/keyferry/config",
		p.LogFile:                  ".local/state/keyferry/default.log",
		p.RunDir:                   ".local/state/keyferry/run",
		filepath.Dir(p.SocketPath): ".local/state/keyferry/run",
	} {
		if got != filepath.Join(home, want) {
			t.Errorf("got %s, want %s in %s", got, want, home)
		}
	}
	other, err := For("work")
	if err != nil {
		t.Fatal(err)
	}
	if other.SocketPath == p.SocketPath || other.VaultDir == p.VaultDir {
		t.Error("two profiles share a vault or a socket")
	}
	if got := other.Args(); len(got) != 2 || got[1] != "work" {
		t.Errorf("Args() = %q", got)
	}
}

func TestForFollowsXDG(t *testing.T) {
	clean(t)
	dir := t.TempDir()
	runtime := filepath.Join(dir, "runtime")
	if err := os.Mkdir(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", dir+"/data")
	t.Setenv("XDG_CONFIG_HOME", dir+"/config")
	t.Setenv("XDG_STATE_HOME", "relative/is/unset")
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	p, err := For("")
	if err != nil {
		t.Fatal(err)
	}
	if p.VaultDir != dir+"/data/keyferry/default/vault" || p.ConfigFile != dir+"/config/keyferry/config" || p.RunDir != runtime+"/keyferry" {
		t.Errorf("got %+v", p)
	}
	if !filepath.IsAbs(p.LogFile) || strings.Contains(p.LogFile, "relative") {
		t.Errorf("a relative XDG_STATE_HOME was taken: %s", p.LogFile)
	}
	// A runtime folder that others can use is none.
	if err := os.Chmod(runtime, 0o755); err != nil {
		t.Fatal(err)
	}
	if p, err = For(""); err != nil || strings.HasPrefix(p.SocketPath, runtime) {
		t.Errorf("socket in a shared folder: %s, %v", p.SocketPath, err)
	}
}

// Nothing but HOME and the XDG variables moves a path.
func TestNoVariablesOfOurOwn(t *testing.T) {
	clean(t)
	before, err := For("")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"KEYFERRY_VAULT", "KEYFERRY_SOCKET", "KEYFERRY_HOME", "KEYFERRY_PROFILE", "KEYFERRY_TESTBED", "KEYFERRY_PINENTRY",
		"KEYFERRY_CONFIG", "TMPDIR", "PINENTRY_PROGRAM", "XDG_CACHE_HOME",
	} {
		t.Setenv(name, "/tmp/evil")
	}
	after, err := For("")
	if err != nil {
		t.Fatal(err)
	}
	if before != after {
		t.Errorf("paths moved from %+v to %+v", before, after)
	}
}

func TestForRefuses(t *testing.T) {
	clean(t)
	for _, name := range []string{
		"..", "a/b", `a\b`, "a b", "ä", strings.Repeat("x", 33), "a\x00", "Work", "my_work", "-work", "work-", "a.b", "con", "lpt1", "run", "config", "log",
	} {
		var invalid *InvalidNameError
		if _, err := For(name); !errors.As(err, &invalid) {
			t.Errorf("For(%q) = %v", name, err)
		}
	}
	for _, name := range []string{"work", "work-2", "2", strings.Repeat("x", 32)} {
		if p, err := For(name); err != nil || p.Name != name {
			t.Errorf("For(%q) = %+v, %v", name, p, err)
		}
	}
	t.Setenv("XDG_STATE_HOME", "/"+strings.Repeat("long/", 30))
	var long *PathTooLongError
	if _, err := For(""); !errors.As(err, &long) {
		t.Errorf("a socket path of over 107 bytes: %v", err)
	}
	for _, home := range []string{"", "not/absolute"} {
		t.Setenv("HOME", home)
		if _, err := For(""); !errors.Is(err, ErrNoHome) {
			t.Errorf("HOME=%q: %v", home, err)
		}
	}
}

func TestEnsureRunDir(t *testing.T) {
	home := clean(t)
	p, err := For("")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.EnsureRunDir(); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(what string) {
		t.Helper()
		var unsafe *UnsafeDirError
		if err := p.EnsureRunDir(); !errors.As(err, &unsafe) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := os.Chmod(p.RunDir, 0o770); err != nil {
		t.Fatal(err)
	}
	refused("a folder that the group can use")
	if err := os.Remove(p.RunDir); err != nil {
		t.Fatal(err)
	}
	real := filepath.Join(home, "real")
	if err := os.Mkdir(real, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, p.RunDir); err != nil {
		t.Fatal(err)
	}
	refused("a symbolic link")
	if os.Geteuid() == 0 {
		if err := os.Remove(p.RunDir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(p.RunDir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(p.RunDir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		refused("a folder of somebody else's")
	}
}

// The profiles are those whose vault's folder is there; whatever else lies beside them is none.
func TestNames(t *testing.T) {
	home := clean(t)
	p, err := For("work")
	if err != nil {
		t.Fatal(err)
	}
	if names, err := p.Names(); err != nil || len(names) != 0 {
		t.Errorf("before anything is made: %q, %v", names, err)
	}
	data := filepath.Join(home, ".local", "share", "keyferry")
	for _, dir := range []string{"work/vault", "default/vault", "a-2/vault", "run/vault", "Upper/vault", "empty", "half/vault-transfers"} {
		if err := os.MkdirAll(filepath.Join(data, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(data, "file"), 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"file/vault": "no folder", "config": ""} {
		if err := os.WriteFile(filepath.Join(data, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := p.Names(); err != nil || !slices.Equal(names, []string{"default", "a-2", "work"}) {
		t.Errorf("got %q, %v", names, err)
	}
}
