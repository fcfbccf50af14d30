package agent

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// The system's own bus; its place is not taken from the environment.
const systemBus = "unix:path=/run/dbus/system_bus_socket"

const (
	loginName    = "org.freedesktop.login1"
	loginPath    = "/org/freedesktop/login1"
	loginManager = loginName + ".Manager"
	loginSession = loginName + ".Session"
)

// logind listens to systemd-logind (or elogind).
type logind struct{ address string }

func newSessionEvents(address string) sessionEvents {
	if address == "" {
		address = systemBus
	}
	return logind{address}
}

// watch implements sessionEvents.
func (l logind) watch(ctx context.Context, f func(sessionEvent) bool) error {
	conn, err := dbus.Connect(l.address, dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("%w (%w)", errNoEvents, err)
	}
	defer func() { _ = conn.Close() }()
	sessions, err := ourSessions(ctx, conn)
	if err != nil {
		return fmt.Errorf("%w (%w)", errNoEvents, err)
	}
	if err := subscribe(ctx, conn); err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	delay := inhibit(ctx, conn)
	defer func() { delay.release() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-signals:
			if !ok {
				return errors.New("the system bus closed the connection")
			}
			if s.Name == loginManager+".SessionNew" {
				if now, err := ourSessions(ctx, conn); err == nil {
					sessions = now
				}
				continue
			}
			e, happened := event(s, sessions)
			if !happened {
				continue
			}
			if f(e) {
				<-ctx.Done()
				delay = delayLock{-1} // exec, or the end of the process, lets the machine sleep: not before all is forgotten
				return nil
			}
			if e == eventSleep { // nothing to forget: let it sleep, and ask again for the next time
				delay.release()
				delay = inhibit(ctx, conn)
			}
		}
	}
}

// subscribe asks for the signals that matter.
func subscribe(ctx context.Context, conn *dbus.Conn) error {
	for _, m := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(loginManager), dbus.WithMatchSender(loginName)},
		{dbus.WithMatchInterface(loginSession), dbus.WithMatchSender(loginName)},
		{dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchSender(loginName)},
	} {
		if err := conn.AddMatchSignalContext(ctx, m...); err != nil {
			return fmt.Errorf("could not subscribe to logind: %w", err)
		}
	}
	return nil
}

// event translates a signal. sessions are this user's.
func event(s *dbus.Signal, sessions map[dbus.ObjectPath]bool) (sessionEvent, bool) {
	first := func(i int) any {
		if i < len(s.Body) {
			return s.Body[i]
		}
		return nil
	}
	switch s.Name {
	case loginManager + ".PrepareForSleep":
		return eventSleep, first(0) == true
	case loginManager + ".PrepareForShutdown":
		return eventEnd, first(0) == true
	case loginManager + ".SessionRemoved":
		p, _ := first(1).(dbus.ObjectPath)
		ours := sessions[p]
		delete(sessions, p)
		return eventEnd, ours && len(sessions) == 0
	case loginSession + ".Lock":
		return eventLock, sessions[s.Path]
	case "org.freedesktop.DBus.Properties.PropertiesChanged":
		changed, _ := first(1).(map[string]dbus.Variant)
		return eventLock, first(0) == loginSession && sessions[s.Path] && changed["LockedHint"].Value() == true
	}
	return 0, false
}

// ourSessions lists the sessions of this user: the agent outlives the browser that started it, so that its own
// session may be none of them.
func ourSessions(ctx context.Context, conn *dbus.Conn) (map[dbus.ObjectPath]bool, error) {
	var list []struct {
		ID   string
		UID  uint32
		User string
		Seat string
		Path dbus.ObjectPath
	}
	call := conn.Object(loginName, loginPath).CallWithContext(ctx, loginManager+".ListSessions", 0)
	if err := call.Store(&list); err != nil {
		return nil, fmt.Errorf("could not list the sessions: %w", err)
	}
	out := map[dbus.ObjectPath]bool{}
	for _, s := range list {
		if int(s.UID) == os.Getuid() {
			out[s.Path] = true
		}
	}
	return out, nil
}

// delayLock holds sleep up until the vault is locked; the exec that locks releases it too.
type delayLock struct{ fd int }

func (d delayLock) release() {
	if d.fd >= 0 {
		_ = unix.Close(d.fd)
	}
}

func inhibit(ctx context.Context, conn *dbus.Conn) delayLock {
	var fd dbus.UnixFD
	call := conn.Object(loginName, loginPath).CallWithContext(ctx, loginManager+".Inhibit", 0, "sleep", "Keyferry", "locks the vault", "delay")
	if err := call.Store(&fd); err != nil {
		return delayLock{-1} // the signal still comes, perhaps too late to act on before sleep
	}
	unix.CloseOnExec(int(fd))
	return delayLock{int(fd)}
}
