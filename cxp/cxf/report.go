package cxf

import (
	"strconv"
	"strings"
	"unicode"
)

// Severity grades a [Diagnostic].
type Severity uint8

const (
	// Notice: something deviates from the standard and was put right, or kept, without loss.
	Notice Severity = iota + 1
	// Warning: something is not, or will not be, quite as it was sent.
	Warning
	// Problem: a credential or item cannot be used, or was left out.
	Problem
)

// String returns "notice", "warning" or "problem".
func (s Severity) String() string {
	switch s {
	case Notice:
		return "notice"
	case Warning:
		return "warning"
	case Problem:
		return "problem"
	}
	return "severity " + strconv.Itoa(int(s))
}

// Diagnostic says what is wrong at one place of a document, in words for a
// person and in codes for a program. It never holds a secret, but Path holds
// titles, which are private too: show it, do not log it.
type Diagnostic struct {
	Severity Severity
	// Code is a stable name for what is wrong.
	Code Code
	// Path leads a person there, e.g. "GitHub", "passkey 2", "userHandle".
	Path []string
	// Message is a sentence without capital and full stop.
	Message string

	// Account, Item and Credential are indexes into the document as it was read or
	// written, -1 where it is about something larger.
	Account, Item, Credential int
	// ItemID is the item's id, where there is one.
	ItemID string
}

// String returns e.g. "GitHub → passkey 2: the key is not PKCS#8".
func (d Diagnostic) String() string {
	if len(d.Path) == 0 {
		return d.Message
	}
	return strings.Join(d.Path, " → ") + ": " + d.Message
}

// Report says what was read or written, and what was remarkable about it.
type Report struct {
	// Diagnostics are in document order. No more than the limit are kept.
	Diagnostics []Diagnostic
	// Dropped is how many more there were.
	Dropped int
	// Accounts, Collections and Items count what was read or written.
	Accounts, Collections, Items int
	// Credentials counts by type what was read whole, or written. What could not
	// be read counts as Unreadable, what was not written as LeftOut.
	Credentials map[CredentialType]int
	Unreadable  int
	LeftOut     int
	// Files are the files that belong to the document, in document order.
	Files []FileRef
}

// FileRef is a [File] and where it stands.
type FileRef struct {
	Account int
	ItemID  string
	File    File
}

// Has reports whether there is a diagnostic with the code.
func (r *Report) Has(code Code) bool { return r.Count(code) > 0 }

// Count returns how many diagnostics have the code.
func (r *Report) Count(code Code) int {
	n := 0
	for i := range r.Diagnostics {
		if r.Diagnostics[i].Code == code {
			n++
		}
	}
	return n
}

// Strings returns every diagnostic as text.
func (r *Report) Strings() []string {
	out := make([]string, len(r.Diagnostics))
	for i, d := range r.Diagnostics {
		out[i] = d.String()
	}
	return out
}

// segment is one step of a path, put into words only when it is needed.
type segment struct {
	text string
	n    int // 0 = no number
}

// reporter collects diagnostics and knows where in the document we are.
type reporter struct {
	report    *Report
	limit     int
	path      []segment
	account   int
	item      int
	cred      int
	itemID    string
	muteDepth int
}

func newReporter(limit int) reporter {
	return reporter{
		report: &Report{Credentials: map[CredentialType]int{}},
		limit:  limit, account: -1, item: -1, cred: -1,
	}
}

func (r *reporter) push(text string, n int) { r.path = append(r.path, segment{text, n}) }
func (r *reporter) pop()                    { r.path = r.path[:len(r.path)-1] }

// add reports something at the current place, or at the named member of it.
func (r *reporter) add(s Severity, code Code, member, message string) {
	if r.muteDepth > 0 {
		return
	}
	if len(r.report.Diagnostics) >= r.limit {
		r.report.Dropped++
		return
	}
	var path []string
	for _, s := range r.path {
		t := plainText(s.text)
		if s.n > 0 {
			t += " " + strconv.Itoa(s.n)
		}
		path = append(path, t)
	}
	if member != "" {
		path = append(path, plainText(member))
	}
	r.report.Diagnostics = append(r.report.Diagnostics, Diagnostic{
		Severity: s, Code: code, Path: path, Message: message,
		Account: r.account, Item: r.item, Credential: r.cred, ItemID: r.itemID,
	})
}

// mark and rewind take back what was reported about something that turned out unreadable.
func (r *reporter) mark() (int, int) { return len(r.report.Diagnostics), r.report.Dropped }
func (r *reporter) rewind(n, dropped int) {
	r.report.Diagnostics = r.report.Diagnostics[:n]
	r.report.Dropped = dropped
}

// plainText makes a name from a document fit to be shown: no control or
// formatting characters (they can reorder or hide text), at most 64 characters.
func plainText(s string) string {
	var b strings.Builder
	n := 0
	for _, c := range s {
		if n == 64 {
			b.WriteString("…")
			break
		}
		if unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp) || c == unicode.ReplacementChar {
			continue
		}
		b.WriteRune(c)
		n++
	}
	return b.String()
}
