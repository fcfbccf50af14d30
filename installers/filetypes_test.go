//go:build unix

package installers

import (
	"encoding/xml"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refreshed notes which caches were made anew, and makes them as the tools would.
func refreshed(t *testing.T, i *Installer) *[]string {
	var all []string
	i.Refresh = func(tool, dir string) {
		all = append(all, tool+" "+filepath.Base(dir))
		cache := map[string]string{"update-mime-database": "mime.cache", "update-desktop-database": "mimeinfo.cache"}[tool]
		if err := os.WriteFile(filepath.Join(dir, cache), nil, 0o644); err != nil {
			t.Error(err)
		}
	}
	return &all
}

// What lets a double click open our files is written once, taken out without a trace, and leaves others' alone.
func TestFileTypes(t *testing.T) {
	i := machine(t, "linux")
	i.Roots.Dirs[Data] = filepath.Join(i.Roots.Dirs[Home], ".local/share")
	caches := refreshed(t, &i)
	dry := i
	dry.Dry = true
	if steps, err := dry.FileTypes(); err != nil || len(steps) != 2 || steps[0].Change != Written || len(*caches) != 0 {
		t.Fatalf("%+v, %v", steps, err)
	}
	if _, err := os.Stat(i.Roots.Dirs[Home]); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("a dry run wrote something")
	}
	if _, err := i.FileTypes(); err != nil {
		t.Fatal(err)
	}
	golden(t, "linux-files", i.everything(t))
	if want := []string{"update-mime-database mime", "update-desktop-database applications"}; !slices.Equal(*caches, want) {
		t.Errorf("refreshed: %q", *caches)
	}
	if steps, err := i.FileTypes(); err != nil || steps[0].Change != Unchanged || steps[1].Change != Unchanged || len(*caches) != 2 {
		t.Errorf("again: %+v, %v", steps, err)
	}
	if _, err := i.NoFileTypes(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(i.Roots.Dirs[Home], ".local")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something is left: %s", i.everything(t))
	}
	if steps, err := i.NoFileTypes(); err != nil || steps[0].Change != Absent {
		t.Errorf("again: %+v, %v", steps, err)
	}

	// Another program's types and entries stay, with their caches.
	other := filepath.Join(i.Roots.Dirs[Data], "mime/packages/other.xml")
	entry := filepath.Join(i.Roots.Dirs[Data], "applications", desktopFile)
	for path, text := range map[string]string{other: "<x/>", entry: "[Desktop Entry]\nName=Another\n"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	var foreign *ForeignError
	if _, err := i.FileTypes(); !errors.As(err, &foreign) || foreign.Path != entry {
		t.Errorf("another's entry: %v", err)
	}
	if _, err := i.NoFileTypes(); !errors.As(err, &foreign) {
		t.Errorf("another's entry: %v", err)
	}
	for _, path := range []string{other, entry, filepath.Join(i.Roots.Dirs[Data], "mime/mime.cache")} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// The desktop entry names the types of the XML, and both our files' endings.
func TestFileTypesAgree(t *testing.T) {
	var doc struct {
		Types []struct {
			Type string `xml:"type,attr"`
			Glob struct {
				Pattern string `xml:"pattern,attr"`
			} `xml:"glob"`
		} `xml:"mime-type"`
	}
	if err := xml.Unmarshal(mimeText, &doc); err != nil {
		t.Fatal(err)
	}
	var types, endings []string
	for _, m := range doc.Types {
		types = append(types, m.Type)
		endings = append(endings, strings.TrimPrefix(m.Glob.Pattern, "*"))
	}
	if !slices.Equal(types, mimeTypes()) || !slices.Equal(endings, extensionsOfFiles()) {
		t.Errorf("%q, %q", types, endings)
	}
}

// A program's path is one word of Exec, whatever is in it (desktop entry specification, "The Exec key").
func TestExecWord(t *testing.T) {
	for path, want := range map[string]string{
		"/usr/bin/keyferry":  `"/usr/bin/keyferry"`,
		"/a b/ü":             `"/a b/ü"`,
		`/a"b`:               `"/a\\"b"`,
		"/a$b`c":             "\"/a\\\\$b\\\\`c\"",
		`/a\b`:               `"/a\\\\b"`,
		"/100%/keyferry":     `"/100%%/keyferry"`,
		"/x'y/key;ferry&co>": `"/x'y/key;ferry&co>"`,
	} {
		if got := execWord(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// On Windows the same is done by keys, and an ending that another program took stays its own.
func TestFileKeys(t *testing.T) {
	i := machine(t, "windows")
	i.Program = `C:\Program Files\Keyferry\keyferry.exe`
	keys := fakeRegistry{classes + ".keyferry": "Another.File"}
	i.Registry = keys
	if _, err := i.FileTypes(); err != nil {
		t.Fatal(err)
	}
	if got := keys[classes+`Keyferry.File\shell\open\command`]; got != `"C:\Program Files\Keyferry\keyferry.exe" open --desktop "%1"` {
		t.Errorf("the command is %s", got)
	}
	golden(t, "windows-files", i.everything(t))
	if keys[classes+".cxprequest"] != windowsType || keys[classes+".keyferry"] != "Another.File" {
		t.Errorf("%v", keys)
	}
	if steps, err := i.FileTypes(); err != nil || slices.ContainsFunc(steps, func(s Step) bool { return s.Change != Unchanged }) {
		t.Errorf("again: %+v, %v", steps, err)
	}
	if _, err := i.NoFileTypes(); err != nil {
		t.Fatal(err)
	}
	if len(keys) != 1 || keys[classes+".keyferry"] != "Another.File" {
		t.Errorf("left: %v", keys)
	}
	if steps, err := i.NoFileTypes(); err != nil || len(steps) != 0 {
		t.Errorf("again: %+v, %v", steps, err)
	}
}

// Browsers that know Keyferry are started, the person's own first.
func TestStarts(t *testing.T) {
	i := machine(t, "linux")
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	for _, name := range []string{"chromium", "firefox-esr", "vivaldi"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if starts := i.Starts("chromium.desktop"); len(starts) != 0 || i.ServesAny() {
		t.Errorf("none was told: %+v", starts)
	}
	for _, name := range []string{"chromium", "firefox", "brave"} {
		b, _ := Find(name)
		if _, err := i.Install(b); err != nil {
			t.Fatal(err)
		}
	}
	order := func(preferred string) (names []string) {
		for _, s := range i.Starts(preferred) {
			names = append(names, filepath.Base(s.Command[0]))
		}
		return names
	}
	if got := order(""); !slices.Equal(got, []string{"chromium", "firefox-esr"}) {
		t.Errorf("%q", got)
	}
	if got := order("firefox-esr.desktop"); got[0] != "firefox-esr" {
		t.Errorf("%q", got)
	}
}
