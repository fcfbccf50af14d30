package bridge

import (
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	const origin = "chrome-extension://iiigbnlokcnfoemnofoofphhkjgbfbdf/"
	for _, c := range []struct {
		args   []string
		caller string
		ok     bool
	}{
		{[]string{origin}, origin, true},
		{[]string{origin, "--parent-window=0"}, origin, true},
		{[]string{"chrome-extension://someone-else/"}, "chrome-extension://someone-else/", true},
		{[]string{"/home/me/.mozilla/native-messaging-hosts/app.keyferry.host.json", "keyferry@keyferry.app"}, "keyferry@keyferry.app", true},
		{[]string{"/home/me/with space/ö/app.keyferry.host.json", "{0123-45}"}, "{0123-45}", true},
		{[]string{"status"}, "", false},
		{[]string{"list", "me@example.com"}, "", false},
		{[]string{"relative.json", "keyferry@keyferry.app"}, "", false},
		{[]string{"/a/file.json"}, "", false},
		{[]string{"/a/file.json", "keyferry@keyferry.app", "more"}, "", false},
		{nil, "", false},
	} {
		if caller, ok := Detect(c.args); caller != c.caller || ok != c.ok {
			t.Errorf("Detect(%q) = %q, %v", c.args, caller, ok)
		}
	}
}

func TestWhere(t *testing.T) {
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", "LC_ALL", "LC_CTYPE", "TERM"} {
		t.Setenv(name, "")
	}
	t.Setenv("LANG", "de_DE.UTF-8")
	t.Setenv("DISPLAY", ":7")
	t.Setenv("TERM", "xterm")
	t.Setenv("XAUTHORITY", strings.Repeat("x", maxSetting+1))
	w := Where("")
	if w.Display != ":7" || w.Lang != "de_DE.UTF-8" || w.Term != "" || w.XAuthority != "" {
		t.Errorf("%+v", w)
	}
	if w = Where("/dev/pts/3"); w.TTY != "/dev/pts/3" || w.Term != "xterm" {
		t.Errorf("%+v", w)
	}
}

const caller = "keyferry@keyferry.app"
