package installers

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Browser is one browser's place for manifests. Paths are relative to the system's [Roots], with slashes.
type Browser struct {
	Name   string // as the command line takes it
	Title  string // as people call it
	Family Family
	// Named: only installed when named, never because its folder is there.
	Named bool

	Linux, MacOS Place
	// Keys are the registry keys below HKEY_CURRENT_USER or HKEY_LOCAL_MACHINE, the manifest's name apart. A browser
	// that reads another's keys too gets both.
	Keys []string
}

// Place is where one system keeps a browser's manifests for one user.
type Place struct {
	Base Base
	// Seen are folders of which one is there when the browser is; empty: the browser is not known on this system.
	Seen []string
	// Hosts is the folder of the manifests.
	Hosts string
	// System is the folder of the manifests for all users, absolute; empty where none is known.
	System string
}

// Base is what a [Place] is relative to.
type Base int

// The bases.
const (
	Home    Base = iota
	Config       // XDG_CONFIG_HOME, else ~/.config
	Support      // ~/Library/Application Support
)

// Browsers is the table of browsers.
func Browsers() []Browser {
	chromium := func(name, title, linux, linuxSystem, mac, macSystem string, keys ...string) Browser {
		return Browser{
			Name: name, Title: title, Family: Chromium, Keys: keys,
			Linux: chromiumPlace(Config, linux, linuxSystem), MacOS: chromiumPlace(Support, mac, macSystem),
		}
	}
	const (
		hosts     = `\NativeMessagingHosts`
		chromeKey = `Software\Google\Chrome` + hosts
		mozilla   = `Software\Mozilla` + hosts
		etcChrome = "/etc/opt/chrome/native-messaging-hosts"
	)
	return []Browser{
		chromium("chrome", "Google Chrome", "google-chrome", etcChrome, "Google/Chrome", "/Library/Google/Chrome/NativeMessagingHosts", chromeKey),
		chromium("chromium", "Chromium", "chromium", "/etc/chromium/native-messaging-hosts", "Chromium",
			"/Library/Application Support/Chromium/NativeMessagingHosts", `Software\Chromium`+hosts),
		{
			Name: "firefox", Title: "Firefox", Family: Firefox, Keys: []string{mozilla},
			// Firefox keeps new profiles in the XDG folder, but reads manifests from ~/.mozilla alone.
			Linux: Place{Home, []string{".mozilla", ".config/mozilla"}, ".mozilla/native-messaging-hosts", "/usr/lib/mozilla/native-messaging-hosts"},
			MacOS: Place{Support, []string{"Firefox", "Mozilla"}, "Mozilla/NativeMessagingHosts", "/Library/Application Support/Mozilla/NativeMessagingHosts"},
		},
	}
}

func chromiumPlace(base Base, folder, system string) Place {
	if folder == "" {
		return Place{}
	}
	return Place{Base: base, Seen: []string{folder}, Hosts: folder + "/NativeMessagingHosts", System: system}
}

// Find returns a browser by its name.
func Find(name string) (Browser, bool) {
	for _, b := range Browsers() {
		if b.Name == strings.ToLower(name) {
			return b, true
		}
	}
	return Browser{}, false
}

// Roots are the folders that the table is relative to.
type Roots struct {
	System string // runtime.GOOS, or another one in a test
	Dirs   map[Base]string
}

// UserRoots are this user's, from HOME and XDG_CONFIG_HOME.
func UserRoots() (Roots, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Roots{}, err
	}
	config := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	return Roots{System: runtime.GOOS, Dirs: map[Base]string{
		Home: home, Config: config, Support: filepath.Join(home, "Library", "Application Support"),
	}}, nil
}

// place is the browser's on this system.
func (r Roots) place(b Browser) Place {
	if r.System == "darwin" {
		return b.MacOS
	}
	return b.Linux
}

// Present says whether the browser seems to be there: one of its folders is.
func (r Roots) Present(b Browser) bool {
	p := r.place(b)
	for _, folder := range p.Seen {
		if info, err := os.Stat(r.path(p.Base, folder)); err == nil && info.IsDir() {
			return true
		}
	}
	return false
}

// HostsDir is the folder of the browser's manifests for this user; empty where the system knows no such browser.
func (r Roots) HostsDir(b Browser) string {
	p := r.place(b)
	if p.Hosts == "" {
		return ""
	}
	return r.path(p.Base, p.Hosts)
}

func (r Roots) path(base Base, rel string) string {
	return filepath.Join(r.Dirs[base], filepath.FromSlash(rel))
}
