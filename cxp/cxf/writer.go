package cxf

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// writer is the state of writing one document or item.
type writer struct {
	reporter
	opts WriteOptions
	now  int64
	buf  []byte
	out  io.Writer // nil: everything stays in buf
	err  error

	types    map[CredentialType]bool // nil: all
	ids      map[string]struct{}     // of the current account
	accounts map[string]struct{}
	free     []*objectWriter
	sharable bool
	// unsupported: what is written may be of an algorithm that we do not know.
	unsupported bool
}

// flushAt is how much is written at once.
const flushAt = 64 << 10

func newWriter(out io.Writer, opts *WriteOptions) *writer {
	w := &writer{out: out, ids: map[string]struct{}{}, accounts: map[string]struct{}{}}
	if opts != nil {
		w.opts = *opts
	}
	if out != nil {
		// Enough for most, so that growing leaves few copies with keys in them behind.
		w.buf = make([]byte, 0, 2*flushAt)
	} else {
		w.buf = make([]byte, 0, 1<<10) // one item or credential, most of which are smaller
	}
	r := ReadOptions{Now: w.opts.Now, NewID: w.opts.NewID, MaxDiagnostics: w.opts.MaxDiagnostics}
	r.setDefaults()
	w.opts.NewID = r.NewID
	w.reporter = newReporter(r.MaxDiagnostics)
	w.now = r.Now.Unix()
	if len(w.opts.Types) > 0 {
		w.types = map[CredentialType]bool{}
		for _, t := range w.opts.Types {
			w.types[t] = true
		}
	}
	return w
}

// object writes one object. It returns why it must not be written, "" if it was;
// in that case the caller takes back what is in the buffer.
func (w *writer) object(d describer, byDefault FieldType) string {
	_, why := w.objectOf(d, byDefault, "")
	return why
}

// known writes a credential of one of the 17 types, its type first.
func (w *writer) known(c Credential) (Code, string) {
	return w.objectOf(c, "", c.CredentialType())
}

func (w *writer) objectOf(d describer, byDefault FieldType, t CredentialType) (Code, string) {
	var o *objectWriter
	if n := len(w.free); n > 0 {
		o, w.free = w.free[n-1], w.free[:n-1]
	} else {
		o = new(objectWriter)
	}
	*o = objectWriter{w: w, start: len(w.buf) + 1, seen: o.seen[:0], written: o.written[:0], byDefault: byDefault}
	w.buf = append(w.buf, '{')
	if d, ok := d.(beforeWrite); ok && !w.opts.Archive {
		d.beforeWrite(o)
	}
	if t != "" {
		o.begin("type")
		w.string("type", string(t))
	}
	if o.why == "" {
		d.describe(o)
	}
	if o.why == "" {
		o.close()
	}
	w.free = append(w.free, o)
	return o.whyCode, o.why
}

// comma separates a member from the one before, if there is one.
func (w *writer) comma(start int) {
	if len(w.buf) > start {
		w.buf = append(w.buf, ',')
	}
}

// member writes a member's name, which needs no escaping: it is one of ours.
func (w *writer) member(start int, name string) {
	w.comma(start)
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '"', ':')
}

func (w *writer) string(name, text string) {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		w.add(Warning, CodeText, name, "is not valid text; what could not be read was replaced")
	}
	w.buf, _ = jsontext.AppendQuote(w.buf, text) // valid UTF-8, as just seen
}

// flush hands on what has been written, once it is worth it.
func (w *writer) flush(atLeast int) {
	if w.out == nil || len(w.buf) < atLeast || w.err != nil {
		return
	}
	_, w.err = w.out.Write(w.buf)
	clear(w.buf) // private keys were in it
	w.buf = w.buf[:0]
}
