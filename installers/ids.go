package installers

import (
	"slices"
	"strings"
)

// HostName is the native host's name, by which the extension asks the browser for it.
const HostName = "app.keyferry.host"

// Extensions are the extensions that may start the host.
type Extensions struct {
	Chromium []string // extension ids, 32 letters a to p: one for each store, and the one that the manifest's key fixes
	Firefox  []string // add-on ids
}

// Ours returns this build's own extensions. The ids are derived from extension/manifest/keys.json (a test holds the
// two together); a release knows nothing of the test build's, nor the other way round.
func Ours() Extensions {
	return Extensions{
		Chromium: []string{ownChromiumID},
		Firefox:  []string{ownFirefoxID},
	}
}

// With returns the extensions with further ids, told apart by their form.
func (e Extensions) With(ids ...string) Extensions {
	out := Extensions{Chromium: slices.Clone(e.Chromium), Firefox: slices.Clone(e.Firefox)}
	for _, id := range ids {
		if IsChromiumID(id) {
			out.Chromium = append(out.Chromium, id)
		} else {
			out.Firefox = append(out.Firefox, id)
		}
	}
	return out
}

// Knows says whether a browser's word for its extension is one of these: "chrome-extension://ID/" (Chromium's first
// argument to a host) or an add-on id (Firefox's second).
func (e Extensions) Knows(caller string) bool {
	if id, ok := strings.CutPrefix(caller, "chrome-extension://"); ok {
		id, ok = strings.CutSuffix(id, "/")
		return ok && slices.Contains(e.Chromium, id)
	}
	return slices.Contains(e.Firefox, caller)
}

// Origins are the values of a Chromium manifest's allowed_origins.
func (e Extensions) Origins() []string {
	origins := make([]string, len(e.Chromium))
	for i, id := range e.Chromium {
		origins[i] = "chrome-extension://" + id + "/"
	}
	return origins
}

// IsChromiumID says whether a text has the form of a Chromium extension id.
func IsChromiumID(id string) bool {
	return len(id) == 32 && strings.Trim(id, "abcdefghijklmnop") == ""
}
