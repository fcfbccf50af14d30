package csv

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/keyferry/keyferry/cxp/formats"
)

// readChrome reads name, url, username, password and note.
func readChrome(r *row) error {
	address := r.take("url")
	it := r.t.b.NewItem("", title(r.take("name"), address))
	login(it, r.take("username"), r.take("password"))
	// Chrome writes what Android apps signed in with as android://HASH@PACKAGE/.
	if u, err := url.Parse(address); err == nil && u.Scheme == "android" && u.Host != "" {
		address = "androidapp://" + u.Host
	}
	it.AddSites(address)
	it.AddNote(r.take("note"))
	return r.done(it)
}

// readFirefox reads Firefox's logins; times are milliseconds.
func readFirefox(r *row) error {
	address := r.take("url")
	it := r.t.b.NewItem(strings.Trim(r.take("guid"), "{}"), title("", address))
	it.CreationAt, it.ModifiedAt = milliseconds(r.take("timecreated")), milliseconds(r.take("timepasswordchanged"))
	login(it, r.take("username"), r.take("password"))
	it.AddSites(address)
	r.drop("timelastused", "formactionorigin") // where the form sends to says nothing that the address does not
	return r.done(it)
}

// readApple reads what Passwords and Safari write.
func readApple(r *row) error {
	address := r.take("url")
	it := r.t.b.NewItem("", title(r.take("title"), address))
	login(it, r.take("username"), r.take("password"))
	it.AddSites(address)
	it.AddTOTP(r.take("otpauth"))
	it.AddNote(r.take("notes"))
	return r.done(it)
}

// title is what to call an entry: its name, or else the host of its address.
func title(name, address string) string {
	if name != "" {
		return name
	}
	if a, ok := formats.AbsoluteURL(address); ok {
		if u, err := url.Parse(a); err == nil && u.Hostname() != "" {
			return u.Hostname()
		}
	}
	return ""
}

func milliseconds(text string) int64 {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 0 || ms > 253402300799000 {
		return 0
	}
	return ms / 1000
}
