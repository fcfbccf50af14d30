package bridge

import (
	"path/filepath"
	"strings"
)

// Detect looks at the arguments that the program was started with (without its name) for those of a browser, and
// returns the caller: "chrome-extension://ID/", which Chromium gives as the first argument, or the add-on id that
// Firefox gives as the second, behind the path of the manifest that it read. Whether the caller is one of ours is not
// decided here.
func Detect(args []string) (caller string, ok bool) {
	switch {
	case len(args) >= 1 && strings.HasPrefix(args[0], "chrome-extension://"):
		return args[0], true // on Windows followed by --parent-window=…
	case len(args) == 2 && filepath.IsAbs(args[0]) && filepath.Ext(args[0]) == ".json" && addOnID(args[1]):
		return args[1], true
	}
	return "", false
}

// addOnID says whether a text has the form of an add-on id: name@domain or {uuid}.
func addOnID(id string) bool {
	return len(id) <= 80 && (strings.Contains(id, "@") || strings.HasPrefix(id, "{") && strings.HasSuffix(id, "}"))
}
