package formats

import (
	"fmt"
	"iter"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Document is what a [Writer] writes.
type Document struct {
	// Header holds accounts and collections, and items where they are in memory.
	Header *cxf.Header
	// Items, where set, yields the items of each account, by index, after those in the Header. It is called
	// more than once: for Losses and for Write.
	Items func(account int) iter.Seq2[*cxf.Item, error]
	// Files opens attached files; nil = there are none to write.
	Files FileSource
	// OnLoss, where set, is told of each single loss, with the sentence that Losses sums it up by.
	OnLoss func(sentence string, d cxf.Diagnostic)
}

// All yields the document's items with the index of their account. An error ends it.
func (d *Document) All() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for i := range d.Header.Accounts {
			items := d.Header.Accounts[i].Items
			for n := range items {
				if !yield(Entry{i, &items[n]}, nil) {
					return
				}
			}
			if d.Items == nil {
				continue
			}
			for item, err := range d.Items(i) {
				if !yield(Entry{i, item}, err) || err != nil {
					return
				}
			}
		}
	}
}

// Entry is an item and where it stands.
type Entry struct {
	Account int
	Item    *cxf.Item
}

// WriteOptions say how to write.
type WriteOptions struct {
	// Passphrase encrypts the file. Formats that encrypt refuse an empty one. The caller erases it.
	Passphrase []byte
	// KDF are the costs of deriving a key from the passphrase; zero = what the format's own program does by default,
	// or better.
	KDF KDF
	// Now is the time of the export. Zero: time.Now().
	Now time.Time
}

// Time is o.Now, or the present.
func (o *WriteOptions) Time() time.Time {
	if o.Now.IsZero() {
		return time.Now()
	}
	return o.Now
}

// Written says what was written.
type Written struct {
	// Report has one diagnostic for each thing that was lost or changed, with its place.
	Report *cxf.Report
	// Losses sums them up, as [Writer].Losses does.
	Losses []Loss
	// Extension is what the file's name should end in: ".json", ".zip", ".pgp"; "" where the format has only one.
	Extension string
}

// Loss is something that the other side has no room for.
type Loss struct {
	Severity cxf.Severity
	Code     cxf.Code
	// Text is a sentence without full stop: "Bitwarden keeps no PRF secrets".
	Text string
	// Items is how many items it affects.
	Items int
}

// String returns e.g. "Bitwarden keeps no PRF secrets: 3 items affected".
func (l Loss) String() string {
	if l.Items == 1 {
		return l.Text + ": 1 item affected"
	}
	return fmt.Sprintf("%s: %d items affected", l.Text, l.Items)
}

// Paths says in which folders each item of an account lies: the titles of the collections, outermost first.
func Paths(a *cxf.Account) map[string][][]string {
	out := make(map[string][][]string)
	var walk func(prefix []string, list []cxf.Collection)
	walk = func(prefix []string, list []cxf.Collection) {
		for i := range list {
			path := append(prefix[:len(prefix):len(prefix)], list[i].Title)
			for _, link := range list[i].Items {
				out[link.Item] = append(out[link.Item], path)
			}
			walk(path, list[i].SubCollections)
		}
	}
	walk(nil, a.Collections)
	return out
}
