package cxf

import (
	"fmt"
)

// reader is the state of reading one document, account or item.
type reader struct {
	reporter
	opts ReadOptions
	now  int64
	src  *limitedReader
	// err ends the reading: the document as a whole is refused.
	err error

	// arena holds the members of the objects that are open, outermost first.
	arena []member
	free  []*objectReader

	// consumed is how many bytes of input we have seen, spent how much memory the
	// result takes: a few bytes of JSON must not unfold to a lot of memory.
	consumed, spent int64

	// unixTimes says that the exporter demonstrably counts time from 1970.
	unixTimes bool
	// draft0 says that this is a document of the 2024 working draft.
	draft0 bool
	// sharable says that the extension `shared` may stand where we are.
	sharable bool

	accounts   map[string]map[string]struct{} // account id -> ids used in it
	perAccount []map[string]struct{}          // the same by index
	ids        map[string]struct{}            // of the current account
	account0   string                         // id of the current account
	links      []link
	// unsupported is the last credential of a known type with an unknown algorithm.
	unsupported Credential
	hasScope    bool     // of the current item
	oldURLs     []string // of the current item's credentials, after the 2024 draft
}

// link is a reference that can be checked only when everything has been read.
type link struct {
	account, item string
	of            int // index of the account the link stands in
	where         Diagnostic
}

const (
	maxMembers   = 1 << 16 // of one object
	spareMemory  = 16 << 20
	memoryFactor = 6
)

func newReader(opts *ReadOptions) *reader {
	r := &reader{accounts: map[string]map[string]struct{}{}, ids: map[string]struct{}{}}
	if opts != nil {
		r.opts = *opts
	}
	r.opts.setDefaults()
	r.reporter = newReporter(r.opts.MaxDiagnostics)
	r.now = r.opts.Now.Unix()
	r.unixTimes = r.opts.Archive
	return r
}

// charge accounts for n bytes of memory and says whether we can afford them.
func (r *reader) charge(n int64) bool {
	r.spent += n
	if r.spent > spareMemory+memoryFactor*r.consumed && r.err == nil {
		r.err = fmt.Errorf("%w: its many tiny parts would take more than %d times its size in memory", ErrTooLarge, memoryFactor)
	}
	return r.err == nil
}

// open takes a valid JSON object apart; nil when the document is refused.
func (r *reader) open(object []byte) *objectReader {
	low := len(r.arena)
	r.arena = appendMembers(r.arena, object, maxMembers+1)
	if len(r.arena)-low > maxMembers {
		r.err = fmt.Errorf("%w: an object has more than %d members", ErrTooLarge, maxMembers)
		r.arena = r.arena[:low]
		return nil
	}
	var o *objectReader
	if n := len(r.free); n > 0 {
		o, r.free = r.free[n-1], r.free[:n-1]
	} else {
		o = new(objectReader)
	}
	*o = objectReader{r: r, members: r.arena[low:len(r.arena):len(r.arena)]}
	return o
}

// close forgets an object that open returned; the innermost first.
func (r *reader) close(o *objectReader) {
	r.arena = r.arena[:len(r.arena)-len(o.members)]
	r.free = append(r.free, o)
}
