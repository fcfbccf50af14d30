package cxf

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Read reads a CXF document: a Header, a bare Account as iOS apps exchange it, or
// either wrapped as {"payload": base64}. It accepts what software in the field is
// known to write and reports each deviation. One bad credential never spoils the
// document: it is kept as [Unknown] and reported.
//
// An error means that the document as a whole was refused; errors are a
// *[SyntaxError], [ErrNotCXF], [ErrVersion], [ErrTooLarge], [ErrTooDeep], or what
// src or [ReadOptions].OnItem returned. The report is never nil, and what was
// found up to an error is in it.
func Read(src io.Reader, opts *ReadOptions) (*Header, *Report, error) {
	r := newReader(opts)
	h, err := r.document(src, true)
	if err != nil {
		return nil, r.report, err
	}
	r.checkLinks()
	return h, r.report, nil
}

// document reads a Header, Account or wrapper.
func (r *reader) document(src io.Reader, mayWrap bool) (*Header, error) {
	dec := jsontext.NewDecoder(skipBOM(r.limited(src)))
	h := new(Header)
	top := &objectReader{r: r}
	isHeader := false
	account := Account{}
	streamedItems := false
	err := r.members(dec, top, func(name string) (bool, error) {
		switch {
		case name == "accounts" && dec.PeekKind() == '[':
			isHeader, top.streamed = true, true
			return true, r.readAccounts(dec, h)
		case name == "items" && dec.PeekKind() == '[':
			streamedItems = true
			r.startAccount(0)
			return true, r.readItems(dec, &account)
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		if err == nil {
			err = &SyntaxError{Offset: dec.InputOffset(), Reason: "more data after the document"}
		}
		return nil, r.syntax(err)
	}
	if isHeader && streamedItems {
		return nil, fmt.Errorf("%w: it is both a header and an account", ErrNotCXF)
	}
	if isHeader || (!streamedItems && top.find("version", nil) != nil && top.find("payload", nil) == nil) {
		r.account, r.item = -1, -1
		top.run(h)
		return h, r.version(h)
	}
	if p := top.find("payload", nil); p != nil && p.value[0] == '"' && mayWrap && !streamedItems {
		return r.unwrap(rawText(p.value))
	}
	if !streamedItems && top.find("id", nil) == nil && top.find("username", nil) == nil {
		return nil, fmt.Errorf("%w: there are neither accounts nor items in it", ErrNotCXF)
	}
	if !streamedItems {
		r.startAccount(0)
	}
	r.add(Notice, CodeOldShape, "", "the document is a bare account without a header")
	h.Version = Version{Major: 1}
	top.streamed = streamedItems
	r.finishAccount(top, &account)
	h.Accounts = []Account{account}
	return h, r.err
}

func (r *reader) unwrap(payload []byte) (*Header, error) {
	inner, _, ok := decodeBase64(payload)
	if !ok {
		return nil, fmt.Errorf("%w: its payload is not base64", ErrNotCXF)
	}
	r.add(Notice, CodeOldShape, "", "the document is wrapped in a payload member")
	r.consumed = 0
	return r.document(bytes.NewReader(inner), false)
}

// version refuses what we cannot know and remarks on what is not 1.0.
func (r *reader) version(h *Header) error {
	switch {
	case h.Version.Major == 0 && !r.draft0:
		h.Version.Major = 1 // it was not there, or no version, which has been reported
	case h.Version.Major > 1:
		return fmt.Errorf("%w (it is of version %d.%d)", ErrVersion, h.Version.Major, h.Version.Minor)
	case h.Version.Major == 0:
		r.add(Notice, CodeVersion, "version", "is that of the 2024 draft")
	case h.Version.Minor != 0:
		r.add(Notice, CodeVersion, "version", "is newer than 1.0; what it adds is kept")
	}
	return r.err
}

func (r *reader) readAccounts(dec *jsontext.Decoder, h *Header) error {
	if _, err := dec.ReadToken(); err != nil {
		return r.syntax(err)
	}
	for n := 0; dec.PeekKind() != ']'; n++ {
		if dec.PeekKind() != '{' {
			if _, err := r.value(dec); err != nil {
				return err
			}
			r.push("account", n+1)
			r.add(Problem, CodeWrongKind, "", "is not an object and is dropped")
			r.pop()
			continue
		}
		if !r.charge(256) {
			return r.err
		}
		a := Account{}
		o := &objectReader{r: r}
		r.startAccount(len(h.Accounts))
		err := r.members(dec, o, func(name string) (bool, error) {
			if name != "items" || dec.PeekKind() != '[' {
				return false, nil
			}
			o.streamed = true
			return true, r.readItems(dec, &a)
		})
		if err != nil {
			return err
		}
		if r.finishAccount(o, &a); r.err != nil {
			return r.err
		}
		h.Accounts = append(h.Accounts, a)
	}
	r.account = -1
	_, err := dec.ReadToken()
	return r.syntax(err)
}

// startAccount begins an account. Its items may stand before its own members.
func (r *reader) startAccount(n int) {
	r.account, r.item = n, -1
	r.ids = map[string]struct{}{}
	r.perAccount = append(r.perAccount, r.ids)
	r.account0 = ""
}

// finishAccount reads the account's own members; its items have been read.
func (r *reader) finishAccount(o *objectReader, a *Account) {
	items := a.Items
	r.pushAccount()
	o.run(a)
	r.popAccount()
	a.Items = items
	r.report.Accounts++
	r.report.Collections += countCollections(a.Collections)
	r.item, r.itemID = -1, ""
}

// The first account goes without saying: most documents have but one.
func (r *reader) pushAccount() {
	if r.account > 0 {
		r.push("account", r.account+1)
	}
}

func (r *reader) popAccount() {
	if r.account > 0 {
		r.pop()
	}
}

const itemSize = 256 // a little more than an Item takes

func countCollections(cs []Collection) int {
	n := len(cs)
	for i := range cs {
		n += countCollections(cs[i].SubCollections)
	}
	return n
}

func (r *reader) readItems(dec *jsontext.Decoder, a *Account) error {
	if _, err := dec.ReadToken(); err != nil {
		return r.syntax(err)
	}
	r.pushAccount()
	defer r.popAccount()
	for r.item = 0; dec.PeekKind() != ']'; r.item++ {
		raw, err := r.value(dec)
		if err != nil {
			return err
		}
		if r.report.Items++; r.report.Items > r.opts.MaxItems {
			return fmt.Errorf("%w: more than %d items", ErrTooLarge, r.opts.MaxItems)
		}
		if !r.charge(itemSize) {
			return r.err
		}
		item := r.readItem(raw)
		if r.err != nil {
			return r.err
		}
		if r.opts.OnItem == nil {
			a.Items = append(a.Items, item)
		} else if err := r.opts.OnItem(r.account, item); err != nil {
			return err
		}
	}
	r.item = -1
	_, err := dec.ReadToken()
	return r.syntax(err)
}

// readItem reads one item. What is no object becomes an item with one
// credential that cannot be read, so that it is not lost.
func (r *reader) readItem(raw []byte) Item {
	var item Item
	if raw[0] != '{' {
		r.push("item", r.item+1)
		defer r.pop()
		r.add(Problem, CodeWrongKind, "", "is not an object; it is kept but cannot be used")
		r.report.Unreadable++
		item.ID = r.freshID(itemID)
		item.Credentials = []Credential{&Unknown{Raw: compact(raw), Broken: true}}
		return item
	}
	o := r.open(raw)
	if o == nil {
		return item
	}
	title := ""
	if m := o.find("title", nil); m != nil && m.value[0] == '"' {
		title = unquote(m.value)
	}
	if title == "" {
		r.push("item", r.item+1)
	} else {
		r.push(title, 0)
	}
	r.itemID = ""
	if m := o.find("id", nil); m != nil && m.value[0] == '"' {
		r.itemID = unquote(m.value)
	}
	o.run(&item)
	r.pop()
	r.close(o)
	return item
}
