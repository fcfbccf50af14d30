package installers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyferry/keyferry/cxp/localexchange"
)

// Step is what was done, or would be, for one browser.
type Step struct {
	Browser string `json:"browser"`        // or "files": what lets a double click open ours
	Path    string `json:"path,omitempty"` // the manifest's
	Key     string `json:"key,omitempty"`  // the registry's
	Change  Change `json:"change"`
}

// Registry is the part of the Windows registry that installing needs, so that its logic can be tested anywhere. Keys
// are below HKEY_CURRENT_USER, or below HKEY_LOCAL_MACHINE for all users.
type Registry interface {
	// Get returns a key's default value; "" where there is none.
	Get(key string) (string, error)
	Set(key, value string) error
	Delete(key string) error
}

// Installer writes manifests, for one user or for all.
type Installer struct {
	Roots      Roots
	Program    string // absolute path of the binary
	Extensions Extensions
	ForAll     bool     // into the folders of all users; Registry is then the machine's
	Registry   Registry // Windows only
	// ManifestDir holds the manifests that the registry points to; Windows only.
	ManifestDir string
	// Share is where MIME types and desktop entries lie for all users; empty is /usr/local/share. Linux only.
	Share string
	// Refresh makes a folder's cache anew by a tool of the desktop's; nil runs the tool where it is installed.
	Refresh func(tool, dir string)
	// Providers is the folder in which apps register for direct exchange, SystemProviders are those of the system. Empty:
	// nothing is registered.
	Providers       string
	SystemProviders []localexchange.Folder
	Dry             bool
}

// NotHereError: the system keeps no manifests for this browser in this way.
type NotHereError struct {
	Browser Browser
	ForAll  bool
}

func (e *NotHereError) Error() string {
	if e.ForAll {
		return e.Browser.Title + " is known to read no manifests for all users on this system; install it without --system"
	}
	return e.Browser.Title + " is not known on this system"
}

// Reaches says whether the installer has a place for the browser's manifests.
func (i Installer) Reaches(b Browser) bool {
	if i.Roots.System == "windows" {
		return len(b.Keys) > 0
	}
	return len(i.dirs(b)) > 0
}

// dirs are the folders that get the browser's manifest; Windows has none.
func (i Installer) dirs(b Browser) []string {
	if i.ForAll {
		return i.Roots.SystemDirs(b)
	}
	if dir := i.Roots.HostsDir(b); dir != "" {
		return []string{dir}
	}
	return nil
}

// Install writes a browser's manifest. It can be repeated: what is right already stays as it is.
func (i Installer) Install(b Browser) ([]Step, error) {
	if !i.Reaches(b) {
		return nil, &NotHereError{b, i.ForAll}
	}
	if b.Flatpak != "" {
		return i.installFlatpak(b)
	}
	m, err := NewManifest(b.Family, i.Program, i.Extensions)
	if err != nil {
		return nil, err
	}
	if i.Roots.System == "windows" {
		return i.installKeys(b, m)
	}
	var steps []Step
	for _, dir := range i.dirs(b) {
		change, err := Write(dir, m, i.Dry)
		if err != nil {
			return steps, fmt.Errorf("%s: %w", b.Title, err)
		}
		steps = append(steps, Step{Browser: b.Name, Path: filepath.Join(dir, File), Change: change})
	}
	return steps, nil
}

// Uninstall removes what Install writes, and the folders that are empty then.
func (i Installer) Uninstall(b Browser) ([]Step, error) {
	switch {
	case !i.Reaches(b):
		return nil, &NotHereError{b, i.ForAll}
	case i.Roots.System == "windows":
		return i.uninstallKeys(b)
	case b.Flatpak != "":
		return i.uninstallFlatpak(b)
	}
	var steps []Step
	for _, dir := range i.dirs(b) {
		more, err := i.removeFrom(b, dir, i.ceiling(b, dir))
		if err != nil {
			return steps, err
		}
		steps = append(steps, more...)
	}
	return steps, nil
}

// ceiling is the folder that stays, however empty it is.
func (i Installer) ceiling(b Browser, dir string) string {
	if !i.ForAll {
		return i.Roots.Dirs[i.Roots.place(b).Base]
	}
	for _, shared := range []string{"/etc/opt", "/etc", "/usr/lib", "/usr/lib64", "/Library/Application Support", "/Library"} {
		top := filepath.Join(i.Roots.Root, shared)
		if strings.HasPrefix(dir, top+string(filepath.Separator)) {
			return top
		}
	}
	return ""
}

func (i Installer) removeFrom(b Browser, dir, ceiling string) ([]Step, error) {
	change, err := Remove(dir, i.Dry)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Title, err)
	}
	if change == Removed && !i.Dry {
		RemoveEmpty(dir, ceiling)
	}
	return []Step{{Browser: b.Name, Path: filepath.Join(dir, File), Change: change}}, nil
}

// RemoveEmpty removes a folder and those above it, as far as they are empty and below the ceiling. A program that wants
// an empty folder makes it again. A folder that is not below the ceiling goes by itself.
func RemoveEmpty(dir, ceiling string) {
	for ceiling != "" && os.Remove(dir) == nil { // else it is not empty, or not ours to remove
		dir = filepath.Dir(dir)
		if !strings.HasPrefix(dir, ceiling+string(filepath.Separator)) {
			return
		}
	}
}
