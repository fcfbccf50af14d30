package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/installers"
)

// browsers looks at each browser that is there, its manifest, and the program behind it.
func (e *examination) browsers() {
	present := 0
	seen := map[string]bool{} // manifests; several browsers read the same
	for _, b := range installers.Browsers() {
		if !e.Installer.Roots.Present(b) {
			continue
		}
		for _, note := range e.Installer.Roots.Notes(b) {
			if strings.Contains(note, "Snap") || b.Flatpak != "" {
				e.found("browsers", "browser-sandboxed", Note, note, "use the browser from another package, or see `keyferry install "+b.Name+"`", nil)
			}
		}
		if b.Flatpak != "" && !e.hasManifest(b) {
			continue // it was found, the note says so, and nobody asked to have it served
		}
		present++
		if path := e.manifestOf(b); path == "" {
			e.missing(b)
		} else if !seen[path] {
			seen[path] = true
			e.manifest(b, path)
		}
	}
	if present == 0 {
		e.found("browsers", "browser-none", Problem, "no browser was found in your home folder", "start your browser once, then `keyferry install`", nil)
	}
}

// manifestPaths are the places of a browser's manifest, in the order in which the browser looks.
func (e *examination) manifestPaths(b installers.Browser) []string {
	var paths []string
	if e.Installer.Roots.System == "windows" {
		for _, key := range b.Keys {
			if path, err := e.Installer.Registry.Get(key + `\` + installers.HostName); err == nil && path != "" {
				paths = append(paths, path)
			}
		}
		return paths
	}
	if dir := e.Installer.Roots.HostsDir(b); dir != "" {
		paths = append(paths, filepath.Join(dir, installers.File))
	}
	place := b.Linux
	if e.Installer.Roots.System == "darwin" {
		place = b.MacOS
	}
	if place.System != "" {
		paths = append(paths, filepath.Join(e.Root, place.System, installers.File))
	}
	return paths
}

func (e *examination) hasManifest(b installers.Browser) bool { return e.manifestOf(b) != "" }

// manifestOf is the manifest that the browser reads; "" where there is none.
func (e *examination) manifestOf(b installers.Browser) string {
	for _, path := range e.manifestPaths(b) {
		if _, err := os.Lstat(path); err == nil {
			if !strings.HasPrefix(path, filepath.Join(e.Root, "etc")) && !strings.HasPrefix(path, filepath.Join(e.Root, "usr")) {
				e.userOnly[b.Name] = true
			}
			return path
		}
	}
	return ""
}

func (e *examination) missing(b installers.Browser) {
	e.found("manifest", "manifest-missing", Problem, fmt.Sprintf("%s is here, and has not been told where Keyferry is", b.Title),
		"`keyferry install "+b.Name+"`", e.reinstall(b))
}

// reinstall writes the manifest anew. A file that is not ours stays, and says so.
func (e *examination) reinstall(b installers.Browser) func() error {
	return func() error {
		_, err := e.Installer.Install(b)
		return err
	}
}

// ownIDs are what a browser's manifest has to allow.
func (e *examination) ownIDs(f installers.Family) []string {
	if f == installers.Firefox {
		return e.Installer.Extensions.Firefox
	}
	return e.Installer.Extensions.Origins()
}

// without returns what of all is not in some.
func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}
