//go:build keyferrytest

package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/installers"
)

// testbedCmd prepares throwaway browser profiles. Given for both browsers at once, they share one vault; with --profile,
// the vault of that profile is made as well, with the same passphrase.
type testbedCmd struct {
	UserDataDir string `help:"Chromium's --user-data-dir, in a temporary folder." placeholder:"DIR"`
	ExtensionID string `name:"extension-id" help:"The Chromium extension that calls; the test extension's by default." placeholder:"ID"`
	FirefoxHome string `help:"HOME of the Firefox under test, in a temporary folder." placeholder:"DIR"`
	AddonID     string `name:"addon-id" help:"The add-on that calls; the test extension's by default." placeholder:"ID"`
	Consent     string `help:"allow: every question is a yes. deny: a no. ask: the person is asked." enum:"allow,deny,ask" default:"allow"`
	Stop        bool   `help:"Stop the testbed's agent and remove its folder, vault included."`
}

// testbedOutput is what the command prints.
type testbedOutput struct {
	Testbed    string   `json:"testbed"` // the folder
	Vault      string   `json:"vault"`
	Socket     string   `json:"socket"`
	Log        string   `json:"log"`
	Setting    string   `json:"setting"` // testbed.json; "consent" in it may be changed at any time
	Manifest   string   `json:"manifest"`
	Manifests  []string `json:"manifests"`
	Launcher   string   `json:"launcher"`
	Passphrase string   `json:"passphrase"`
	Consent    string   `json:"consent"`
	Callers    []string `json:"callers"`
}

const (
	testbedFolder = "keyferry-testbed"    // within the browser's
	launcherFile  = "keyferry-testbed.sh" // beside the manifest
)

// Run implements the command.
func (c testbedCmd) Run(a *app) error {
	home := c.UserDataDir
	if home == "" {
		home = c.FirefoxHome
	}
	if home == "" {
		return errors.New("testbed needs --user-data-dir DIR (Chromium) or --firefox-home DIR, or both for one vault")
	}
	dir := filepath.Join(home, testbedFolder)
	if c.Stop {
		return c.stop(a, dir)
	}
	if c.ExtensionID != "" && !installers.IsChromiumID(c.ExtensionID) {
		return fmt.Errorf("%q is no Chromium extension id (32 letters from a to p)", c.ExtensionID)
	}
	profile, err := makeTestbed(dir, a.vault)
	if err != nil {
		return err
	}
	out, err := c.prepare(a, profile)
	if err != nil {
		return err
	}
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// makeTestbed makes the folder, and refuses one outside the temporary folders before anything is made.
func makeTestbed(dir, profile string) (paths.Profile, error) {
	if err := paths.CheckTemporary(dir); err != nil {
		return paths.Profile{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return paths.Profile{}, fmt.Errorf("can't make the testbed: %w", err)
	}
	return paths.ForTestbed(dir, profile)
}

func (c testbedCmd) prepare(a *app, p paths.Profile) (testbedOutput, error) {
	callers := []string{}
	for _, id := range []string{c.ExtensionID, c.AddonID} {
		if id != "" {
			callers = append(callers, id)
		}
	}
	setting, err := p.ReadTestbed()
	if errors.Is(err, fs.ErrNotExist) {
		setting = paths.Testbed{Passphrase: strings.ToLower(rand.Text() + "-" + rand.Text())}
	} else if err != nil {
		return testbedOutput{}, err
	}
	fresh := setting.Consent == "" || !sameCallers(setting.Callers, callers)
	setting.Callers = callers
	setting.Consent = "allow" // while the vault is made; what was asked for comes after
	if err := p.WriteTestbed(setting); err != nil {
		return testbedOutput{}, err
	}
	if fresh {
		if err := stopAgents(p); err != nil { // those that know other callers
			return testbedOutput{}, err
		}
	}
	if err := openTestbed(a, p, setting.Passphrase); err != nil {
		return testbedOutput{}, err
	}
	setting.Consent = c.Consent
	if err := p.WriteTestbed(setting); err != nil {
		return testbedOutput{}, err
	}
	out := testbedOutput{
		Testbed: p.Testbed, Vault: p.VaultDir, Socket: p.SocketPath, Log: p.LogFile,
		Setting: filepath.Join(p.Testbed, "testbed.json"), Passphrase: setting.Passphrase, Consent: setting.Consent, Callers: callers,
	}
	return out, c.writeManifests(p, installers.Ours().With(callers...), &out)
}

// openTestbed makes the vault where there is none, and unlocks it.
func openTestbed(a *app, p paths.Profile, passphrase string) error {
	a.profile = p
	client, status, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	secret := protocol.Secret{Passphrase: passphrase}
	if status.Vault == "none" {
		return client.Call(a.ctx, "vault.create", protocol.VaultCreate{Secret: secret}, nil)
	}
	return client.Call(a.ctx, "unlock", protocol.Unlock{Secret: secret}, nil)
}

// place is where one browser under test looks for manifests.
type place struct {
	dir    string
	family installers.Family
}

func (c testbedCmd) places() []place {
	var places []place
	if c.UserDataDir != "" {
		places = append(places, place{filepath.Join(c.UserDataDir, "NativeMessagingHosts"), installers.Chromium})
	}
	if c.FirefoxHome != "" {
		places = append(places, place{filepath.Join(c.FirefoxHome, ".mozilla", "native-messaging-hosts"), installers.Firefox})
	}
	return places
}

// writeManifests puts a manifest and a launcher where each browser looks.
func (c testbedCmd) writeManifests(p paths.Profile, e installers.Extensions, out *testbedOutput) error {
	for _, place := range c.places() {
		dir, err := filepath.Abs(place.dir)
		if err != nil {
			return err
		}
		launcher, err := writeLauncher(dir, p.Testbed)
		if err != nil {
			return err
		}
		m, err := installers.NewManifest(place.family, launcher, e)
		if err != nil {
			return err
		}
		if _, err := installers.Write(dir, m, false); err != nil {
			return err
		}
		out.Manifests = append(out.Manifests, filepath.Join(dir, installers.File))
		out.Launcher = launcher
	}
	out.Manifest = out.Manifests[0]
	return nil
}

// removeManifest takes out what writeManifests wrote, known by the launcher beside it.
func removeManifest(dir string) error {
	launcher := filepath.Join(dir, launcherFile)
	if err := os.Remove(launcher); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	_, err := installers.Remove(dir, false)
	return err
}

// writeLauncher writes the program that a manifest names, since manifests hold no arguments. It replaces itself by the
// bridge, whose parent stays the browser.
func writeLauncher(dir, testbed string) (string, error) {
	exe, err := ownPath()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("can't make the manifest's folder: %w", err)
	}
	path := filepath.Join(dir, launcherFile)
	text := "#!/bin/sh\n# Written by `keyferry testbed`.\nexec " + quote(exe) + " --testbed " + quote(testbed) + ` "$@"` + "\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		return "", fmt.Errorf("can't write the launcher: %w", err)
	}
	return path, nil
}

// quote makes a text one word of a shell's.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// stop ends the agent and removes the testbed's folder and manifests.
func (c testbedCmd) stop(a *app, dir string) error {
	profile, err := paths.ForTestbed(dir, "")
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no testbed here")
	}
	if err != nil {
		return err
	}
	if err := stopAgents(profile); err != nil {
		return err
	}
	for _, place := range c.places() {
		if err := removeManifest(place.dir); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(profile.Testbed); err != nil {
		return fmt.Errorf("can't remove the testbed: %w", err)
	}
	if profile.RunDir != filepath.Join(profile.Testbed, "run") {
		if err := os.RemoveAll(profile.RunDir); err != nil {
			return fmt.Errorf("can't remove the testbed's socket: %w", err)
		}
	}
	return a.print(map[string]string{"stopped": profile.Testbed}, func(w io.Writer) { fmt.Fprintln(w, "stopped", profile.Testbed) })
}

// stopAgents ends the agents of all of a testbed's profiles.
func stopAgents(p paths.Profile) error {
	names, err := p.Names()
	if err != nil {
		return err
	}
	for _, name := range append(names, paths.DefaultProfile) { // whose agent runs also where it has no vault
		other, err := paths.ForTestbed(p.Testbed, name)
		if err != nil {
			return err
		}
		if err := stopAgent(other); err != nil {
			return err
		}
	}
	return nil
}

func sameCallers(a, b []string) bool { return strings.Join(a, " ") == strings.Join(b, " ") }
