package consent

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/ncruces/zenity"

	"github.com/keyferry/keyferry/host/protocol"
)

// Config is what the configuration file says about dialogs.
type Config struct {
	// Pinentry is the absolute path of the program to use, whatever else there is; empty looks for one.
	Pinentry string
	// NoSystem leaves out system dialogs.
	NoSystem bool
	// None asks by no dialog at all: secrets are typed in Keyferry's own pages and on the terminal.
	None bool
	// Timeout after which a dialog is given up; 0 is 5 minutes.
	Timeout time.Duration
	// Dirs are the folders searched for pinentry programs; empty means the system's usual ones.
	Dirs []string
}

// Finder picks a [Prompter] for a place. One agent has one: dialogs of the system kind share the environment.
type Finder struct {
	cfg Config
	env sync.Mutex // held while a system dialog needs the process's environment
}

// NewFinder checks the configuration.
func NewFinder(cfg Config) (*Finder, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Minute
	}
	if len(cfg.Dirs) == 0 {
		cfg.Dirs = []string{"/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"}
	}
	if cfg.Pinentry != "" {
		if !filepath.IsAbs(cfg.Pinentry) {
			return nil, fmt.Errorf("pinentry-program %q must be an absolute path", cfg.Pinentry)
		}
		if !executable(cfg.Pinentry) {
			return nil, fmt.Errorf("pinentry-program %q is not there or can't be run; correct or remove that line", cfg.Pinentry)
		}
	}
	return &Finder{cfg: cfg}, nil
}

// Find returns the prompter for where the person is, or [ErrNoDialog]. It starts no program.
func (f *Finder) Find(where protocol.Where) (Prompter, error) {
	if err := CheckWhere(where); err != nil {
		return nil, err
	}
	if f.cfg.None {
		return nil, ErrNoDialog
	}
	if !terminalDevice(where.TTY) {
		where.TTY = ""
	}
	if f.cfg.Pinentry != "" {
		return NewPinentry(f.cfg.Pinentry, where, f.cfg.Timeout), nil
	}
	if path := f.search(where); path != "" {
		return NewPinentry(path, where, f.cfg.Timeout), nil
	}
	if !f.cfg.NoSystem && (graphical(where) || runtime.GOOS == "darwin" || runtime.GOOS == "windows") && zenity.IsAvailable() {
		return &System{where: where, timeout: f.cfg.Timeout, env: &f.env}, nil
	}
	return nil, ErrNoDialog
}

// search finds a pinentry program that can be seen from there. The distribution's own choice ("pinentry") comes first,
// unless it is one for terminals and the person sits at a display.
func (f *Finder) search(where protocol.Where) string {
	var names []string
	if graphical(where) {
		if where.SessionBus != "" {
			names = append(names, "pinentry-gnome3") // without a bus it falls back to curses
		}
		names = append(names, "pinentry-qt6", "pinentry-qt5", "pinentry-qt", "pinentry-gtk-2", "pinentry-x11")
		if path := f.lookUp("pinentry"); path != "" && !forTerminals(path) && (where.SessionBus != "" || !strings.Contains(resolved(path), "gnome3")) {
			return path
		}
	}
	if runtime.GOOS == "darwin" {
		names = append(names, "pinentry-mac")
	}
	if where.TTY != "" {
		names = append(names, "pinentry-curses", "pinentry-tty")
	}
	for _, n := range names {
		if path := f.lookUp(n); path != "" {
			return path
		}
	}
	return ""
}

func (f *Finder) lookUp(name string) string {
	for _, d := range f.cfg.Dirs {
		if path := filepath.Join(d, name); executable(path) {
			return path
		}
	}
	return ""
}

func graphical(w protocol.Where) bool { return w.Display != "" || w.WaylandDisplay != "" }

// forTerminals follows the distribution's links to see what "pinentry" really is.
func forTerminals(path string) bool {
	real := filepath.Base(resolved(path))
	return strings.Contains(real, "curses") || strings.Contains(real, "tty")
}

func resolved(path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path
	}
	return real
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0)
}

// maxWhere is the longest value in bytes that a place may have.
const maxWhere = 1024

// CheckWhere refuses values that are too long or hold control characters; they end up in a program's environment.
func CheckWhere(w protocol.Where) error {
	for _, v := range []string{w.Display, w.WaylandDisplay, w.XAuthority, w.RuntimeDir, w.SessionBus, w.TTY, w.Term, w.Lang} {
		if len(v) > maxWhere {
			return fmt.Errorf("a value of the display settings is longer than %d bytes", maxWhere)
		}
		if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fmt.Errorf("a value of the display settings holds control characters")
		}
	}
	return nil
}
