//go:build !keyferrytest

package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/doctor"
	"github.com/keyferry/keyferry/installers"
	"github.com/keyferry/keyferry/vault"
)

// sick is an installation in a home of its own, into which one fault is planted.
type sick struct {
	t       *testing.T
	dir     string // everything lies in it
	program string // keyferry itself
	patient doctor.Patient
}

// newInstallation makes a sound one: a chromium and a firefox that were told where keyferry is, and a vault.
func newInstallation(t *testing.T, withVault string) *sick {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "keyferry-doctor")
	if err != nil {
		t.Fatal(err)
	}
	s := &sick{t: t, dir: dir, program: filepath.Join(dir, "keyferry")}
	run := filepath.Join(dir, "run")
	t.Cleanup(func() { endAgents(run); os.RemoveAll(dir) })
	for _, d := range []string{"run", ".config/chromium", ".mozilla", "root"} {
		s.mkdir(d, 0o700)
	}
	t.Setenv("HOME", dir)
	t.Setenv("XDG_RUNTIME_DIR", run)
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "DISPLAY", "WAYLAND_DISPLAY"} {
		t.Setenv(name, "")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.must(copyFile(exe, s.program))
	a := &app{ctx: t.Context()}
	if a.profile, err = a.build.profile(""); err != nil {
		t.Fatal(err)
	}
	if s.patient, err = a.patient(); err != nil {
		t.Fatal(err)
	}
	s.patient.Installer.Program, s.patient.Root, s.patient.MinFree = s.program, filepath.Join(dir, "root"), 1
	for _, name := range []string{"chromium", "firefox"} {
		b, _ := installers.Find(name)
		if _, err := s.patient.Installer.Install(b); err != nil {
			t.Fatal(err)
		}
	}
	s.patient.Installer.Refresh = func(string, string) {} // the desktop's tools are not what is examined
	_, err = s.patient.Installer.FileTypes()
	s.must(err)
	s.patient.Installer.SystemProviders = nil // of the machine that the test runs on
	_, err = a.register(s.patient.Installer)
	s.must(err)
	s.must(os.MkdirAll(filepath.Dir(a.profile.VaultDir), 0o700))
	s.must(exec.Command("cp", "-a", withVault, a.profile.VaultDir).Run())
	return s
}

func (s *sick) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *sick) mkdir(rel string, mode os.FileMode) {
	s.t.Helper()
	s.must(os.MkdirAll(filepath.Join(s.dir, rel), mode))
}

func (s *sick) write(rel, text string, mode os.FileMode) {
	s.t.Helper()
	path := filepath.Join(s.dir, rel)
	s.must(os.MkdirAll(filepath.Dir(path), 0o755))
	_ = os.Remove(path) // a new file, whatever it was linked to
	s.must(os.WriteFile(path, []byte(text), mode))
	s.must(os.Chmod(path, mode)) // whatever the umask
}

const (
	chromiumManifest = ".config/chromium/NativeMessagingHosts/app.keyferry.host.json"
	firefoxManifest  = ".mozilla/native-messaging-hosts/app.keyferry.host.json"
	keyferryConfig   = ".config/keyferry/config"
	registration     = ".local/share/credential-exchange/providers/keyferry.app.json"
	desktopEntry     = ".local/share/applications/app.keyferry.open.desktop"
	managedPolicy    = "root/etc/chromium/policies/managed/p.json"
)

// edit changes members of Chromium's manifest.
func (s *sick) edit(change func(m map[string]any)) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, chromiumManifest))
	s.must(err)
	var m map[string]any
	s.must(json.Unmarshal(text, &m))
	change(m)
	text, err = json.Marshal(m)
	s.must(err)
	s.write(chromiumManifest, string(text), 0o644)
}

// host has Chromium's manifest name a shell script.
func (s *sick) host(script string) {
	s.t.Helper()
	s.write("other/host", "#!/bin/sh\n"+script+"\n", 0o755)
	s.edit(func(m map[string]any) { m["path"] = filepath.Join(s.dir, "other/host") })
}

func (s *sick) vaultFile(name string) string { return filepath.Join(s.patient.Profile.VaultDir, name) }

// listen answers at the agent's socket with a text.
func (s *sick) listen(answer string) {
	s.t.Helper()
	s.must(os.MkdirAll(s.patient.Profile.RunDir, 0o700))
	ln, err := net.Listen("unix", s.patient.Profile.SocketPath)
	s.must(err)
	s.t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(answer))
		}
	}()
}

// fault is one thing that is broken, the name that doctor has to find for it, and whether --fix repairs it.
type fault struct {
	plant func(s *sick)
	name  string
	fixed bool
}

func faults() []fault {
	chmod := func(rel string, mode os.FileMode) func(*sick) {
		return func(s *sick) { s.must(os.Chmod(filepath.Join(s.dir, rel), mode)) }
	}
	return []fault{
		{func(s *sick) { s.must(os.Remove(filepath.Join(s.dir, registration))) }, "provider-missing", false},
		{func(s *sick) { s.must(os.Chmod(filepath.Join(s.dir, registration), 0o666)) }, "provider-unusable", true},
		{func(s *sick) { s.must(os.Chmod(filepath.Join(s.dir, filepath.Dir(registration)), 0o777)) }, "provider-folder-unsafe", true},
		{func(s *sick) {
			s.write("other/keyferry", "#!/bin/sh\n", 0o755)
			r, err := os.ReadFile(filepath.Join(s.dir, registration))
			s.must(err)
			s.write(registration, strings.ReplaceAll(string(r), s.program, filepath.Join(s.dir, "other/keyferry")), 0o600)
		}, "provider-stale", true},
		{func(s *sick) {
			s.write(filepath.Join(filepath.Dir(registration), "gone.example.json"),
				`{"version":1,"rpId":"gone.example","displayName":"Gone","roles":["importer"],"command":["/nowhere/gone"]}`, 0o600)
		}, "provider-ignored", false},
		{func(s *sick) {
			s.must(os.RemoveAll(filepath.Join(s.dir, ".config/chromium")))
			s.must(os.RemoveAll(filepath.Join(s.dir, ".mozilla")))
		}, "browser-none", false},
		{func(s *sick) { s.must(os.Remove(filepath.Join(s.dir, desktopEntry))) }, "opening-missing", false},
		{func(s *sick) {
			s.write(desktopEntry, "[Desktop Entry]\nExec=/old/keyferry open %f\nX-Keyferry=true\n", 0o644)
		}, "opening-stale", true},
		{func(s *sick) { s.mkdir("snap/firefox", 0o755) }, "browser-sandboxed", false},
		{func(s *sick) { s.must(os.Remove(filepath.Join(s.dir, firefoxManifest))) }, "manifest-missing", true},
		{func(s *sick) {
			s.must(os.Remove(filepath.Join(s.dir, chromiumManifest)))
			s.mkdir(chromiumManifest, 0o755)
		}, "manifest-unreadable", false},
		{func(s *sick) { s.write(chromiumManifest, `{"name": "app.keyf`, 0o644) }, "manifest-malformed", true},
		{func(s *sick) { s.write(chromiumManifest, `{"name": "org.example.other"}`, 0o644) }, "manifest-foreign", false},
		{func(s *sick) { s.edit(func(m map[string]any) { m["type"] = "pipe" }) }, "manifest-type", true},
		{func(s *sick) {
			s.edit(func(m map[string]any) {
				m["allowed_extensions"] = []string{"keyferry@keyferry.app"}
				delete(m, "allowed_origins")
			})
		}, "manifest-family", true},
		{func(s *sick) {
			s.edit(func(m map[string]any) {
				m["allowed_origins"] = []string{"chrome-extension://pjieknbidepfjbgeaocakdicnnnipmap/"}
			})
		}, "manifest-ids", true},
		{func(s *sick) {
			s.edit(func(m map[string]any) {
				m["allowed_origins"] = append(installers.Ours().Origins(), "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/")
			})
		}, "manifest-strangers", true},
		{chmod(chromiumManifest, 0o666), "manifest-writable", true},
		{chmod(filepath.Dir(chromiumManifest), 0o777), "manifest-folder-writable", true},
		{func(s *sick) { s.edit(func(m map[string]any) { m["path"] = "keyferry" }) }, "program-relative", true},
		{func(s *sick) { s.edit(func(m map[string]any) { m["path"] = "/nowhere/keyferry" }) }, "program-missing", true},
		{func(s *sick) { s.edit(func(m map[string]any) { m["path"] = "/tmp" }) }, "program-no-file", true},
		{func(s *sick) { s.host("exit 0"); s.must(os.Chmod(filepath.Join(s.dir, "other/host"), 0o644)) }, "program-not-executable", true},
		{func(s *sick) { s.host("exit 0"); s.must(os.Chmod(filepath.Join(s.dir, "other/host"), 0o777)) }, "program-writable", true},
		{func(s *sick) { s.host(`echo '{"version": "0.0.1"}'`) }, "program-other-version", false},
		{func(s *sick) { s.host("echo no libfoo.so.1 >&2; exit 127") }, "host-does-not-start", false},
		{func(s *sick) { s.host(`[ "$1" = version ] || exec sleep 60`) }, "host-silent", false},
		{func(s *sick) { s.host("echo hello hello hello hello") }, "host-not-keyferry", false},
		{func(s *sick) { s.write(managedPolicy, `{"NativeMessagingBlocklist": ["*"]}`, 0o644) }, "policy-blocks-host", false},
		{func(s *sick) { s.write(managedPolicy, `{"NativeMessagingUserLevelHosts": false}`, 0o644) }, "policy-no-user-hosts", false},
		{func(s *sick) {
			s.write(managedPolicy, `{"ExtensionSettings": {"*": {"installation_mode": "blocked"}}}`, 0o644)
		}, "policy-blocks-extension", false},
		{func(s *sick) {
			s.write("root/etc/firefox/policies/policies.json", `{"policies": {"ExtensionSettings": {"keyferry@keyferry.app": {"installation_mode": "blocked"}}}}`, 0o644)
		}, "policy-blocks-addon", false},
		{func(s *sick) { s.write(managedPolicy, `{`, 0o644) }, "policy-unreadable", false},
		{func(s *sick) { s.mkdir("run/keyferry", 0o700); s.must(os.Chmod(s.patient.Profile.RunDir, 0o755)) }, "runtime-folder", true},
		{func(s *sick) {
			s.mkdir("run/keyferry", 0o700)
			s.must(os.WriteFile(s.patient.Profile.SocketPath, nil, 0o600))
		}, "socket-is-no-socket", false},
		{func(s *sick) {
			s.mkdir("run/keyferry", 0o700)
			ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: s.patient.Profile.SocketPath, Net: "unix"})
			s.must(err)
			ln.SetUnlinkOnClose(false)
			s.must(ln.Close())
		}, "socket-stale", true},
		{func(s *sick) { s.listen("HTTP/1.1 400 Bad Request\r\n\r\n") }, "agent-not-answering", false},
		{func(s *sick) { s.patient.Version = "9.9.9"; s.startAgent() }, "agent-other-version", false},
		{func(s *sick) { s.write(keyferryConfig, "no-dialogs\n", 0o666) }, "config-writable", true},
		{func(s *sick) { s.write(keyferryConfig, "pinentry-progam /x\n", 0o600) }, "config-bad", false},
		{func(s *sick) { s.write(keyferryConfig, "pinentry-program /nowhere/pinentry\n", 0o600) }, "pinentry-missing", false},
		{func(s *sick) { s.write(keyferryConfig, "pinentry-program /bin/false\n", 0o600) }, "pinentry-broken", false},
		{func(s *sick) { s.write(keyferryConfig, "no-dialogs\n", 0o600) }, "dialog-none", false},
		{func(s *sick) { s.patient.Where.Display = ":0\n:1" }, "dialog-settings", false},
		{func(s *sick) { s.mkdir(".local/state/keyferry/default.log", 0o700) }, "log-no-file", false},
		{func(s *sick) { s.write(".local/state/keyferry", "", 0o600) }, "log-folder", false},
		{func(s *sick) { s.write(".local/state/keyferry/default.log", "", 0o644) }, "log-open", true},
		{func(s *sick) { s.must(os.RemoveAll(s.patient.Profile.VaultDir)) }, "vault-none", false},
		{func(s *sick) { s.must(os.Chmod(s.patient.Profile.VaultDir, 0o755)) }, "vault-folder-open", true},
		{func(s *sick) {
			if os.Getuid() != 0 {
				s.t.Skip("only root can give files away")
			}
			s.must(os.Chown(s.vaultFile("header"), 65534, 65534))
		}, "vault-not-yours", false},
		{func(s *sick) {
			for _, name := range []string{"header", "header.bak"} {
				s.must(os.WriteFile(s.vaultFile(name), []byte("nonsense"), 0o600))
			}
		}, "vault-header", false},
		{func(s *sick) { s.must(os.Remove(s.vaultFile("anchor-1"))) }, "vault-anchor-missing", false},
		{func(s *sick) { s.must(os.RemoveAll(s.vaultFile("store-1"))) }, "vault-store-missing", false},
		{func(s *sick) {
			s.must(os.Mkdir(s.vaultFile("aside-1"), 0o700))
			s.must(os.WriteFile(s.vaultFile("aside-1/KEEP"), nil, 0o600))
		}, "vault-copy-kept", false},
		{func(s *sick) { s.patient.MinFree = 1 << 60 }, "disk-low", false},
		{func(s *sick) { s.patient.Now = time.Unix(0, 0) }, "clock-wrong", false},
		{func(s *sick) {
			future := time.Now().Add(48 * time.Hour)
			s.must(os.Chtimes(s.vaultFile("header"), future, future))
		}, "clock-behind", false},
		{func(*sick) {}, "keyring-no-bus", false}, // as it is here
	}
}

// startAgent starts the installation's agent, by its bridge.
func (s *sick) startAgent() {
	s.t.Helper()
	cmd := exec.Command(s.program, "doctor", "--json") // it starts the host, which starts the agent
	_ = cmd.Run()                                      // the keyring's note is not what this is about
	if signalAgents(filepath.Join(s.dir, "run"), 0) != 1 {
		s.t.Fatal("no agent runs")
	}
}

// soundVault makes a vault that the tests copy.
func soundVault(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	secret := vault.Passphrase([]byte(scriptPhrase))
	v, err := vault.Create(t.Context(), dir, secret, vault.Options{Cost: vault.Cost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 4}})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func faultNames(findings []doctor.Finding) (faults []string) {
	for _, f := range findings {
		if f.Fault != "" {
			faults = append(faults, f.Fault)
		}
	}
	return faults
}

// usual are what a machine without desktop and login has anyway.
var usual = []string{"keyring-no-bus", "dialog-none"}

// Every fault is found under its name, with what to do in one line; a sound installation has none; what says that it can be
// repaired is repaired, and a second look finds it gone.
func TestDoctorFindsPlantedFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("starts an agent for each of fifty faults")
	}
	sound := soundVault(t)
	s := newInstallation(t, sound)
	for _, f := range doctor.Examine(t.Context(), s.patient) {
		if f.Level != doctor.OK && !slices.Contains(usual, f.Fault) {
			t.Errorf("sound, and yet: %+v", f)
		}
	}
	table := faults()
	if len(table) < 25 {
		t.Fatalf("only %d faults", len(table))
	}
	for _, f := range table {
		t.Run(f.name, func(t *testing.T) {
			s := newInstallation(t, sound)
			s.patient.Timeout = time.Minute
			if f.name == "host-silent" || slices.Contains(consequences(f.name), "host-silent") { // waited for in full
				s.patient.Timeout = 5 * time.Second
			}
			f.plant(s)
			findings := doctor.Examine(context.WithoutCancel(t.Context()), s.patient)
			i := slices.IndexFunc(findings, func(g doctor.Finding) bool { return g.Fault == f.name })
			if i < 0 {
				t.Fatalf("not found; found: %q", faultNames(findings))
			}
			got := findings[i]
			if got.What == "" || got.Do == "" || strings.Contains(got.Do, "\n") || got.Fixable != f.fixed {
				t.Errorf("%+v", got)
			}
			for _, other := range faultNames(findings) {
				if other != f.name && !slices.Contains(usual, other) && !slices.Contains(consequences(f.name), other) {
					t.Errorf("%s is found too", other)
				}
			}
			if !f.fixed {
				return
			}
			doctor.Fix(findings)
			if left := faultNames(doctor.Examine(t.Context(), s.patient)); slices.Contains(left, f.name) {
				t.Errorf("repaired (%+v), and yet found again", findings[i])
			}
		})
	}
}

// consequences are what else a fault causes.
func consequences(fault string) []string {
	switch fault {
	case "manifest-family", "vault-none":
		return []string{"manifest-ids", "manifest-strangers"}
	case "manifest-ids":
		return []string{"manifest-strangers"}
	case "config-bad", "pinentry-missing", "pinentry-broken", "log-no-file", "log-folder":
		return []string{"host-does-not-start", "host-refuses"} // no agent starts, and the host says why
	case "agent-not-answering", "agent-other-version", "runtime-folder":
		return []string{"host-silent", "host-refuses", "host-does-not-start", "host-not-keyferry"}
	}
	return nil
}
