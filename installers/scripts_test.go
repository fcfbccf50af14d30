//go:build unix

package installers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// script is the text of a browser's script: it calls the program, and does nothing else.
func script(system string, b Browser) (name, text string) {
	switch system {
	case "linux":
		return "linux/" + b.Name + ".sh", fmt.Sprintf("#!/bin/sh\n# Puts Keyferry into %s, for you alone; takes the options of `keyferry install`.\nexec \"$(dirname -- \"$0\")/keyferry.sh\" install %s \"$@\"\n", b.Title, b.Name)
	case "darwin":
		return "macos/" + b.Name + ".command", fmt.Sprintf("#!/bin/sh\n# Puts Keyferry into %s, for you alone; takes the options of `keyferry install`.\nexec \"$(dirname -- \"$0\")/keyferry.sh\" install %s \"$@\"\n", b.Title, b.Name)
	}
	return "windows/" + b.Name + ".ps1", fmt.Sprintf("# Puts Keyferry into %s, for you alone; takes the options of `keyferry install`.\n& \"$PSScriptRoot\\keyferry.ps1\" install %s @args\nexit $LASTEXITCODE\n", b.Title, b.Name)
}

// Every browser of the table has its script on every system that knows it, and there are no others.
func TestScripts(t *testing.T) {
	for system, folder := range map[string]string{"linux": "linux", "darwin": "macos", "windows": "windows"} {
		want := []string{folder + "/keyferry.sh"}
		if system == "windows" {
			want[0] = folder + "/keyferry.ps1"
		}
		for _, b := range Browsers() {
			if !(Roots{System: system}).Known(b) {
				continue
			}
			name, text := script(system, b)
			want = append(want, name)
			if *update {
				if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if have, err := os.ReadFile(name); err != nil || string(have) != text {
				t.Errorf("%s: %v; look at it and run with -update", name, err)
			}
			if info, err := os.Stat(name); err == nil && system != "windows" && info.Mode()&0o111 == 0 {
				t.Errorf("%s can't be run", name)
			}
		}
		have, err := filepath.Glob(folder + "/*")
		slices.Sort(want)
		if err != nil || !slices.Equal(have, want) {
			t.Errorf("%s holds %q, want %q, %v", folder, have, want, err)
		}
	}
}

// A script passes its options on to the program beside it, whatever the folder is called.
func TestScriptCallsProgram(t *testing.T) {
	top := filepath.Join(t.TempDir(), "a földer's")
	scripts := filepath.Join(top, "installers", "linux")
	if err := os.CopyFS(scripts, os.DirFS("linux")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(top, "keyferry"), []byte("#!/bin/sh\nprintf '%s|' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(filepath.Join(scripts, "firefox.sh"), "--dry-run", "two words").CombinedOutput()
	if want := "install|firefox|--dry-run|two words|"; err != nil || string(out) != want {
		t.Errorf("%q, %v", out, err)
	}
	if err := os.Remove(filepath.Join(top, "keyferry")); err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir() // with what the script calls and nothing else: a keyferry may be installed here
	dirname, err := exec.LookPath("dirname")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dirname, filepath.Join(bin, "dirname")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(scripts, "firefox.sh"))
	cmd.Env = []string{"PATH=" + bin}
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "was not found") {
		t.Errorf("%q, %v", out, err)
	}
}

// The welcome page shows a command for the browser that it is in; each name in it is one that the command knows.
func TestWelcomePageNamesBrowsers(t *testing.T) {
	text, err := os.ReadFile("../extension/src/ui/welcome/commands.ts")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\["([a-z-]+)", "|[?:] "([a-z-]+)"[;: ]`).FindAllStringSubmatch(string(text), -1)
	for _, m := range found {
		if _, ok := Find(m[1] + m[2]); !ok {
			t.Errorf("%q is no browser", m[1]+m[2])
		}
	}
	if len(found) < 7 {
		t.Errorf("only %d names were found: %q", len(found), found)
	}
}
