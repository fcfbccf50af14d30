package cxf

import "bytes"

func (o *objectReader) binary(name string, p *[]byte, n need, aliases ...string) {
	m := o.take(name, n, aliases...)
	if m == nil {
		return
	}
	if m.value[0] != '"' {
		o.wrongKind(m, n, name, "base64url")
		return
	}
	b, canonical, ok := decodeBase64(rawText(m.value))
	if !ok {
		o.wrongKind(m, n, name, "base64url")
		return
	}
	if !canonical {
		o.r.add(Notice, CodeBase64, name, "is base64, but not unpadded base64url")
	}
	*p = b
}

// rawText returns the content of a JSON string, without a copy where it can.
func rawText(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	return []byte(unquote(quoted))
}

func (o *objectReader) userHandle(name string, p *[]byte) {
	m := o.find(name, nil)
	if o.r.draft0 && m != nil && m.value[0] == '"' {
		// The 2024 draft was read by some as plain text here.
		if _, _, ok := decodeBase64(rawText(m.value)); !ok {
			m.used = true
			*p = rawText(m.value)
			*p = bytes.Clone(*p)
			o.r.add(Warning, CodeOldShape, name, "is plain text, as in the 2024 draft, and was read as such")
			return
		}
	}
	o.binary(name, p, expected)
	if len(*p) > 64 {
		o.fail(CodeWrongKind, "the user handle is longer than 64 bytes")
	}
}

func (o *objectReader) id(name string, p *string, k idKind) {
	n := expected
	switch k {
	case fieldID, linkToAccount:
		n = optional
	case fileID, linkToItem:
		n = required
	}
	m := o.find(name, nil)
	text := ""
	if m != nil {
		m.used = true
		if m.value[0] == '"' {
			text = unquote(m.value)
		} else if m.value[0] != 'n' {
			text = string(m.value) // a number, say: replaced below, and alike in links
		}
	}
	if text == "" {
		switch n {
		case required:
			o.fail(CodeMissing, "the "+name+" is missing")
		case expected:
			if k == foreignID {
				o.r.add(Notice, CodeMissing, name, "is missing")
				return
			}
			*p = o.r.freshID(k)
			o.r.add(Notice, CodeID, name, "was missing; a new one was made")
		}
		return
	}
	if k == foreignID {
		*p = text
		return
	}
	canonical, ok := canonicalID(text)
	if k == fileID {
		// It names an entry of an archive, which must be found by the very same name.
		if !ok || canonical != text {
			o.fail(CodeID, "its id cannot be a file name: it is not unpadded base64url of at most 64 bytes")
			return
		}
		*p = text
		return
	}
	if !ok {
		canonical = replacementID(text)
		if k != linkToItem && k != linkToAccount {
			o.r.add(Notice, CodeID, name, "was not base64url of at most 64 bytes and was replaced")
		}
	} else if canonical != text {
		o.r.add(Notice, CodeBase64, name, "is base64, but not unpadded base64url")
	}
	*p = o.r.unique(k, name, canonical)
}

// freshID makes an identifier that the standard demands and the exporter forgot.
func (r *reader) freshID(k idKind) string {
	id := r.opts.NewID()
	r.remember(k, id)
	return id
}

// unique sees to it that no identifier occurs twice in an account.
func (r *reader) unique(k idKind, name, id string) string {
	if k == linkToItem || k == linkToAccount || r.opts.alone {
		return id
	}
	known := r.ids
	_, twice := known[id]
	if k == accountID {
		_, twice = r.accounts[id]
	}
	if !twice {
		r.remember(k, id)
		return id
	}
	if k == fieldID {
		r.add(Notice, CodeID, name, "occurs twice in the account and was dropped")
		return ""
	}
	r.add(Notice, CodeID, name, "occurs twice and was replaced")
	return r.freshID(k)
}

func (r *reader) remember(k idKind, id string) {
	if k == accountID {
		r.accounts[id] = r.ids
		r.account0 = id
		return
	}
	r.ids[id] = struct{}{}
}
