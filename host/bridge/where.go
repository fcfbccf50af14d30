package bridge

import (
	"cmp"
	"os"

	"github.com/keyferry/keyferry/host/protocol"
)

// maxSetting bounds each of the person's settings in bytes; longer ones are left out.
const maxSetting = 1024

// Where reads from the environment where the person is, so that the agent's dialogs appear there. tty is the
// terminal's device for the command line, empty for a bridge.
func Where(tty string) protocol.Where {
	get := func(name string) string {
		if v := os.Getenv(name); len(v) <= maxSetting {
			return v
		}
		return ""
	}
	w := protocol.Where{
		Display:        get("DISPLAY"),
		WaylandDisplay: get("WAYLAND_DISPLAY"),
		XAuthority:     get("XAUTHORITY"),
		RuntimeDir:     get("XDG_RUNTIME_DIR"),
		SessionBus:     get("DBUS_SESSION_BUS_ADDRESS"),
		Lang:           cmp.Or(get("LC_ALL"), get("LC_CTYPE"), get("LANG")),
	}
	if tty != "" {
		w.TTY, w.Term = tty, get("TERM")
	}
	return w
}
