package kdbx

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tobischo/gokeepasslib/v3"
	"github.com/tobischo/gokeepasslib/v3/wrappers"

	"github.com/keyferry/keyferry/cxp/formats"
)

func signer(key any) crypto.Signer { return key.(crypto.Signer) }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// innerFields is an inner header: files, and no hiding of protected values, so that fixtures can be read.
func innerFields(files ...string) []byte {
	out := []byte{innerStreamID, 4, 0, 0, 0, streamNone, 0, 0, 0}
	for _, f := range files {
		out = append(out, innerBinary)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(f)+1))
		out = append(append(out, 0), f...)
	}
	return append(out, innerEnd, 0, 0, 0, 0)
}

// seal makes a database of a payload, with the password "x".
func seal(t testing.TB, payload io.Reader) []byte {
	t.Helper()
	composite, err := compositeKey(&formats.Secret{Password: []byte("x"), HasPassword: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s, err := newSealer(t.Context(), &out, composite, cheap)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(s, payload); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// database is a database with these entries in the outermost group.
func database(t testing.TB, entries string, files ...string) []byte {
	return seal(t, bytes.NewReader(append(innerFields(files...), wrap(entries)...)))
}

func wrap(entries string) string {
	return `<?xml version="1.0"?><KeePassFile><Meta><RecycleBinUUID>` + uuidText([16]byte{9}) + `</RecycleBinUUID></Meta><Root><Group><Name>Root</Name>` +
		entries + `</Group><DeletedObjects/></Root></KeePassFile>`
}

// entryOf is an entry with these fields, in turn key and value; a key that begins with "!" is protected. What else is in it
// goes before.
func entryOf(more string, fields ...string) string {
	var b strings.Builder
	b.WriteString("<Entry>" + more)
	for i := 0; i < len(fields); i += 2 {
		key, protected := strings.CutPrefix(fields[i], "!")
		b.WriteString("<String><Key>" + key + "</Key>")
		if protected {
			b.WriteString(`<Value Protected="True">` + base64.StdEncoding.EncodeToString([]byte(fields[i+1])) + "</Value></String>")
			continue
		}
		b.WriteString("<Value>")
		_ = xml.EscapeText(&b, []byte(fields[i+1]))
		b.WriteString("</Value></String>")
	}
	b.WriteString("</Entry>")
	return b.String()
}

// foreign makes a database with gokeepasslib, which is another implementation than ours.
func foreign(t testing.TB, change func(*gokeepasslib.Database), options ...gokeepasslib.DatabaseOption) []byte {
	t.Helper()
	db := gokeepasslib.NewDatabase(options...)
	db.Credentials = gokeepasslib.NewPasswordCredentials("pass")
	root := gokeepasslib.NewGroup()
	root.Name = "Root"
	group := gokeepasslib.NewGroup()
	group.Name = "Inner"
	for i := range 3 {
		e := gokeepasslib.NewEntry()
		for _, v := range [][2]string{{keyTitle, fmt.Sprint("Entry ", i)}, {keyUser, "ann"}, {keyPassword, fmt.Sprint("pw ", i)}, {"Hidden", "h"}} {
			e.Values = append(e.Values, gokeepasslib.ValueData{Key: v[0], Value: gokeepasslib.V{
				Content: v[1], Protected: wrappers.NewBoolWrapper(v[0] == keyPassword || v[0] == "Hidden"),
			}})
		}
		content := []byte(strings.Repeat("content ", i+1))
		b := db.AddBinary(content)
		if !db.Header.IsKdbx4() {
			b.Content = packed(t, content) // the library forgets the last bytes
		}
		e.Binaries = append(e.Binaries, b.CreateReference("a.txt"))
		group.Entries = append(group.Entries, e)
	}
	root.Groups = []gokeepasslib.Group{group}
	db.Content.Root.Groups = []gokeepasslib.Group{root}
	if change != nil {
		change(db)
	}
	if err := db.LockProtectedEntries(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := gokeepasslib.NewEncoder(&out).Encode(db); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packed is a file as KDBX 3.1 keeps it.
func packed(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(out.Bytes()))
}
