package installers

import "slices"

// Where browsers look, below the bases of [Place], and their registry keys.
const (
	hosts           = "/NativeMessagingHosts"
	mozillaHosts    = "/native-messaging-hosts"
	macSystem       = "/Library/Application Support/"
	chromeKey       = `Software\Google\Chrome\NativeMessagingHosts`
	edgeKey         = `Software\Microsoft\Edge\NativeMessagingHosts`
	mozillaKey      = `Software\Mozilla\NativeMessagingHosts`
	chromeSystem    = "/etc/opt/chrome/native-messaging-hosts"
	edgeSystem      = "/etc/opt/edge/native-messaging-hosts"
	mozillaSystem   = "/usr/lib/mozilla/native-messaging-hosts"
	macChromeForAll = "/Library/Google/Chrome/NativeMessagingHosts"
	macMozilla      = "/Library/Application Support/Mozilla/NativeMessagingHosts"
)

// Browsers is the table of browsers, in the order in which help and reports name them. Chromium's forks mostly look at
// Chrome's registry key too; those whose own key is known get both.
func Browsers() []Browser {
	return slices.Concat(chromiums(), firefoxes(), flatpaks())
}

func chromiums() []Browser {
	return []Browser{
		chromium("chrome", "Google Chrome", "google-chrome", "Google/Chrome", chromeKey).system(chromeSystem, macChromeForAll),
		chromium("chrome-beta", "Google Chrome Beta", "google-chrome-beta", "Google/Chrome Beta", chromeKey).system(chromeSystem, macChromeForAll),
		chromium("chrome-dev", "Google Chrome Dev", "google-chrome-unstable", "Google/Chrome Dev", chromeKey).system(chromeSystem, macChromeForAll),
		chromium("chrome-canary", "Google Chrome Canary", "", "Google/Chrome Canary", chromeKey).system("", macChromeForAll),
		chromium("chromium", "Chromium", "chromium", "Chromium", `Software\Chromium\NativeMessagingHosts`).
			system("/etc/chromium/native-messaging-hosts", macSystem+"Chromium"+hosts).snap("chromium"),
		chromium("edge", "Microsoft Edge", "microsoft-edge", "Microsoft Edge", edgeKey).system(edgeSystem, ""),
		chromium("edge-beta", "Microsoft Edge Beta", "microsoft-edge-beta", "Microsoft Edge Beta", edgeKey).system(edgeSystem, ""),
		chromium("edge-dev", "Microsoft Edge Dev", "microsoft-edge-dev", "Microsoft Edge Dev", edgeKey).system(edgeSystem, ""),
		chromium("edge-canary", "Microsoft Edge Canary", "", "Microsoft Edge Canary", edgeKey),
		chromium("brave", "Brave", "BraveSoftware/Brave-Browser", "BraveSoftware/Brave-Browser",
			chromeKey, `Software\BraveSoftware\Brave-Browser\NativeMessagingHosts`),
		chromium("vivaldi", "Vivaldi", "vivaldi", "Vivaldi", chromeKey, `Software\Vivaldi\NativeMessagingHosts`).
			system("/etc/opt/vivaldi/native-messaging-hosts", macSystem+"Vivaldi"+hosts),
		chromium("opera", "Opera", "opera", "com.operasoftware.Opera", chromeKey),
		chromium("arc", "Arc", "", "Arc/User Data"),
		chromium("helium", "Helium", "net.imput.helium", "net.imput.helium"),
	}
}

func firefoxes() []Browser {
	return []Browser{
		{
			Name: "firefox", Title: "Firefox", Family: Firefox, Snap: "firefox", Keys: []string{mozillaKey},
			// New profiles of Firefox lie in the XDG folder, yet it reads manifests from ~/.mozilla alone.
			Linux: Place{Home, []string{".mozilla", ".config/mozilla"}, ".mozilla" + mozillaHosts, mozillaSystem},
			MacOS: Place{Support, []string{"Firefox", "Mozilla"}, "Mozilla" + hosts, macMozilla},
		},
		fork("librewolf", "LibreWolf", ".librewolf"),
		fork("waterfox", "Waterfox", ".waterfox"),
		{
			Name: "zen", Title: "Zen", Family: Firefox, Keys: []string{mozillaKey},
			Linux: Place{Home, []string{".zen"}, ".mozilla" + mozillaHosts, mozillaSystem}, // not verified
			MacOS: Place{Support, []string{"zen", "Zen"}, "Zen" + hosts, ""},
		},
		fork("floorp", "Floorp", ".floorp"),
		{
			// Only when named: a password manager in Tor Browser makes its user stand out.
			Name: "tor", Title: "Tor Browser", Family: Firefox, Named: true, Keys: []string{mozillaKey},
			Linux: Place{Home, []string{torLinux}, torLinux + "/.mozilla" + mozillaHosts, ""},
			MacOS: Place{Support, []string{"TorBrowser-Data"}, "TorBrowser-Data/Browser/Mozilla" + hosts, ""},
		},
	}
}

// torLinux is where torbrowser-launcher keeps the browser's home.
const torLinux = ".local/share/torbrowser/tbb/x86_64/tor-browser_en-US/Browser/TorBrowser/Data/Browser"

// chromium is a browser of that family; "" where a system does not have it.
func chromium(name, title, linux, mac string, keys ...string) Browser {
	place := func(base Base, folder string) Place {
		if folder == "" {
			return Place{}
		}
		return Place{Base: base, Seen: []string{folder}, Hosts: folder + hosts}
	}
	return Browser{Name: name, Title: title, Family: Chromium, Keys: keys, Linux: place(Config, linux), MacOS: place(Support, mac)}
}

// system adds the folders for all users.
func (b Browser) system(linux, mac string) Browser {
	b.Linux.System, b.MacOS.System = linux, mac
	return b
}

// snap says that there is a Snap of it.
func (b Browser) snap(name string) Browser {
	b.Snap = name
	return b
}

// fork is one of Firefox's whose folder is known on Linux alone.
func fork(name, title, folder string) Browser {
	return Browser{
		Name: name, Title: title, Family: Firefox, Keys: []string{mozillaKey},
		Linux: Place{Home, []string{folder}, folder + mozillaHosts, ""},
	}
}
