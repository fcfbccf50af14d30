package localexchange

import (
	"slices"
	"strings"
)

// cleanEnv leaves what a program needs to find its files and to show a dialog. A parent's library paths and debugging
// switches are not for the command.
func cleanEnv(environ []string) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		switch strings.ToUpper(name) {
		case "HOME", "PATH", "USER", "LOGNAME", "LANG", "TZ", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
			"SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP":
			return false
		}
		return !strings.HasPrefix(name, "XDG_") && !strings.HasPrefix(name, "LC_")
	})
	return append(env, "CREDENTIAL_EXCHANGE=1")
}
