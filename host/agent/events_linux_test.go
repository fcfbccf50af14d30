package agent

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/keyferry/keyferry/host/protocol"
)

// fakeLogin is org.freedesktop.login1 on a bus of the test's own.
type fakeLogin struct {
	conn *dbus.Conn
	uid  uint32

	mu     sync.Mutex
	delays []*os.File // the other ends of what inhibits sleep
	sent   []*os.File // our copies of what was handed out
}

func (f *fakeLogin) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.delays)
}

const fakeSession = dbus.ObjectPath("/org/freedesktop/login1/session/_31")

type loginRow struct {
	ID   string
	UID  uint32
	User string
	Seat string
	Path dbus.ObjectPath
}

func (f *fakeLogin) ListSessions() ([]loginRow, *dbus.Error) {
	return []loginRow{
		{"1", f.uid, "me", "seat0", fakeSession}, {"2", f.uid + 1, "other", "seat0", "/org/freedesktop/login1/session/_32"},
	}, nil
}

func (f *fakeLogin) Inhibit(what, _, _, mode string) (dbus.UnixFD, *dbus.Error) {
	if what != "sleep" || mode != "delay" {
		return 0, dbus.NewError("org.test.Wrong", nil)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	f.mu.Lock()
	f.delays, f.sent = append(f.delays, r), append(f.sent, w)
	f.mu.Unlock()
	return dbus.UnixFD(w.Fd()), nil
}

func (f *fakeLogin) emit(t *testing.T, path dbus.ObjectPath, name string, args ...any) {
	t.Helper()
	if err := f.conn.Emit(path, name, args...); err != nil {
		t.Fatal(err)
	}
}

// newLogin starts a private dbus-daemon with a login1 service on it.
func newLogin(t *testing.T, uid int) (*fakeLogin, string) {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Fatal("dbus-daemon is missing: make setup-test installs it")
	}
	dir, err := os.MkdirTemp("/tmp", "keyferry-bus-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	address := "unix:path=" + filepath.Join(dir, "bus")
	config := fmt.Sprintf(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>%s</listen><auth>EXTERNAL</auth><allow_anonymous/>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy></busconfig>`, address)
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(daemon, "--nofork", "--config-file="+file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	f := &fakeLogin{uid: uint32(uid)}
	waitUntil(t, "the bus", func() bool {
		f.conn, err = dbus.Connect(address)
		return err == nil
	})
	t.Cleanup(func() { _ = f.conn.Close() })
	if err := f.conn.Export(f, loginPath, loginManager); err != nil {
		t.Fatal(err)
	}
	if reply, err := f.conn.RequestName(loginName, 0); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	return f, address
}

func TestLogindEvents(t *testing.T) {
	f, address := newLogin(t, os.Getuid())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := make(chan sessionEvent, 16)
	done := make(chan error, 1)
	go func() {
		done <- newSessionEvents(address).watch(ctx, func(e sessionEvent) bool { got <- e; return false })
	}()
	waitUntil(t, "the delay of sleep", func() bool { return f.count() > 0 })
	want := func(what string, e sessionEvent) {
		t.Helper()
		select {
		case have := <-got:
			if have != e {
				t.Errorf("%s: %v", what, have)
			}
		case <-time.After(60 * time.Second):
			t.Errorf("%s: nothing happened", what)
		}
	}
	other := dbus.ObjectPath("/org/freedesktop/login1/session/_32")
	f.emit(t, other, loginSession+".Lock")
	f.emit(t, fakeSession, loginSession+".Unlock")
	f.emit(t, loginPath, loginManager+".PrepareForSleep", false)
	f.emit(t, loginPath, loginManager+".SessionRemoved", "2", other)
	f.emit(t, fakeSession, "org.freedesktop.DBus.Properties.PropertiesChanged", loginSession, map[string]dbus.Variant{"LockedHint": dbus.MakeVariant(false)}, []string{})
	f.emit(t, fakeSession, loginSession+".Lock")
	want("lock, and nothing of the others", eventLock)
	f.emit(t, fakeSession, "org.freedesktop.DBus.Properties.PropertiesChanged", loginSession, map[string]dbus.Variant{"LockedHint": dbus.MakeVariant(true)}, []string{})
	want("locked hint", eventLock)
	before := f.count()
	f.emit(t, loginPath, loginManager+".PrepareForSleep", true)
	want("sleep", eventSleep)
	waitUntil(t, "sleep to be let through and delayed anew", func() bool { return f.count() > before })
	f.emit(t, loginPath, loginManager+".PrepareForShutdown", true)
	want("shutdown", eventEnd)
	f.emit(t, loginPath, loginManager+".SessionRemoved", "1", fakeSession)
	want("log-out", eventEnd)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Suspend locks hard, the screen lock softly, as a real agent does it by real signals.
func TestLockOnScreenAndSuspend(t *testing.T) {
	uid := os.Getuid()
	if uid == 0 {
		uid = nobody
	}
	f, address := newLogin(t, uid)
	p := startProcessAs(t, address, uid)
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
			t.Logf("the agent's log:\n%s", log)
		}
	})
	c, _ := p.withVault()
	auth := protocol.Secret{Passphrase: goodPhrase}
	c.must(page("settings"), "pin.set", protocol.PinSet{Secret: auth, New: protocol.Secret{Pin: "482907"}}, nil)
	listening := func(n int) {
		t.Helper()
		waitUntil(t, "the agent to listen to logind", func() bool { return f.count() >= n })
	}
	listening(1)
	f.emit(t, fakeSession, loginSession+".Lock")
	p.waitLocked()
	if !p.state().Pin {
		t.Error("the screen lock took the PIN away")
	}
	listening(2)
	c = p.browser(c.key)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Pin: "482907"}}, nil)
	f.emit(t, loginPath, loginManager+".PrepareForSleep", true)
	p.waitLocked()
	if p.state().Pin {
		t.Error("suspend left the PIN")
	}
	// The machine may sleep now: the former process's hold on it is gone.
	f.mu.Lock() // the next agent asks for a hold of its own
	held := f.delays[1]
	for _, w := range f.sent {
		_ = w.Close()
	}
	f.mu.Unlock()
	done := make(chan error, 1)
	go func() { _, err := held.Read(make([]byte, 1)); done <- err }()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "EOF") {
			t.Error(err)
		}
	case <-time.After(60 * time.Second):
		t.Error("sleep is still delayed")
	}
}

func TestNoLogindIsNoDisaster(t *testing.T) {
	err := newSessionEvents("unix:path=/nonexistent").watch(t.Context(), func(sessionEvent) bool { return false })
	if err == nil {
		t.Error("listens to nothing and says so to nobody")
	}
}
