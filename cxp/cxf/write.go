package cxf

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Write writes a CXF 1.0 document that satisfies the schema and every MUST of the
// standard. What would break them is left out, and reported: passkeys with a
// signature counter, keys that are none, credentials that could not be read.
// The output is compact JSON; the same header gives the same bytes, and so does
// what [Read] makes of them. The header is not changed.
//
// The error is that of dst or of [WriteOptions].Items; then the document is not
// complete. The report is never nil.
func Write(dst io.Writer, h *Header, opts *WriteOptions) (*Report, error) {
	w := newWriter(dst, opts)
	// Only 1.0 has been published; what a newer minor added stands in Extra.
	document := *h
	if !w.opts.Archive || document.Version.Major == 0 {
		document.Version = Version{Major: 1, Extra: h.Version.Extra}
	}
	w.object(&document, "")
	if w.flush(0); w.err != nil {
		return w.report, fmt.Errorf("writing the CXF document: %w", w.err)
	}
	return w.report, nil
}

func (o *objectWriter) accounts(name string, p *[]Account) {
	o.begin(name)
	o.w.buf = append(o.w.buf, '[')
	for i := range *p {
		if i > 0 {
			o.w.buf = append(o.w.buf, ',')
		}
		o.w.account, o.w.item = i, -1
		o.w.ids = map[string]struct{}{}
		if i > 0 {
			o.w.push("account", i+1)
		}
		o.w.object(&(*p)[i], "")
		if i > 0 {
			o.w.pop()
		}
		o.w.report.Accounts++
	}
	o.w.account, o.w.item = -1, -1
	o.w.buf = append(o.w.buf, ']')
}

func (o *objectWriter) items(name string, p *[]Item) {
	w := o.w
	o.begin(name)
	w.buf = append(w.buf, '[')
	first := true
	w.item = -1
	write := func(it *Item) {
		w.item++
		length := len(w.buf)
		if !first {
			w.buf = append(w.buf, ',')
		}
		if w.writeItem(it) {
			first = false
			w.report.Items++
			w.flush(flushAt)
		} else {
			w.buf = w.buf[:length]
		}
	}
	for i := range *p {
		if w.err != nil {
			return
		}
		write(&(*p)[i])
	}
	if w.opts.Items != nil && w.account >= 0 {
		w.opts.Items(w.account)(func(it *Item, err error) bool {
			if w.err == nil {
				w.err = err
			}
			if w.err == nil {
				write(it)
			}
			return w.err == nil
		})
	}
	w.item, w.itemID = -1, ""
	w.buf = append(w.buf, ']')
}

// writeItem writes an item, or says that there is nothing of it to write.
func (w *writer) writeItem(it *Item) bool {
	if it.Title == "" {
		w.push("item", w.item+1)
	} else {
		w.push(it.Title, 0)
	}
	defer w.pop()
	w.itemID = it.ID
	if it.SharedWithMe && !w.opts.Archive {
		w.report.LeftOut += len(it.Credentials)
		w.add(Problem, CodeNotOwned, "", "belongs to somebody else and was left out")
		return false
	}
	if w.types != nil && !w.wanted(it) {
		return false
	}
	return w.object(it, "") == ""
}

// wanted says whether anything of the item is of a type that was asked for.
func (w *writer) wanted(it *Item) bool {
	for _, c := range it.Credentials {
		if c != nil && w.types[c.CredentialType()] {
			return true
		}
	}
	return false
}

func (o *objectWriter) credentials(name string, p *[]Credential) {
	w := o.w
	o.begin(name)
	w.buf = append(w.buf, '[')
	start := len(w.buf)
	var ordinal map[CredentialType]int
	for i, c := range *p {
		if c == nil {
			continue
		}
		t := c.CredentialType()
		n := 1
		if len(*p) > 1 {
			if ordinal == nil {
				ordinal = map[CredentialType]int{}
			}
			ordinal[t]++
			n = ordinal[t]
		}
		if w.types != nil && !w.types[t] {
			continue
		}
		length := len(w.buf)
		if length > start {
			w.buf = append(w.buf, ',')
		}
		w.cred = i
		w.push(credentialName(t), n)
		if !w.credential(c) {
			w.buf = w.buf[:length]
			w.report.LeftOut++
		}
		w.pop()
	}
	w.cred = -1
	if len(w.buf) == start && len(*p) > 0 && !w.opts.Archive {
		o.fail(CodeNotWritten, "nothing of it is left")
	}
	w.buf = append(w.buf, ']')
}

// credentialName is what a path calls a credential.
func credentialName(t CredentialType) string {
	if t == "" {
		return "credential"
	}
	return string(t)
}

// credential writes one credential, or reports why not.
func (w *writer) credential(c Credential) bool {
	if u, ok := c.(*Unknown); ok {
		return w.unknown(u)
	}
	kept, dropped := w.mark()
	if code, why := w.known(c); why != "" {
		w.rewind(kept, dropped)
		w.add(Problem, code, "", "was left out: "+why)
		return false
	}
	w.report.Credentials[c.CredentialType()]++
	if f, ok := c.(*File); ok {
		w.report.Files = append(w.report.Files, FileRef{Account: w.account, ItemID: w.itemID, File: *f})
	}
	return true
}

// unknown writes what was kept as it was sent, where that satisfies the standard.
func (w *writer) unknown(u *Unknown) bool {
	if w.opts.Archive {
		if !jsontext.Value(u.Raw).IsValid() {
			w.add(Problem, CodeNotWritten, "", "was left out: it is not JSON")
			return false
		}
		w.buf = append(w.buf, compact(u.Raw)...)
		return true
	}
	// Whether it is broken is seen by reading it, not by believing its maker.
	r := newReader(alone(&ReadOptions{SkipKeyCheck: w.opts.SkipKeyCheck, Now: w.opts.Now}))
	raw, err := r.single(u.Raw)
	if err != nil {
		w.add(Problem, CodeNotWritten, "", "was left out: it is not a credential")
		return false
	}
	again := r.credential(raw, func(CredentialType) int { return 0 })
	if typed := r.unsupported; typed != nil {
		// Of a known type with, say, an unknown algorithm: the rest of it must fit.
		w.unsupported = true
		defer func() { w.unsupported = false }()
		again = typed
	}
	if u, ok := again.(*Unknown); !ok {
		return w.credential(again)
	} else if u.Broken {
		w.add(Problem, CodeNotWritten, "", "was left out: it could not be read and breaks the standard")
		return false
	} else {
		w.buf = append(w.buf, u.Raw...)
		w.report.Credentials[u.Type]++
		return true
	}
}
