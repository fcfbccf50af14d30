package cxf

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// knownType finds the type meant by a `type` as sent: as it is, by a name that
// earlier drafts or some exporters use, or in another letter case.
func knownType(sent string) (CredentialType, bool) {
	t := CredentialType(sent)
	if slices.Contains(CredentialTypes(), t) {
		return t, true
	}
	switch folded := strings.ReplaceAll(strings.ToLower(sent), "-", ""); folded {
	case "publickey":
		return TypePasskey, true
	case "driverlicense":
		return TypeDriversLicense, true
	default:
		for _, t := range CredentialTypes() {
			if strings.ReplaceAll(string(t), "-", "") == folded {
				return t, true
			}
		}
	}
	return t, false
}

func (o *objectReader) credentials(name string, p *[]Credential) {
	m, count := o.list(name, expected)
	if count == 0 || !o.r.charge(int64(count)*128) {
		return
	}
	*p = make([]Credential, 0, count)
	ordinal := map[CredentialType]int(nil)
	eachElement(m.value, func(raw []byte) {
		if o.r.err != nil {
			return
		}
		o.r.cred = len(*p)
		cred := o.r.credential(raw, func(t CredentialType) int {
			if count == 1 {
				return 1
			}
			if ordinal == nil {
				ordinal = map[CredentialType]int{}
			}
			ordinal[t]++
			return ordinal[t]
		})
		*p = append(*p, cred)
	})
	o.r.cred = -1
}

// credential reads one credential. It always returns one: what cannot be read is
// kept as it is.
func (r *reader) credential(raw []byte, number func(CredentialType) int) Credential {
	if raw[0] != '{' {
		r.push("credential", number(""))
		defer r.pop()
		r.add(Problem, CodeNotCredential, "", "is not an object; it is kept but cannot be used")
		r.report.Unreadable++
		return &Unknown{Raw: compact(raw), Broken: true}
	}
	o := r.open(raw)
	if o == nil {
		return &Unknown{Raw: compact(raw), Broken: true}
	}
	defer r.close(o)
	m := o.find("type", nil)
	oldTag := false
	if m == nil || m.value[0] != '"' {
		if m = o.find("ty", nil); m == nil || m.value[0] != '"' {
			r.push("credential", number(""))
			defer r.pop()
			r.add(Problem, CodeNotCredential, "", "has no type; it is kept but cannot be used")
			r.report.Unreadable++
			return &Unknown{Raw: compact(raw), Broken: true}
		}
		oldTag = true
	}
	m.used = true
	sent := string(rawText(m.value))
	t, known := knownType(sent)
	r.push(string(t), number(t))
	defer r.pop()
	if oldTag {
		r.add(Notice, CodeOldShape, "", "names its type in ty instead of type")
	}
	if !known {
		r.add(Warning, CodeUnknownType, "", "is of a type that is not known here; it is kept as it is")
		r.report.Credentials[t]++
		return &Unknown{Type: t, Raw: o.asSent(t, m, raw)}
	}
	if string(t) != sent {
		r.add(Notice, CodeOldShape, "", "calls its type "+plainText(sent))
	}
	cred := newCredential(t)
	kept, dropped := r.mark()
	if !o.run(cred) {
		r.rewind(kept, dropped)
		r.add(Problem, o.whyCode, "", o.why)
		r.report.Unreadable++
		return &Unknown{Type: t, Raw: o.asSent(t, m, raw), Broken: true}
	}
	if o.unsupported {
		r.unsupported = cred
		r.report.Unreadable++
		return &Unknown{Type: t, Raw: encodeCredential(cred)}
	}
	r.report.Credentials[t]++
	if f, ok := cred.(*File); ok {
		r.report.Files = append(r.report.Files, FileRef{Account: r.account, ItemID: r.itemID, File: *f})
	}
	return cred
}

// asSent keeps a credential as it was sent, except that its type stands where it
// belongs, under the name it should have.
func (o *objectReader) asSent(t CredentialType, tag *member, raw []byte) []byte {
	if string(tag.name) == "type" && string(rawText(tag.value)) == string(t) {
		return compact(raw)
	}
	out := append([]byte(nil), `{"type":`...)
	out, _ = jsontext.AppendQuote(out, string(t)) // t is valid UTF-8: jsontext has read it
	for i := range o.members {
		m := &o.members[i]
		if m == tag || string(m.name) == "type" {
			continue
		}
		out = append(out, ',')
		out, _ = jsontext.AppendQuote(out, m.name)
		out = append(out, ':')
		out = append(out, compact(m.value)...)
	}
	return append(out, '}')
}

func (o *objectReader) hmacCredentials(name string, p **Fido2HMACCredentials) {
	maybe(o, name, p)
}

// extensions reads extensions; sharable says whether `shared` may be among them.
func (o *objectReader) extensions(p *[]Extension, sharable bool) {
	before := o.r.sharable
	o.r.sharable = sharable
	many(o, "extensions", p, optional)
	o.r.sharable = before
}

func (o *objectReader) shared(p **Shared) {
	if !o.r.sharable {
		o.r.add(Notice, CodeExtension, "", "the extension shared belongs to collections and items only")
	}
	if m := o.find("accessors", nil); m != nil && m.value[0] != '[' {
		o.wrongKind(m, expected, "accessors", "a list")
		return
	}
	s := new(Shared)
	many(o, "accessors", &s.Accessors, expected)
	*p = s
}

// items and accounts have been read from the stream, see read.go, unless they
// are no arrays at all.
func (o *objectReader) items(name string, _ *[]Item)       { o.notStreamed(name) }
func (o *objectReader) accounts(name string, _ *[]Account) { o.notStreamed(name) }

func (o *objectReader) notStreamed(name string) {
	if o.streamed {
		return
	}
	if m := o.take(name, expected); m != nil {
		o.wrongKind(m, expected, name, "a list")
	}
}
