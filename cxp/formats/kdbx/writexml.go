package kdbx

import (
	"bufio"
	"context"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"strconv"
	"strings"
)

// xmlWriter writes the XML of a database, element by element, since protected values are hidden in their order. The first error
// stays in err.
type xmlWriter struct {
	w      *bufio.Writer
	stream cipher.Stream
	now    int64
	ctx    context.Context // a writer's life is one call's
	err    error
}

func (x *xmlWriter) raw(s string) {
	if x.err == nil {
		_, x.err = x.w.WriteString(s)
	}
}

func (x *xmlWriter) open(name string)  { x.raw("<" + name + ">") }
func (x *xmlWriter) close(name string) { x.raw("</" + name + ">") }

func (x *xmlWriter) text(s string) {
	if x.err == nil {
		x.err = xml.EscapeText(x.w, []byte(s))
	}
}

func (x *xmlWriter) element(name, value string) {
	x.open(name)
	x.text(value)
	x.close(name)
}

func (x *xmlWriter) document(p *plan) {
	x.raw(xml.Header)
	x.open("KeePassFile")
	x.open("Meta")
	x.element("Generator", "Keyferry")
	x.element("DatabaseName", p.name)
	x.element("DatabaseNameChanged", kdbxTime(x.now))
	x.open("MemoryProtection")
	x.element("ProtectTitle", "False")
	x.element("ProtectUserName", "False")
	x.element("ProtectPassword", "True")
	x.element("ProtectURL", "False")
	x.element("ProtectNotes", "False")
	x.close("MemoryProtection")
	x.element("RecycleBinEnabled", "True")
	x.element("RecycleBinUUID", uuidText([16]byte{}))
	x.element("RecycleBinChanged", kdbxTime(x.now))
	x.element("HistoryMaxItems", "10")
	x.element("HistoryMaxSize", "6291456")
	x.element("SettingsChanged", kdbxTime(x.now))
	x.close("Meta")
	x.open("Root")
	x.group(p.root)
	x.raw("<DeletedObjects/>")
	x.close("Root")
	x.close("KeePassFile")
}

func (x *xmlWriter) group(g *outGroup) {
	x.open("Group")
	x.element("UUID", uuidText(g.uuid))
	x.element("Name", g.title)
	x.element("Notes", g.notes)
	x.element("IconID", "48")
	x.times(&g.times)
	x.element("IsExpanded", "True")
	for _, e := range g.entries {
		if x.err == nil {
			x.err = x.ctx.Err()
		}
		x.entry(e)
	}
	for _, sub := range g.groups {
		x.group(sub)
	}
	x.close("Group")
}

func (x *xmlWriter) entry(e *outEntry) {
	x.open("Entry")
	x.element("UUID", uuidText(e.uuid))
	x.element("IconID", "0")
	x.element("Tags", strings.Join(e.tags, ";"))
	x.times(&e.times)
	for _, f := range e.fields {
		x.open("String")
		x.element("Key", f.key)
		if f.protected {
			hidden := []byte(f.value)
			x.stream.XORKeyStream(hidden, hidden)
			x.raw(`<Value Protected="True">` + base64.StdEncoding.EncodeToString(hidden) + `</Value>`)
		} else {
			x.element("Value", f.value)
		}
		x.close("String")
	}
	for _, f := range e.files {
		x.open("Binary")
		x.element("Key", f.name)
		x.raw(`<Value Ref="` + strconv.Itoa(f.ref) + `"/>`)
		x.close("Binary")
	}
	x.close("Entry")
}

// times writes the dates; what is not known is now, as everything must have some.
func (x *xmlWriter) times(t *times) {
	created, modified := t.created, t.modified
	if modified == 0 {
		modified = x.now
	}
	if created == 0 {
		created = modified
	}
	expires, expiry := "False", modified
	if t.expires {
		expires, expiry = "True", t.expiry
	}
	x.open("Times")
	x.element("LastModificationTime", kdbxTime(modified))
	x.element("CreationTime", kdbxTime(created))
	x.element("LastAccessTime", kdbxTime(modified))
	x.element("ExpiryTime", kdbxTime(expiry))
	x.element("Expires", expires)
	x.element("UsageCount", "0")
	x.element("LocationChanged", kdbxTime(modified))
	x.close("Times")
}

func kdbxTime(unix int64) string {
	return base64.StdEncoding.EncodeToString(binary.LittleEndian.AppendUint64(nil, uint64(unix-zeroTime))) // after the year 1
}

func uuidText(id [16]byte) string { return base64.StdEncoding.EncodeToString(id[:]) }
