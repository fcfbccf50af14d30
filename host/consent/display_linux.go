package consent

import (
	"net"
	"path/filepath"
	"strings"

	"github.com/keyferry/keyferry/host/protocol"
)

// displayAnswers reports whether somebody listens where a dialog would be shown. A dialog's program that finds nobody there
// ends just as it does when the person presses Cancel, and how fast it does so says little on a busy machine. What can't be
// told from here, such as a display of another machine, counts as answering.
func displayAnswers(w protocol.Where) bool {
	if w.WaylandDisplay != "" {
		path := w.WaylandDisplay
		if !filepath.IsAbs(path) {
			path = filepath.Join(w.RuntimeDir, path)
		}
		if listens(path) {
			return true
		}
	}
	colon := strings.LastIndexByte(w.Display, ':')
	if colon < 0 {
		return w.Display != "" // no form that we know
	}
	host, number := w.Display[:colon], w.Display[colon+1:]
	if host != "" && host != "unix" {
		return true
	}
	number, _, _ = strings.Cut(number, ".")
	path := "/tmp/.X11-unix/X" + number
	return listens(path) || listens("@"+path) // the second one has no file
}

func listens(path string) bool {
	c, err := net.Dial("unix", path)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
