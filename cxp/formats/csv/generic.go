package csv

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/cxp/formats"
)

// What columns are called elsewhere, in lower case.
var (
	titles    = []string{"title", "name", "account", "item", "entry", "label"}
	addresses = []string{"url", "website", "web site", "login_uri", "login uri", "site", "uri", "link", "login_url", "login url", "website address"}
	usernames = []string{"username", "user name", "login_username", "login", "user", "login name", "loginname", "userid", "user id", "email", "e-mail"}
	pwds      = []string{"password", "login_password", "pwd", "passwd", "pass"}
	notes     = []string{"notes", "note", "comments", "comment", "extra", "memo"}
	otps      = []string{"totp", "otp", "otpauth", "login_totp", "one-time password", "2fa", "otpurl", "otp secret", "one-time code"}
	groups    = []string{"folder", "group", "grouping", "category", "vault"}
)

// judgeGeneric takes every header with a column for passwords, and one for user names or addresses.
func judgeGeneric(names []string) formats.Confidence {
	has := func(list []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(list, n) })
	}
	if has(pwds) && (has(usernames) || has(addresses)) {
		return formats.Possible
	}
	return formats.No
}

// readGeneric reads a row by what its columns are usually called.
func readGeneric(r *row) error {
	address := r.take(addresses...)
	it := r.t.b.NewItem("", title(r.take(titles...), address))
	login(it, r.take(usernames...), r.take(pwds...))
	it.AddSites(address)
	it.AddTOTP(r.take(otps...))
	it.AddNote(r.take(notes...))
	return r.done(it, strings.FieldsFunc(r.take(groups...), func(c rune) bool { return c == '/' || c == '\\' })...)
}

// bounded ends with an error where a file in an archive is larger than maxFile, whatever the archive says.
func bounded(r io.Reader) io.Reader { return &bound{r, maxFile} }

type bound struct {
	r    io.Reader
	left int64
}

func (b *bound) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("a CSV of more than %d MiB: %w", maxFile>>20, formats.ErrTooLarge)
	}
	return n, err
}
