//go:build unix

package installers

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
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
			golden(t, system, i.everything(t))
		})
	}
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what was installed; look at the difference and run with -update:\n%s", path, got)
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
		fmt.Fprintf(&out, "%s %s\n%s\n", info.Mode(), strings.TrimPrefix(path, home), strings.ReplaceAll(string(text), home, "$HOME"))
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

// For all users: every folder of the system, in a tree of the test's own; afterwards the tree is as before.
func TestSystem(t *testing.T) {
	for _, system := range []string{"linux", "darwin"} {
		t.Run(system, func(t *testing.T) {
			i := machine(t, system)
			i.ForAll, i.Roots.Root = true, filepath.Join(i.Roots.Dirs[Home], "röot")
			for _, dir := range []string{"/etc/opt", "/usr/lib", "/usr/lib64/mozilla/extensions", "/Library/Application Support"} {
				if err := os.MkdirAll(filepath.Join(i.Roots.Root, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			before := tree(t, i.Roots.Root)
			for _, b := range Browsers() {
				_, err := i.Install(b)
				var nowhere *NotHereError
				if errors.As(err, &nowhere) != !i.Reaches(b) || err != nil && nowhere == nil {
					t.Errorf("%s: %v", b.Name, err)
				}
			}
			golden(t, system+"-system", i.everything(t))
			for _, b := range Browsers() {
				if i.Reaches(b) {
					if _, err := i.Uninstall(b); err != nil {
						t.Error(err)
					}
				}
			}
			if after := tree(t, i.Roots.Root); !slices.Equal(after, before) {
				t.Errorf("was %q, is %q", before, after)
			}
		})
	}
}

// Folders that were made go again, those with something in them stay.
func TestEmptyFoldersGo(t *testing.T) {
	i := machine(t, "linux")
	home := i.Roots.Dirs[Home]
	for _, dir := range []string{".config/mozilla", ".config/chromium/Default", ".var/app/org.mozilla.firefox/config"} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, home)
	for _, do := range []func(Browser) ([]Step, error){i.Install, i.Uninstall} {
		for _, name := range []string{"firefox", "chromium", "firefox-flatpak"} {
			b, _ := Find(name)
			if _, err := do(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if after := tree(t, home); !slices.Equal(after, before) {
		t.Errorf("was %q, is %q", before, after)
	}
}

func tree(t *testing.T, root string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		all = append(all, strings.TrimPrefix(path, root))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A Flatpak browser's starter passes a path with any character on as it is, and somebody else's script stays.
func TestFlatpakStarter(t *testing.T) {
	i := machine(t, "linux")
	b, _ := Find("firefox-flatpak")
	i.Program = filepath.Join(t.TempDir(), "it's a $(höst)")
	if _, err := i.Install(b); err != nil {
		t.Fatal(err)
	}
	// A flatpak-spawn that runs what it is told, as the real one does outside.
	bin := t.TempDir()
	for path, script := range map[string]string{
		filepath.Join(bin, "flatpak-spawn"): "#!/bin/sh\n[ \"$1\" = --host ] && shift && exec \"$@\"\n",
		i.Program:                           "#!/bin/sh\necho \"$#:$1:$2\"\n",
	} {
		if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(i.starter(b), "a manifest", "keyferry@example.org")
	cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin"}
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "2:a manifest:keyferry@example.org\n" {
		t.Errorf("%q, %v", out, err)
	}
	if err := os.WriteFile(i.starter(b), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	var foreign *ForeignError
	if _, err := i.Install(b); !errors.As(err, &foreign) {
		t.Errorf("install: %v", err)
	}
	if _, err := i.Uninstall(b); !errors.As(err, &foreign) {
		t.Errorf("uninstall: %v", err)
	}
}

func TestNotesAndSharing(t *testing.T) {
	i := machine(t, "linux")
	home := i.Roots.Dirs[Home]
	for _, dir := range []string{"snap/firefox", ".zen", ".config/chromium"} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"firefox": "portal", "chromium": "", "firefox-flatpak": "flatpak override --user", "tor": "Tor"} {
		b, _ := Find(name)
		if got := strings.Join(i.Roots.Notes(b), " "); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q", name, got)
		}
	}
	firefox, _ := Find("firefox")
	if got := i.Sharing(firefox); !slices.Equal(got, []string{"Zen"}) {
		t.Errorf("firefox shares with %q", got)
	}
	if !i.Roots.Present(firefox) {
		t.Error("the Snap was not found")
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
