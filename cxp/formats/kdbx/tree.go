package kdbx

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp/formats"
)

// entry is an entry as it stands in the database.
type entry struct {
	uuid     string // hexadecimal, "" where it is none
	fields   []field
	tags     string
	times    times
	files    []attachment
	versions int  // older ones, which are not read
	autotype bool // it has sequences of keys of its own, which are not read
}

type field struct {
	key, value string
	protected  bool
}

type attachment struct {
	name, id string
	inline   []byte // of those that stand in the entry itself
	err      error
}

type times struct {
	created, modified, expiry int64 // UNIX seconds, 0 where there is none
	expires                   bool
	bad                       bool // one could not be read
}

// get returns the first field of that name.
func (e *entry) get(key string) string {
	for _, f := range e.fields {
		if f.key == key {
			return f.value
		}
	}
	return ""
}

func (x *xmlReader) entry() (*entry, error) {
	e := &entry{}
	err := x.children(func(s xml.StartElement) (err error) {
		switch s.Name.Local {
		case "UUID":
			e.uuid, err = x.uuid(s)
		case "Tags":
			e.tags, err = x.text(s)
		case "Times":
			err = x.times(&e.times)
		case "String":
			var f field
			f, err = x.stringField()
			e.fields = append(e.fields, f)
		case "Binary":
			var a attachment
			a, err = x.attachment()
			e.files = append(e.files, a)
		case "OverrideURL":
			f := field{key: s.Name.Local}
			if f.value, err = x.text(s); f.value != "" {
				e.fields = append(e.fields, f)
			}
		case "AutoType":
			err = x.children(func(s xml.StartElement) error {
				if s.Name.Local == "Association" {
					e.autotype = true
				}
				if s.Name.Local != "DefaultSequence" {
					return x.skip(s)
				}
				text, err := x.text(s)
				e.autotype = e.autotype || text != ""
				return err
			})
		case "History":
			err = x.children(func(s xml.StartElement) error {
				e.versions++
				return x.skip(s)
			})
		default:
			err = x.skip(s)
		}
		return err
	})
	return e, err
}

func (x *xmlReader) uuid(s xml.StartElement) (string, error) {
	text, err := x.text(s)
	if err != nil {
		return "", err
	}
	raw, e := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if e != nil || len(raw) != 16 || bytes.Equal(raw, make([]byte, 16)) {
		return "", nil
	}
	return hex.EncodeToString(raw), nil
}

func (x *xmlReader) stringField() (f field, err error) {
	err = x.children(func(s xml.StartElement) (err error) {
		switch s.Name.Local {
		case "Key":
			f.key, err = x.text(s)
		case "Value":
			f.protected = isTrue(attribute(s, "Protected")) || isTrue(attribute(s, "ProtectInMemory"))
			f.value, err = x.text(s)
		default:
			err = x.skip(s)
		}
		return err
	})
	return f, err
}

func (x *xmlReader) attachment() (a attachment, err error) {
	err = x.children(func(s xml.StartElement) (err error) {
		switch s.Name.Local {
		case "Key":
			a.name, err = x.text(s)
		case "Value":
			if a.id = attribute(s, "Ref"); a.id != "" {
				return x.skip(s)
			}
			a.inline, a.err, err = x.binary(s)
		default:
			err = x.skip(s)
		}
		return err
	})
	return a, err
}

// binary reads the content of a file that stands in the XML. bad is what is wrong with this file alone.
func (x *xmlReader) binary(s xml.StartElement) (content []byte, bad, err error) {
	x.guard.limit = maxBinary
	text, err := x.text(s)
	x.guard.limit = maxText
	if err != nil {
		return nil, nil, err
	}
	if isTrue(attribute(s, "Protected")) {
		content = []byte(text)
	} else if content, bad = base64.StdEncoding.DecodeString(strings.TrimSpace(text)); bad != nil {
		return nil, errors.New("it is damaged"), nil
	}
	if !isTrue(attribute(s, "Compressed")) {
		return content, nil, nil
	}
	z, bad := gzip.NewReader(bytes.NewReader(content))
	if bad != nil {
		return nil, errors.New("it is damaged"), nil
	}
	content, bad = io.ReadAll(io.LimitReader(z, formats.MaxFile+1))
	switch {
	case bad != nil:
		return nil, errors.New("it is damaged"), nil
	case len(content) > formats.MaxFile:
		return nil, errFileTooLarge, nil
	}
	return content, nil, nil
}

func (x *xmlReader) times(t *times) error {
	return x.children(func(s xml.StartElement) error {
		text, err := x.text(s)
		if err != nil {
			return err
		}
		switch s.Name.Local {
		case "CreationTime":
			t.created = t.parse(text)
		case "LastModificationTime":
			t.modified = t.parse(text)
		case "ExpiryTime":
			t.expiry = t.parse(text)
		case "Expires":
			t.expires = isTrue(text)
		}
		return nil
	})
}

// zeroTime is the year 1, from which KDBX 4 counts, in UNIX seconds.
const zeroTime = -62135596800

// parse reads a time: text in KDBX 3.1, the seconds since the year 1 in KDBX 4. What lies before 1970 is none.
func (t *times) parse(text string) int64 {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0
	}
	const latest = 253402300799 // the end of the year 9999
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return min(max(at.Unix(), 0), latest)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 8 {
		t.bad = true
		return 0
	}
	seconds := int64(binary.LittleEndian.Uint64(raw)) // checked below
	if seconds < 0 || seconds > latest-zeroTime {
		t.bad = true
		return 0
	}
	return max(seconds+zeroTime, 0)
}
