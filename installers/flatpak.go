package installers

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// A browser from Flatpak sees neither our binary nor the agent's socket. What it can start is a script in its own
// folder, and that script can start the binary outside through flatpak-spawn, which the person has to allow: it lets
// the browser start any program, so Keyferry neither allows it itself nor installs here unless the browser is named.

// flatpak is a Flatpak browser. hosts is relative to the app's folder.
func flatpak(name, title string, family Family, app, hosts string) Browser {
	folder := ".var/app/" + app
	return Browser{
		Name: name + "-flatpak", Title: title + " (Flatpak)", Family: family, Named: true, Flatpak: app,
		Linux: Place{Base: Home, Seen: []string{folder}, Hosts: folder + "/" + hosts},
	}
}

func flatpaks() []Browser {
	return []Browser{
		flatpak("chrome", "Google Chrome", Chromium, "com.google.Chrome", "config/google-chrome"+hosts),
		flatpak("chromium", "Chromium", Chromium, "org.chromium.Chromium", "config/chromium"+hosts),
		flatpak("edge", "Microsoft Edge", Chromium, "com.microsoft.Edge", "config/microsoft-edge"+hosts),
		flatpak("firefox", "Firefox", Firefox, "org.mozilla.firefox", ".mozilla"+mozillaHosts),
	}
}

// FlatpakCommand is what the person has to run once, so that a Flatpak browser may start Keyferry.
func (b Browser) FlatpakCommand() string {
	return "flatpak override --user --talk-name=org.freedesktop.Flatpak " + b.Flatpak
}

// starter is the script's place. An app sees its own folder at the path that it has outside.
func (i Installer) starter(b Browser) string {
	return i.Roots.path(Home, ".var/app/"+b.Flatpak+"/data/keyferry/keyferry-host")
}

const starterMark = "# Keyferry's starter for a Flatpak browser; `keyferry uninstall` removes it."

func starterText(program string) []byte {
	quoted := "'" + strings.ReplaceAll(program, "'", `'\''`) + "'"
	return []byte("#!/bin/sh\n" + starterMark + "\nexec flatpak-spawn --host " + quoted + " \"$@\"\n")
}

func isStarter(text []byte) bool { return bytes.Contains(text, []byte(starterMark)) }

// installFlatpak writes the script, and a manifest that names it.
func (i Installer) installFlatpak(b Browser) ([]Step, error) {
	path := i.starter(b)
	m, err := NewManifest(b.Family, path, i.Extensions)
	if err != nil {
		return nil, err
	}
	change, err := put(path, starterText(i.Program), 0o755, isStarter, i.Dry)
	if err != nil {
		return nil, fmt.Errorf("%s: the starter: %w", b.Title, err)
	}
	steps := []Step{{Browser: b.Name, Path: path, Change: change}}
	dir := i.Roots.HostsDir(b)
	change, err = Write(dir, m, i.Dry)
	if err != nil {
		return steps, fmt.Errorf("%s: %w", b.Title, err)
	}
	return append(steps, Step{Browser: b.Name, Path: filepath.Join(dir, File), Change: change}), nil
}

func (i Installer) uninstallFlatpak(b Browser) ([]Step, error) {
	steps, err := i.removeFrom(b, i.Roots.HostsDir(b), i.Roots.path(Home, ".var/app/"+b.Flatpak))
	if err != nil {
		return nil, err
	}
	path := i.starter(b)
	change, err := take(path, isStarter, i.Dry)
	if err != nil {
		return steps, fmt.Errorf("%s: the starter: %w", b.Title, err)
	}
	if change == Removed && !i.Dry {
		RemoveEmpty(filepath.Dir(path), i.Roots.path(Home, ".var/app/"+b.Flatpak))
	}
	return append(steps, Step{Browser: b.Name, Path: path, Change: change}), nil
}
