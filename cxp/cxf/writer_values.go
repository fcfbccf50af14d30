package cxf

import (
	"crypto/rand"
	"strconv"
	"strings"
)

func (o *objectWriter) id(name string, p *string, k idKind) {
	id := *p
	if o.w.opts.Archive || k == foreignID {
		if id == "" && k == fieldID || k == linkToAccount && id == "" {
			o.skip(name)
			return
		}
		o.begin(name)
		o.w.string(name, id)
		return
	}
	if id == "" {
		switch k {
		case fieldID, linkToAccount:
			o.skip(name)
			return
		case fileID, linkToItem:
			o.fail(CodeMissing, "the "+name+" is missing")
			return
		}
		id = o.w.opts.NewID()
	} else if canonical, ok := canonicalID(id); ok && (k != fileID || canonical == id) {
		id = canonical
	} else if k == fileID {
		o.fail(CodeID, "its id cannot be a file name: it is not unpadded base64url of at most 64 bytes")
		return
	} else {
		id = replacementID(id)
		if k != linkToItem && k != linkToAccount {
			o.w.add(Notice, CodeID, name, "was not base64url of at most 64 bytes and was replaced")
		}
	}
	if k == accountID || k == itemID || k == collectionID || k == fieldID {
		if id = o.w.unique(k, name, id); id == "" {
			o.skip(name)
			return
		}
	}
	if k == itemID {
		o.w.itemID = id
	}
	o.begin(name)
	o.w.string(name, id)
}

// unique sees to it that no identifier occurs twice in an account (CXF §1.3).
func (w *writer) unique(k idKind, name, id string) string {
	set := w.ids
	if k == accountID {
		set = w.accounts
	}
	if _, twice := set[id]; twice {
		if k == fieldID {
			w.add(Notice, CodeID, name, "occurs twice in the account and was left out")
			return ""
		}
		w.add(Notice, CodeID, name, "occurs twice and was replaced")
		id = w.opts.NewID()
	}
	set[id] = struct{}{}
	return id
}

func (o *objectWriter) field(name string, p **EditableField, t FieldType, _ ...string) {
	if *p == nil {
		o.skip(name)
		return
	}
	o.childDefault = t
	o.object(name, *p)
}

func (o *objectWriter) requiredField(name string, p **EditableField, t FieldType) {
	if *p == nil {
		o.missing(name)
		return
	}
	o.field(name, p, t)
}

// lines writes a field of several lines, which the standard separates by "\n".
func (o *objectWriter) lines(name string, p **EditableField) {
	f := *p
	if f != nil && strings.Contains(f.Value, "\r") && !o.w.opts.Archive {
		unix := *f
		unix.Value = strings.ReplaceAll(strings.ReplaceAll(f.Value, "\r\n", "\n"), "\r", "\n")
		o.w.add(Notice, CodeFieldValue, name, "has line ends of another kind, which were written as the standard wants them")
		f = &unix
	}
	o.field(name, &f, FieldString)
}

// documentCode writes a passport's type, which must be a document code.
func (o *objectWriter) documentCode(name string, p **EditableField) {
	if v := (*p).Text(); v != "" && !validDocumentCode(v) && !o.w.opts.Archive {
		o.skip(name)
		o.w.add(Warning, CodeFieldValue, name, "is not a document code such as P or PP and was left out")
		return
	}
	o.field(name, p, FieldString)
}

// fieldValue writes a value that does not fit its type as plain text: the
// standard allows any type, but only fitting values.
func (o *objectWriter) fieldValue(t *FieldType, value *string) {
	fieldType := *t
	if fieldType == "" {
		if fieldType = o.byDefault; fieldType == "" {
			fieldType = FieldString
		}
	}
	if why := fieldType.check(*value); why != "" && fieldType.mustFit() && !o.w.opts.Archive {
		o.w.add(Notice, CodeFieldValue, "", why+" and was written as plain text")
		fieldType = FieldString
	}
	if *value == "" && fieldType.mustFit() && !o.w.opts.Archive {
		fieldType = FieldString
	}
	o.begin("fieldType")
	o.w.string("fieldType", string(fieldType))
	o.begin("value")
	o.w.string("value", *value)
}

// hmacCredentials writes both secrets: an exporter that has only one MUST make
// the other (CXF §3.3.12.3).
func (o *objectWriter) hmacCredentials(name string, p **Fido2HMACCredentials) {
	h := *p
	if h == nil {
		o.skip(name)
		return
	}
	if (len(h.CredWithUV) == 0) != (len(h.CredWithoutUV) == 0) && !o.w.opts.Archive {
		both := *h
		missing := &both.CredWithUV
		if len(both.CredWithoutUV) == 0 {
			missing = &both.CredWithoutUV
		}
		*missing = make([]byte, 32)
		rand.Read(*missing) // never fails, says its documentation
		o.w.add(Notice, CodeHMAC, name, "had only one of two secrets; the other was made")
		h = &both
	}
	o.object(name, h)
}

func (o *objectWriter) extensions(p *[]Extension, sharable bool) {
	before := o.w.sharable
	o.w.sharable = sharable
	many(o, "extensions", p, optional)
	o.w.sharable = before
}

func (o *objectWriter) shared(p **Shared) {
	var none []SharingAccessor
	accessors := &none
	if *p != nil {
		accessors = &(*p).Accessors
	}
	many(o, "accessors", accessors, expected)
}

func (o *objectWriter) private(name string, p *bool) {
	if *p && o.w.opts.Archive {
		o.begin(privatePrefix + name)
		o.w.buf = append(o.w.buf, "true"...)
	}
}

func (o *objectWriter) signCount(p *uint32) {
	if *p != 0 && o.w.opts.Archive {
		o.begin(privatePrefix + "signCount")
		o.w.buf = strconv.AppendUint(o.w.buf, uint64(*p), 10)
	}
}
