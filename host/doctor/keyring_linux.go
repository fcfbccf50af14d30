package doctor

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

const secretService = "org.freedesktop.secrets"

// keyring looks whether a login keyring could hold a slot's secret. It asks for nothing that a keyring would show a dialog for.
func (e *examination) keyring() {
	address := e.Where.SessionBus
	if bus := filepath.Join(e.Where.RuntimeDir, "bus"); address == "" && e.Where.RuntimeDir != "" {
		if _, err := os.Stat(bus); err == nil {
			address = "unix:path=" + bus
		}
	}
	const do = "nothing, unless you want the login keyring to open the vault (`keyferry slots add keyring`)"
	if address == "" || address == "disabled:" {
		e.found("keyring", "keyring-no-bus", Note, "there is no session bus, so no login keyring", do, nil)
		return
	}
	ctx, cancel := context.WithTimeout(e.ctx, 3*time.Second)
	defer cancel()
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		e.found("keyring", "keyring-no-bus", Note, "the session bus can't be reached: "+err.Error(), do, nil)
		return
	}
	defer conn.Close()
	var running, startable []string
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListNames", 0).Store(&running)
	if err == nil {
		err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&startable)
	}
	switch {
	case err != nil:
		e.found("keyring", "keyring-no-bus", Note, "the session bus does not answer: "+err.Error(), do, nil)
	case !slices.Contains(running, secretService) && !slices.Contains(startable, secretService):
		e.found("keyring", "keyring-none", Note, "this login has no keyring (nothing offers "+secretService+")", do, nil)
	default:
		e.well("keyring", "this login has a keyring; it opens the vault only if you add it")
	}
}
