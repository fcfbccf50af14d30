package kdbx

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

const tagPasskey = "Passkey" // what KeePassXC gives to entries with one

// outEntry is an entry to be written.
type outEntry struct {
	uuid    [16]byte
	fields  []field
	tags    []string
	times   times
	files   []outFile
	notes   []string
	used    names // of fields
	named   names // of files
	tagged  map[string]bool
	changed bool // text had to be altered
}

// names are those taken, and the number that the next one alike gets, so that finding a free one does not begin anew each time.
type names struct {
	taken map[string]bool
	next  map[string]int
}

func newNames() names { return names{map[string]bool{}, map[string]int{}} }

// free returns the name, or one like it where that is taken or reserved, and takes it.
func (n *names) free(name string, reserved bool) string {
	out := name
	for reserved || n.taken[out] {
		reserved = false
		n.next[name] = max(n.next[name]+1, 2)
		out = fmt.Sprintf("%s (%d)", name, n.next[name])
	}
	n.taken[out] = true
	return out
}

type outFile struct {
	name string
	file *cxf.File
	ref  int
}

// converter turns one item into entries, and says what is lost.
type converter struct {
	item    *cxf.Item
	entries []*outEntry
	lose    func(l loss, part, message string)
	counted func(cxf.Credential)
	file    func(*cxf.File) bool // whether it can be read
	nth     map[cxf.CredentialType]int
	next    map[string]int // the first entry that may be free, by field
}

// convert makes an item's entries, the first of which holds everything that there may be more of in one.
func (c *converter) convert() []*outEntry {
	c.entry(0)
	for _, credential := range c.item.Credentials {
		c.nth[credential.CredentialType()]++
		part := fmt.Sprintf("%s %d", credential.CredentialType(), c.nth[credential.CredentialType()])
		if c.add(credential, part) {
			c.counted(credential)
		}
	}
	first := c.entries[0]
	first.sites(c.item.Scope, func() { c.lose(lossApp, "", "has certificates of Android apps that are not kept") })
	if s := c.item.Subtitle; s != "" && s != first.get(keyUser) {
		c.lose(lossSubtitle, "", "has a subtitle that is not kept")
	}
	if len(c.item.Extensions)+len(c.item.Extra) > 0 {
		c.lose(lossExtra, "", "has members that are not kept")
	}
	if len(c.entries) > 1 {
		c.lose(lossSplit, "", fmt.Sprintf("becomes %d entries", len(c.entries)))
	}
	first.set(keyNotes, strings.Join(first.notes, "\n\n"), false)
	for _, e := range c.entries {
		if e.changed {
			c.lose(lossText, "", "has characters that are left out")
			break
		}
	}
	return c.entries
}

// entry returns the n-th entry of the item, from 0.
func (c *converter) entry(n int) *outEntry {
	for len(c.entries) <= n {
		i := len(c.entries)
		e := &outEntry{uuid: entryUUID(c.item.ID, i), used: newNames(), named: newNames(), tagged: map[string]bool{}}
		e.times = times{created: c.item.CreationAt, modified: c.item.ModifiedAt}
		title := c.item.Title
		if i > 0 {
			title = fmt.Sprintf("%s (%d)", title, i+1)
		}
		e.set(keyTitle, title, false)
		if i == 0 {
			for _, tag := range c.item.Tags {
				e.tag(tag)
			}
			if c.item.Favorite {
				e.tag(tagFavorite)
			}
		}
		c.entries = append(c.entries, e)
	}
	return c.entries[n]
}

// entryUUID gives an item the UUID that it came with, if it came from a KeePass database.
func entryUUID(id string, n int) [16]byte {
	if raw, err := base64.RawURLEncoding.DecodeString(id); n == 0 && err == nil && len(raw) == 16 && [16]byte(raw) != [16]byte{} {
		return [16]byte(raw)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", id, n))
	return [16]byte(sum[:16])
}

// free returns the first entry that does not have the field yet.
func (c *converter) free(key string) *outEntry {
	for n := c.next[key]; ; n++ {
		if e := c.entry(n); !e.used.taken[key] {
			c.next[key] = n // not n+1: an empty value leaves it free
			return e
		}
	}
}

func (c *converter) add(credential cxf.Credential, part string) bool {
	first := c.entries[0]
	switch x := credential.(type) {
	case *cxf.Passkey:
		return c.passkey(x, part)
	case *cxf.BasicAuth:
		// A passkey's entry may have its user name already, which is not a login.
		e := c.free(keyPassword)
		e.replace(keyUser, x.Username.Text())
		e.set(keyPassword, x.Password.Text(), true)
		e.used.taken[keyPassword] = true
	case *cxf.GeneratedPassword:
		c.free(keyPassword).set(keyPassword, x.Password, true)
	case *cxf.TOTP:
		c.free(keyOTP).set(keyOTP, x.OTPAuth(), true)
	case *cxf.Note:
		if text := x.Content.Text(); text != "" {
			first.notes = append(first.notes, text)
		}
	case *cxf.File:
		if !c.file(x) {
			c.lose(lossFile, part, formats.Plain(x.Name)+" cannot be read and is left out")
			return false
		}
		first.attach(x)
	case *cxf.CustomFields:
		if x.Label != "" {
			c.lose(lossSection, part, "loses the name of its section")
		}
		for i := range x.Fields {
			first.custom(&x.Fields[i], x.Label)
		}
	case *cxf.Unknown:
		return c.unknown(x, part)
	default:
		list, ok := formats.Flatten(credential)
		if !ok {
			c.lose(lossUnknown, part, "is not kept")
			return false
		}
		c.lose(lossType, part, "becomes plain fields")
		for i := range list {
			first.custom(&list[i], "")
		}
	}
	return true
}

func (e *outEntry) get(key string) string {
	for _, f := range e.fields {
		if f.key == key {
			return f.value
		}
	}
	return ""
}

// set adds a field that no other has the name of.
func (e *outEntry) set(key, value string, protected bool) {
	clean := printable(value)
	e.changed = e.changed || clean != value
	if clean == "" {
		return
	}
	e.used.taken[key] = true
	e.fields = append(e.fields, field{key, clean, protected})
}

// replace is set for a field that may be there already.
func (e *outEntry) replace(key, value string) {
	if value == "" {
		return
	}
	e.fields = slices.DeleteFunc(e.fields, func(f field) bool { return f.key == key })
	e.set(key, value, false)
}

// custom adds a field of the person's under its own name, or one like it where that is taken.
func (e *outEntry) custom(f *cxf.EditableField, section string) {
	label := f.Label
	if label == "" {
		label = section
	}
	if label == "" {
		label = "Field"
	}
	if at, err := time.Parse(time.DateOnly, f.Value); err == nil && label == expiresLabel && f.Type == cxf.FieldDate && e.times.expiry == 0 {
		e.times.expires, e.times.expiry = true, at.Unix()
		return
	}
	if f.Value == "" {
		return
	}
	key := printable(label)
	e.changed = e.changed || key != label
	e.set(e.used.free(key, standard(key)), f.Value, f.Type == cxf.FieldConcealedString)
}

// standard names the fields that programs give a meaning of their own, so that a person's field of that name gets another. Not among
// them are the attributes of passkeys: where those are fields, they were read from a database and go back as they were.
func standard(key string) bool {
	for _, many := range []string{keyMoreURL, keyAndroid} {
		if rest, ok := strings.CutPrefix(key, many); ok && (rest == "" || numbered(rest)) {
			return true
		}
	}
	return slices.Contains([]string{keyTitle, keyUser, keyPassword, keyURL, keyNotes, keyOTP, keySeed, keySettings}, key)
}

func (e *outEntry) tag(tag string) {
	clean := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == ';' || r == ',' {
			return ' '
		}
		return r
	}, printable(tag)))
	e.changed = e.changed || clean != tag
	if clean != "" && !e.tagged[clean] {
		e.tagged[clean] = true
		e.tags = append(e.tags, clean)
	}
}

func (e *outEntry) attach(f *cxf.File) {
	name := printable(f.Name)
	e.changed = e.changed || name != f.Name
	if name == "" {
		name = "file"
	}
	e.files = append(e.files, outFile{name: e.named.free(name, false), file: f})
}

// sites writes the addresses: one is the entry's, the others have fields of their own.
func (e *outEntry) sites(s *cxf.CredentialScope, lost func()) {
	if s == nil {
		return
	}
	for i, u := range s.URLs {
		switch i {
		case 0:
			e.replace(keyURL, u)
		case 1:
			e.set(keyMoreURL, u, false)
		default:
			e.set(fmt.Sprintf("%s_%d", keyMoreURL, i-1), u, false)
		}
	}
	for i := range s.AndroidApps {
		app := &s.AndroidApps[i]
		key := keyAndroid
		if i > 0 {
			key = fmt.Sprintf("%s_%d", keyAndroid, i)
		}
		e.set(key, app.BundleID, false)
		switch cert := app.Certificate; {
		case cert == nil:
		case len(s.AndroidApps) == 1 && cert.HashAlg == "sha256" && len(cert.Fingerprint) == 32:
			e.set(keyAndroidSig, colons(cert.Fingerprint), false)
		default:
			lost()
		}
	}
}

// printable leaves out what XML 1.0 cannot hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF || r == 0xFFFD {
			return -1
		}
		return r
	}, s)
}
