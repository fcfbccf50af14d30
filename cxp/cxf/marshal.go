package cxf

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// MarshalItem returns one item as JSON, for a store that keeps items one by one.
// Nothing is left out or checked: [UnmarshalItem] gives the same item back, with
// its unknown members, unreadable credentials and, unlike a document, its
// signature counters. The result holds secrets; it is not for other programs.
func MarshalItem(it *Item) ([]byte, error) {
	w := newWriter(nil, &WriteOptions{Archive: true})
	if why := w.object(it, ""); why != "" {
		return nil, fmt.Errorf("marshalling an item: %s", why)
	}
	return w.marshalled("an item")
}

// UnmarshalItem reads what [MarshalItem] wrote, and any other CXF item, whose times
// it takes as they are, and whose links and ids it does not compare with others'. Errors
// are a *[SyntaxError], [ErrTooLarge] and [ErrTooDeep].
func UnmarshalItem(data []byte, opts *ReadOptions) (*Item, *Report, error) {
	r := newReader(alone(opts))
	raw, err := r.single(data)
	if err != nil {
		return nil, r.report, err
	}
	item := r.readItem(raw)
	if r.report.Items++; r.err != nil {
		return nil, r.report, r.err
	}
	return &item, r.report, nil
}

// MarshalCollection returns one collection, with those inside it, as JSON, like
// [MarshalItem].
func MarshalCollection(c *Collection) ([]byte, error) {
	w := newWriter(nil, &WriteOptions{Archive: true})
	if why := w.object(c, ""); why != "" {
		return nil, fmt.Errorf("marshalling a collection: %s", why)
	}
	return w.marshalled("a collection")
}

// UnmarshalCollection reads what [MarshalCollection] wrote, and any other CXF
// collection; it does not look where its links lead. Errors are those of
// [UnmarshalItem], and [ErrNotCXF] for what is no JSON object.
func UnmarshalCollection(data []byte, opts *ReadOptions) (*Collection, *Report, error) {
	r := newReader(alone(opts))
	raw, err := r.single(data)
	if err != nil {
		return nil, r.report, err
	}
	if raw[0] != '{' {
		return nil, r.report, fmt.Errorf("%w: a collection is an object", ErrNotCXF)
	}
	o := r.open(raw)
	if o == nil {
		return nil, r.report, r.err
	}
	c := new(Collection)
	o.run(c)
	r.report.Collections = 1 + countCollections(c.SubCollections)
	return c, r.report, r.err
}

// MarshalCredential returns one credential as JSON, like [MarshalItem].
func MarshalCredential(c Credential) ([]byte, error) {
	w := newWriter(nil, &WriteOptions{Archive: true})
	if !w.credential(c) {
		return nil, fmt.Errorf("marshalling a credential: %s", w.report.Diagnostics[0].Message)
	}
	return w.marshalled("a credential")
}

// UnmarshalCredential reads what [MarshalCredential] wrote, and any other CXF
// credential. What cannot be read becomes [Unknown] and is reported, as in [Read].
func UnmarshalCredential(data []byte, opts *ReadOptions) (Credential, *Report, error) {
	r := newReader(alone(opts))
	raw, err := r.single(data)
	if err != nil {
		return nil, r.report, err
	}
	c := r.credential(raw, func(CredentialType) int { return 0 })
	return c, r.report, r.err
}

// marshalled returns the buffer if all of it could be written truly.
func (w *writer) marshalled(what string) ([]byte, error) {
	for _, d := range w.report.Diagnostics {
		if d.Severity != Notice {
			return nil, fmt.Errorf("marshalling %s: %s", what, d.Message)
		}
	}
	return w.buf, nil
}

func alone(opts *ReadOptions) *ReadOptions {
	o := ReadOptions{}
	if opts != nil {
		o = *opts
	}
	o.Archive, o.alone = true, true
	return &o
}

// single reads data that holds one value.
func (r *reader) single(data []byte) ([]byte, error) {
	dec := jsontext.NewDecoder(r.limited(bytes.NewReader(data)))
	raw, err := r.value(dec)
	if err != nil {
		return nil, err
	}
	raw = bytes.Clone(raw)
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, &SyntaxError{Offset: dec.InputOffset(), Reason: "more data after the value"}
	}
	return raw, nil
}

// encodeCredential writes a credential that has just been read, for keeping.
func encodeCredential(c Credential) []byte {
	w := newWriter(nil, &WriteOptions{Archive: true})
	w.known(c)
	return w.buf
}
