package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// The index has one chain of pages for each relying party (and for each bucket of items and of settings). The key of a page is a
// keyed hash of the relying party's ID and the page's number; its content is sealed like any record, so neither the
// ID nor how many passkeys a site has shows in the files.
//
// An entry holds which record it is, its version, a keyed hash of the credential ID, and the import it came with. So
// the index is also the list against which a missing or rolled-back record is found and named.
const (
	spaceRP      = 'r'
	spaceItem    = 'i'
	spaceSetting = 's'

	entrySize   = 16 + 16 + 4 + 8
	pageEntries = 64
	maxPages    = 1 << 20
	maxPage     = pageEntries*entrySize + 512 // bytes of a sealed page
)

type entry struct {
	id      ID
	tag     [16]byte // of the credential ID; zero for others
	stage   uint32
	version uint64
}

type page struct {
	value   string // what is indexed: an RP ID, or a bucket
	space   byte
	number  uint32
	pages   uint32 // of the chain; in page 0 only
	entries []entry
}

func (p *page) encode() []byte {
	e := &encoder{}
	e.str(1, p.value)
	e.uint(2, uint64(p.space))
	e.uint(3, uint64(p.number))
	e.uint(4, uint64(p.pages))
	b := make([]byte, 0, len(p.entries)*entrySize)
	for _, n := range p.entries {
		b = append(append(b, n.id[:]...), n.tag[:]...)
		b = binary.BigEndian.AppendUint32(b, n.stage)
		b = binary.BigEndian.AppendUint64(b, n.version)
	}
	e.bytes(5, b)
	return e.b
}

func decodePage(b []byte) (*page, error) {
	p := &page{}
	d := newDecoder(b)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			p.value = d.str()
		case 2:
			p.space = d.uint8()
		case 3:
			p.number = d.uint32()
		case 4:
			p.pages = d.uint32()
		case 5:
			b := d.bytes()
			if len(b)%entrySize != 0 || len(b) > pageEntries*entrySize {
				d.fail()
				return p, d.err
			}
			p.entries = make([]entry, 0, len(b)/entrySize+1)
			for ; len(b) > 0; b = b[entrySize:] {
				n := entry{stage: binary.BigEndian.Uint32(b[32:]), version: binary.BigEndian.Uint64(b[36:])}
				copy(n.id[:], b)
				copy(n.tag[:], b[16:])
				p.entries = append(p.entries, n)
			}
		default:
			d.fail()
		}
	}
	return p, d.err
}

func (v *Vault) pageKey(space byte, value string, number uint32) recordKey {
	return v.keys.indexKey(kindIndex, space, value, number)
}

// credentialTag is the keyed hash that stands for a credential ID in the index.
func (v *Vault) credentialTag(rpID string, credentialID []byte) (tag [16]byte) {
	k := v.keys.indexKey('c', byte(len(rpID)), rpID+"\x00"+string(credentialID), 0)
	copy(tag[:], k[1:])
	return tag
}

// page reads one page; errNoRecord when there is none.
func (r reader) page(space byte, value string, number uint32) (*page, error) {
	key := r.v.pageKey(space, value, number)
	if p := r.snap.page(key); p != nil {
		return p, nil
	}
	var p *page
	err := r.raw(key, func(e envelope) error {
		plain, err := r.v.epochs.open(nil, key, e, 0)
		if err == nil {
			p, err = decodePage(plain)
		}
		if err == nil && (p.value != value || p.space != space || p.number != number) {
			err = errCodec
		}
		if err != nil {
			return &recordError{key: key, problem: "does not authenticate", cause: err}
		}
		r.snap.keep(key, p)
		return nil
	})
	return p, err
}

// eachPage goes through a chain until fn says stop. errNoRecord: there is no chain at all.
func (r reader) eachPage(space byte, value string, fn func(*page) (more bool, err error)) error {
	first, err := r.page(space, value, 0)
	if err != nil {
		return err
	}
	p := first
	for n := uint32(0); ; {
		if more, err := fn(p); err != nil || !more {
			return err
		}
		if n++; n >= max(first.pages, 1) {
			return nil
		}
		if p, err = r.page(space, value, n); err != nil {
			if errors.Is(err, errNoRecord) {
				err = &recordError{key: r.v.pageKey(space, value, n), problem: "is missing", cause: errNoRecord}
			}
			return err
		}
	}
}

// ends is what adding to a chain takes: its first and its last page, nil where there is none.
type ends struct{ first, last *page }

// addEntry puts an entry at the end of its chain.
func (t *tx) addEntry(space byte, value string, n entry) error {
	r := t.reader()
	first, err := r.page(space, value, 0)
	if errors.Is(err, errNoRecord) {
		return t.extend(ends{}, space, value, n)
	}
	if err != nil {
		return err
	}
	last := first
	if first.pages > 1 {
		if last, err = r.page(space, value, first.pages-1); err != nil {
			return err
		}
	}
	return t.extend(ends{first, last}, space, value, n)
}

// extend is addEntry for whoever has just read the chain.
func (t *tx) extend(c ends, space byte, value string, n entry) error {
	switch {
	case c.first == nil:
		p := &page{value: value, space: space, pages: 1, entries: []entry{n}}
		return t.create(t.v.pageKey(space, value, 0), 0, p.encode(), nil)
	case len(c.last.entries) < pageEntries:
		c.last.entries = append(c.last.entries, n)
		return t.putPage(c.last)
	case c.first.pages >= maxPages:
		return ErrTooLarge
	}
	c.first.pages++
	if err := t.putPage(c.first); err != nil {
		return err
	}
	return t.putPage(&page{value: value, space: space, number: c.first.pages - 1, entries: []entry{n}})
}

// changeEntry lets fn change an entry, or remove it by returning false. errNoRecord when it is not there. Pages that
// become empty stay; emptying the trash makes the index anew.
func (t *tx) changeEntry(space byte, value string, id ID, fn func(*entry) (keep bool)) error {
	found := false
	err := t.reader().eachPage(space, value, func(p *page) (bool, error) {
		for i := range p.entries {
			if !bytes.Equal(p.entries[i].id[:], id[:]) {
				continue
			}
			found = true
			if !fn(&p.entries[i]) {
				p.entries = append(p.entries[:i], p.entries[i+1:]...)
			}
			return false, t.putPage(p)
		}
		return true, nil
	})
	if err == nil && !found {
		err = errNoRecord
	}
	return err
}

func (t *tx) putPage(p *page) error {
	return t.replace(t.v.pageKey(p.space, p.value, p.number), 0, p.encode(), nil)
}
