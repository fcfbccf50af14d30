package installers

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Browser is one browser's place for manifests. Paths are relative to the system's [Roots], with slashes.
type Browser struct {
	Name   string // as the command line takes it
	Title  string // as people call it
	Family Family
	// Named: only installed when named, never because its folder is there.
	Named bool
	// Flatpak is the app's name, for a browser in Flatpak's sandbox; see flatpak.go.
	Flatpak string
	// Snap is the browser's name as a Snap, whose manifests are those of the same browser outside.
	Snap string

	Linux, MacOS Place
	// Keys are the registry keys below HKEY_CURRENT_USER or HKEY_LOCAL_MACHINE, the manifest's name apart. A browser
	// that reads another's keys too gets both.
	Keys []string
}

// Place is where one system keeps a browser's manifests for one user.
type Place struct {
	Base Base
	// Seen are folders of which one is there when the browser is; empty: the browser is not known on this system.
	Seen []string
	// Hosts is the folder of the manifests.
	Hosts string
	// System is the folder of the manifests for all users, absolute; empty where none is known.
	System string
}

// Base is what a [Place] is relative to.
type Base int

// The bases.
const (
	Home    Base = iota
	Config       // XDG_CONFIG_HOME, else ~/.config
	Support      // ~/Library/Application Support
	Data         // XDG_DATA_HOME, else ~/.local/share
)

// Find returns a browser by its name.
func Find(name string) (Browser, bool) {
	for _, b := range Browsers() {
		if b.Name == strings.ToLower(name) {
			return b, true
		}
	}
	return Browser{}, false
}

// Roots are the folders that the table is relative to.
type Roots struct {
	System string // runtime.GOOS, or another one in a test
	Dirs   map[Base]string
	Root   string // what the folders for all users are below: a package's tree, or a test's; empty is /
}

// UserRoots are this user's, from HOME and XDG_CONFIG_HOME.
func UserRoots() (Roots, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Roots{}, err
	}
	xdg := func(name, otherwise string) string {
		if dir := os.Getenv(name); filepath.IsAbs(dir) {
			return dir
		}
		return filepath.Join(home, otherwise)
	}
	return Roots{System: runtime.GOOS, Dirs: map[Base]string{
		Home: home, Config: xdg("XDG_CONFIG_HOME", ".config"), Data: xdg("XDG_DATA_HOME", ".local/share"), Support: filepath.Join(home, "Library", "Application Support"),
	}}, nil
}

// place is the browser's on this system.
func (r Roots) place(b Browser) Place {
	if r.System == "darwin" {
		return b.MacOS
	}
	return b.Linux
}

// Present says whether the browser seems to be there: one of its folders is. Windows keeps keys and not folders, and
// a key for a browser that is not there does no harm.
func (r Roots) Present(b Browser) bool {
	if r.System == "windows" {
		return r.Known(b)
	}
	p := r.place(b)
	for _, folder := range p.Seen {
		if info, err := os.Stat(r.path(p.Base, folder)); err == nil && info.IsDir() {
			return true
		}
	}
	return r.snapped(b)
}

// Known says whether the system has a place for the browser's manifests.
func (r Roots) Known(b Browser) bool {
	if r.System == "windows" {
		return len(b.Keys) > 0
	}
	return r.place(b).Hosts != ""
}

// HostsDir is the folder of the browser's manifests for this user; empty where the system knows no such browser.
func (r Roots) HostsDir(b Browser) string {
	p := r.place(b)
	if p.Hosts == "" {
		return ""
	}
	return r.path(p.Base, p.Hosts)
}

// SystemDirs are the folders of the browser's manifests for all users. Firefox of the distributions that have a
// /usr/lib64 reads the one there.
func (r Roots) SystemDirs(b Browser) []string {
	if r.System == "windows" || r.place(b).System == "" {
		return nil
	}
	dirs := []string{filepath.Join(r.Root, r.place(b).System)}
	if rest, ok := strings.CutPrefix(r.place(b).System, "/usr/lib/mozilla/"); ok {
		wide := filepath.Join(r.Root, "/usr/lib64/mozilla")
		if info, err := os.Lstat(filepath.Dir(wide)); err == nil && info.IsDir() {
			if _, err := os.Stat(wide); err == nil {
				dirs = append(dirs, filepath.Join(wide, rest))
			}
		}
	}
	return dirs
}

func (r Roots) path(base Base, rel string) string {
	return filepath.Join(r.Dirs[base], filepath.FromSlash(rel))
}
