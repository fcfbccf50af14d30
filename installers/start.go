package installers

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// programs are what starts a browser: names on the PATH (Linux), an application's name (macOS), a name that Windows
// knows. A browser that is not here is not started by itself.
func programs(system, browser string) []string {
	return map[string]map[string][]string{
		"linux": {
			"chrome": {"google-chrome-stable", "google-chrome"}, "chrome-beta": {"google-chrome-beta"},
			"chrome-dev": {"google-chrome-unstable"}, "chromium": {"chromium", "chromium-browser"},
			"edge": {"microsoft-edge-stable", "microsoft-edge"}, "edge-beta": {"microsoft-edge-beta"}, "edge-dev": {"microsoft-edge-dev"},
			"brave": {"brave-browser-stable", "brave-browser"}, "vivaldi": {"vivaldi-stable", "vivaldi"}, "opera": {"opera"}, "helium": {"helium"},
			"firefox": {"firefox", "firefox-esr"}, "librewolf": {"librewolf"}, "waterfox": {"waterfox"},
			"zen": {"zen-browser", "zen"}, "floorp": {"floorp"},
		},
		"darwin": {
			"chrome": {"Google Chrome"}, "chrome-beta": {"Google Chrome Beta"}, "chrome-dev": {"Google Chrome Dev"},
			"chrome-canary": {"Google Chrome Canary"}, "chromium": {"Chromium"}, "edge": {"Microsoft Edge"}, "brave": {"Brave Browser"},
			"vivaldi": {"Vivaldi"}, "opera": {"Opera"}, "arc": {"Arc"}, "helium": {"Helium"}, "firefox": {"Firefox"}, "zen": {"Zen"},
		},
		"windows": {
			"chrome": {"chrome"}, "edge": {"msedge"}, "brave": {"brave"}, "vivaldi": {"vivaldi"}, "opera": {"opera"}, "firefox": {"firefox"},
		},
	}[system][browser]
}

// Start is how one browser is started.
type Start struct {
	Browser Browser
	Command []string
}

// Starts are the ways to start a browser that knows Keyferry, the person's own choice first: preferred is its desktop
// entry ("firefox-esr.desktop"), or empty.
func (i Installer) Starts(preferred string) []Start {
	preferred = strings.TrimSuffix(preferred, ".desktop")
	var starts []Start
	for _, b := range Browsers() {
		if !i.knows(b) {
			continue
		}
		for _, program := range programs(i.Roots.System, b.Name) {
			command := startCommand(i.Roots.System, program)
			if command == nil {
				continue
			}
			s := Start{b, command}
			if program == preferred {
				return append([]Start{s}, starts...)
			}
			if !slices.ContainsFunc(starts, func(o Start) bool { return o.Browser.Name == b.Name }) {
				starts = append(starts, s)
			}
		}
	}
	return starts
}

func startCommand(system, program string) []string {
	switch system {
	case "darwin":
		return []string{"open", "-a", program}
	case "windows":
		return []string{"cmd", "/c", "start", "", program}
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return nil
	}
	return []string{path}
}

// knows says whether the browser was told of Keyferry, for this user or for all.
func (i Installer) knows(b Browser) bool {
	if i.Roots.System == "windows" {
		return slices.ContainsFunc(b.Keys, func(key string) bool {
			have, err := i.Registry.Get(key + `\` + HostName)
			return err == nil && have != ""
		})
	}
	dirs := i.Roots.SystemDirs(b)
	if dir := i.Roots.HostsDir(b); dir != "" {
		dirs = append(dirs, dir)
	}
	return slices.ContainsFunc(dirs, func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, File))
		return err == nil
	})
}
