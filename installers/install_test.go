//go:build unix

package installers

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// machine is an installer in a home of the test's own, on a system of its choice.
func machine(t *testing.T, system string) Installer {
	home := filepath.Join(t.TempDir(), "höme of mine")
	return Installer{
		Roots: Roots{System: system, Dirs: map[Base]string{
			Home: home, Config: filepath.Join(home, ".config"), Support: filepath.Join(home, "Library/Application Support"),
		}},
		Program:     "/opt/key ferry/keyferry",
		Extensions:  Extensions{Chromium: []string{"abcdefghijklmnopabcdefghijklmnop"}, Firefox: []string{"keyferry@example.org"}},
		Registry:    fakeRegistry{},
		ManifestDir: filepath.Join(home, "AppData/Local/keyferry/manifests"),
	}
}

// fakeRegistry stands in for Windows', which is not here.
type fakeRegistry map[string]string

func (r fakeRegistry) Get(key string) (string, error) { return r[key], nil }
func (r fakeRegistry) Set(key, value string) error    { r[key] = value; return nil }
func (r fakeRegistry) Delete(key string) error        { delete(r, key); return nil }

// TestGolden installs for every browser of each system and compares all files, modes and keys with a golden file.
func TestGolden(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			i := machine(t, system)
			for _, b := range Browsers() {
				if !i.Roots.Known(b) {
					continue
				}
				if _, err := i.Install(b); err != nil {
					t.Fatal(err)
				}
			}
			got := i.everything(t)
			golden := filepath.Join("testdata", system+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is not what was installed; look at the difference and run with -update:\n%s", golden, got)
			}
		})
	}
}

// everything lists the files below the home with their modes and texts, and the registry.
func (i Installer) everything(t *testing.T) string {
	t.Helper()
	home := i.Roots.Dirs[Home]
	var out strings.Builder
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%s %s\n%s\n", info.Mode(), strings.TrimPrefix(path, home), text)
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var keys []string
	for key, value := range i.Registry.(fakeRegistry) {
		keys = append(keys, fmt.Sprintf("%s = %s\n", key, strings.TrimPrefix(value, home)))
	}
	slices.Sort(keys)
	return out.String() + strings.Join(keys, "")
}

// Installing twice changes nothing, a dry run changes nothing, and uninstalling leaves nothing.
func TestInstallUninstall(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, b := range Browsers() {
			i := machine(t, system)
			if !i.Roots.Known(b) {
				continue
			}
			t.Run(system+"/"+b.Name, func(t *testing.T) {
				change := func(what string, do func(Browser) ([]Step, error), want Change) {
					t.Helper()
					steps, err := do(b)
					if err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					for _, s := range steps {
						if s.Change != want {
							t.Errorf("%s: %s%s was %s, want %s", what, s.Path, s.Key, s.Change, want)
						}
					}
				}
				dry := i
				dry.Dry = true
				change("dry install", dry.Install, Written)
				if got := i.everything(t); got != "" {
					t.Fatalf("a dry run wrote %s", got)
				}
				change("install", i.Install, Written)
				before := i.everything(t)
				change("second install", i.Install, Unchanged)
				change("dry uninstall", dry.Uninstall, Removed)
				if got := i.everything(t); got != before {
					t.Errorf("became %s", got)
				}
				moved := i
				moved.Program = "/usr/bin/keyferry"
				for _, from := range []Installer{moved, i} { // the binary was moved, and moved back
					if _, err := from.Install(b); err != nil {
						t.Fatal(err)
					}
				}
				if got := i.everything(t); got != before {
					t.Errorf("became %s", got)
				}
				change("uninstall", i.Uninstall, Removed)
				if got := i.everything(t); got != "" {
					t.Errorf("uninstalling left %s", got)
				}
				change("second uninstall", i.Uninstall, Absent)
			})
		}
	}
}

// A browser that shares its manifest with another keeps it when the other goes.
func TestWindowsSharedManifest(t *testing.T) {
	i := machine(t, "windows")
	for _, name := range []string{"edge", "chromium"} {
		b, _ := Find(name)
		if _, err := i.Install(b); err != nil {
			t.Fatal(err)
		}
	}
	edge, _ := Find("edge")
	if _, err := i.Uninstall(edge); err != nil {
		t.Fatal(err)
	}
	if got := i.everything(t); !strings.Contains(got, `Software\Chromium`) || !strings.Contains(got, "/chromium/"+File) || strings.Contains(got, `\Edge\`) {
		t.Errorf("left %s", got)
	}
	// Nor is a key touched that points elsewhere.
	i.Registry.Set(`Software\Microsoft\Edge\NativeMessagingHosts\`+HostName, `C:\else\where.json`)
	if _, err := i.Uninstall(edge); err != nil {
		t.Fatal(err)
	}
	if got := i.everything(t); !strings.Contains(got, `C:\else\where.json`) {
		t.Errorf("left %s", got)
	}
}

func TestForeignManifestStays(t *testing.T) {
	for name, text := range map[string]string{
		"another host": `{"name":"com.other.host","path":"/x"}`, "no JSON": "hello", "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			i := machine(t, "linux")
			b, _ := Find("firefox")
			path := filepath.Join(i.Roots.HostsDir(b), File)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var foreign *ForeignError
			if _, err := i.Install(b); !errors.As(err, &foreign) {
				t.Errorf("install: %v", err)
			}
			if _, err := i.Uninstall(b); !errors.As(err, &foreign) {
				t.Errorf("uninstall: %v", err)
			}
			if have, err := os.ReadFile(path); err != nil || string(have) != text {
				t.Errorf("became %q, %v", have, err)
			}
		})
	}
}

// Nothing half written is ever at the manifest's place, and nothing is left beside it.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	m, err := NewManifest(Firefox, "/opt/keyferry", Ours())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, File), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir, m, false); err == nil {
		t.Error("a folder was overwritten")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if _, err := NewManifest(Firefox, "keyferry", Ours()); err == nil {
		t.Error("a relative path was taken")
	}
}

func TestPresent(t *testing.T) {
	for folder, want := range map[string][]string{
		".config/mozilla":                     {"firefox"},
		".mozilla":                            {"firefox"},
		".config/chromium":                    {"chromium"},
		".config/google-chrome-unstable":      {"chrome-dev"},
		".config/BraveSoftware/Brave-Browser": {"brave"},
		".config/BraveSoftware":               nil,
		".librewolf":                          {"librewolf"},
		".config":                             nil,
	} {
		i := machine(t, "linux")
		if err := os.MkdirAll(filepath.Join(i.Roots.Dirs[Home], folder), 0o755); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range Browsers() {
			if i.Roots.Present(b) {
				got = append(got, b.Name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: found %q, want %q", folder, got, want)
		}
	}
}
