package kdbx

import (
	"fmt"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Names of the fields that every entry has, and of those for more.
const (
	keyTitle    = "Title"
	keyUser     = "UserName"
	keyPassword = "Password"
	keyURL      = "URL"
	keyNotes    = "Notes"

	keyMoreURL    = "KP2A_URL"             // also KP2A_URL_1, KP2A_URL_2, …
	keyAndroid    = "AndroidApp"           // KeePassDX; also AndroidApp_1, …
	keyAndroidSig = "AndroidApp Signature" // KeePassDX
	expiresLabel  = "Expires"
	tagFavorite   = "Favorite" // Strongbox
)

// entry turns an entry into an item.
func (r *reader) entry(e *entry, g *place) error {
	title := e.get(keyTitle)
	if g.trashed {
		r.b.Skip(cxf.Notice, formats.CodeTrashed, title, "lay in the recycle bin and was not taken")
		return nil
	}
	if e.versions > 0 {
		r.history++
	}
	if e.autotype {
		r.autotype++
	}
	it := r.b.NewItem(e.uuid, title)
	it.CreationAt, it.ModifiedAt = e.times.created, e.times.modified
	if e.times.bad {
		it.Report(cxf.Notice, cxf.CodeTimeForm, "", "has a time that cannot be read")
	}
	f := newFields(e, it)
	passkey := f.passkey()
	f.morePasskeys()
	e.readTags(it, passkey != nil)
	user, password := f.take(keyUser).value, f.take(keyPassword).value
	// KeePassXC puts the passkey's user name into the entry, too; that alone is no login.
	if !(password == "" && passkey != nil && (user == "" || user == passkey.Username)) {
		if login := formats.Login(user, password); login != nil {
			it.Add(login)
		}
	}
	for _, v := range []string{user, password} {
		if strings.HasPrefix(v, "{REF:") {
			it.Report(cxf.Warning, formats.CodeNoPlace, "", "refers to a field of another entry, which was not looked up")
			break
		}
	}
	f.sites()
	f.totp()
	it.AddNote(f.take(keyNotes).value)
	f.rest()
	for _, a := range e.files {
		if err := it.AddFile(a.name, r.content(a)); err != nil {
			return err
		}
	}
	if g.folder != nil {
		g.folder.Put(it.ID)
	}
	return it.Done()
}

// readTags takes the tags, apart from those that say what the item says anyway.
func (e *entry) readTags(it *formats.ItemBuilder, passkey bool) {
	for _, tag := range strings.FieldsFunc(e.tags, func(c rune) bool { return c == ';' || c == ',' }) {
		switch tag = strings.TrimSpace(tag); {
		case tag == "", tag == tagPasskey && passkey:
		case strings.EqualFold(tag, tagFavorite):
			it.Favorite = true
		default:
			it.Tags = append(it.Tags, tag)
		}
	}
}

// fields are those of an entry, taken one after the other by those who know them.
type fields struct {
	e    *entry
	it   *formats.ItemBuilder
	list []field
}

func newFields(e *entry, it *formats.ItemBuilder) *fields {
	f := &fields{e: e, it: it}
	seen := map[string]bool{}
	for _, x := range e.fields {
		if x.value == "" {
			continue
		}
		if seen[x.key] {
			it.Report(cxf.Warning, formats.CodeConflict, x.key, "stands there twice; the second was kept as a field")
			x.key += " (2)"
		}
		seen[x.key] = true
		f.list = append(f.list, x)
	}
	if _, ok := f.peek(keyTitle); ok {
		f.take(keyTitle)
	}
	return f
}

func (f *fields) peek(key string) (field, bool) {
	for _, x := range f.list {
		if x.key == key {
			return x, true
		}
	}
	return field{}, false
}

// take removes a field and returns it, the zero field where there is none.
func (f *fields) take(key string) field {
	for i, x := range f.list {
		if x.key == key {
			f.list = append(f.list[:i], f.list[i+1:]...)
			return x
		}
	}
	return field{}
}

// takeAll removes KEY, KEY_1, KEY_2 and so on, in their order.
func (f *fields) takeAll(key string) (values []string) {
	kept := f.list[:0]
	for _, x := range f.list {
		if rest, ok := strings.CutPrefix(x.key, key); ok && (rest == "" || numbered(rest)) {
			values = append(values, x.value)
			continue
		}
		kept = append(kept, x)
	}
	f.list = kept
	return values
}

// numbered reports whether a suffix is one of _1, _2, 1, 2, …
func numbered(rest string) bool {
	digits := strings.TrimPrefix(rest, "_")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

func (f *fields) sites() {
	addresses := append([]string{f.take(keyURL).value}, f.takeAll(keyMoreURL)...)
	apps := f.takeAll(keyAndroid)
	signature := f.take(keyAndroidSig).value
	for _, app := range apps {
		if app = strings.TrimSpace(app); app != "" && !strings.Contains(app, "://") {
			app = "androidapp://" + app
		}
		addresses = append(addresses, app)
	}
	f.it.AddSites(addresses...)
	if signature == "" {
		return
	}
	// KeePassDX keeps the signatures of one app, as SHA-256 in hexadecimal, several apart by "##SIG##".
	if len(apps) == 1 && f.it.Scope != nil && len(f.it.Scope.AndroidApps) > 0 {
		if sum, ok := fingerprint(signature); ok {
			last := len(f.it.Scope.AndroidApps) - 1
			f.it.Scope.AndroidApps[last].Certificate = &cxf.AndroidAppCertificateFingerprint{Fingerprint: sum, HashAlg: "sha256"}
			return
		}
	}
	f.list = append(f.list, field{key: keyAndroidSig, value: signature})
}

// rest keeps everything that nobody knew as custom fields, unknown KPEX_ attributes too, so that a later export to KeePass
// gives them back under their own names.
func (f *fields) rest() {
	var out []cxf.EditableField
	for _, x := range f.list {
		t := cxf.FieldString
		if x.protected {
			t = cxf.FieldConcealedString
		}
		out = append(out, cxf.EditableField{Type: t, Label: x.key, Value: x.value})
	}
	f.list = nil
	if t := f.e.times; t.expires && t.expiry > 0 {
		out = append(out, cxf.EditableField{Type: cxf.FieldDate, Label: expiresLabel, Value: time.Unix(t.expiry, 0).UTC().Format(time.DateOnly)})
	}
	f.it.AddFields("", out)
}

// conflict reports that a file says something twice.
func (f *fields) conflict(part, format string, args ...any) {
	f.it.Report(cxf.Warning, formats.CodeConflict, part, fmt.Sprintf(format, args...))
}
