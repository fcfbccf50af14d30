package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Item is anything that is kept beside passkeys. Its body is the caller's (a CXF item, kept verbatim); the vault knows
// only what lists and searches need.
type Item struct {
	ID                               ID
	Title, Subtitle                  string
	Terms                            []string // searchable: sites, user names
	CreatedAt, ModifiedAt, TrashedAt time.Time
	Body                             []byte // opaque; at most MaxItemBody bytes, put what is larger into a blob
	Hidden                           bool   // kept out of lists and searches: its owner's own bookkeeping

	by superseded
}

// ItemInfo is an item without its body.
type ItemInfo struct {
	ID                               ID
	Title, Subtitle                  string
	Terms                            []string
	CreatedAt, ModifiedAt, TrashedAt time.Time
	Hidden                           bool

	by superseded
}

// MaxItemBody is the largest body of an item, in bytes.
const MaxItemBody = 256 << 10

const maxTerms = 256

// Info is the item without its body.
func (i *Item) Info() ItemInfo {
	return ItemInfo{i.ID, i.Title, i.Subtitle, i.Terms, i.CreatedAt, i.ModifiedAt, i.TrashedAt, i.Hidden, i.by}
}

func (i *Item) check() error {
	n := 0
	for _, s := range append([]string{i.Title, i.Subtitle}, i.Terms...) {
		if n += len(s); !utf8.ValidString(s) {
			return fmt.Errorf("an item's names are UTF-8: %w", ErrInvalid)
		}
	}
	switch {
	case len(i.Body) > MaxItemBody:
		return fmt.Errorf("an item's body of %d bytes, at most %d: %w", len(i.Body), MaxItemBody, ErrTooLarge)
	case n > 32<<10 || len(i.Terms) > maxTerms:
		return fmt.Errorf("an item's names and terms of %d bytes: %w", n, ErrTooLarge)
	}
	return nil
}

// AddItem stores an item durably. ID and times are filled in when zero. ErrExists when the ID is taken.
func (v *Vault) AddItem(ctx context.Context, i *Item) error {
	if err := v.prepareItem(i); err != nil {
		return err
	}
	return v.write(ctx, func(t *tx) error { return t.addItem(i, 0) })
}

// AddItem adds an item to the import.
func (s *Stage) AddItem(ctx context.Context, i *Item) error {
	if err := s.v.prepareItem(i); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrStageDone
	}
	c := *i
	c.Body, c.Terms = bytes.Clone(i.Body), append([]string(nil), i.Terms...)
	s.items = append(s.items, c.Info())
	return s.push(ctx, c.size(), func(t *tx) error { return t.addItem(&c, s.number) })
}

// size is about how many bytes its record has.
func (i *Item) size() int {
	size := len(i.Title) + len(i.Subtitle) + len(i.Body) + recordOverhead
	for _, term := range i.Terms {
		size += len(term) + 4
	}
	return size
}

func (v *Vault) prepareItem(i *Item) error {
	i.by = superseded{} // it may be a copy of one that was superseded
	if i.ID.IsZero() {
		i.ID = NewID()
	}
	if i.CreatedAt.IsZero() {
		i.CreatedAt = v.opts.now().Truncate(time.Millisecond)
	}
	if i.ModifiedAt.IsZero() {
		i.ModifiedAt = i.CreatedAt
	}
	return i.check()
}

func (t *tx) addItem(i *Item, stage uint32) error {
	key := keyOf(kindItem, i.ID)
	if err := t.reader().raw(key, func(envelope) error { return nil }); err == nil {
		return &ExistsError{ID: i.ID}
	} else if !errors.Is(err, errNoRecord) {
		return err
	}
	if err := t.addEntry(spaceItem, itemBucket(i.ID), entry{id: i.ID, stage: stage, version: t.new}); err != nil {
		return err
	}
	if stage == 0 {
		info := i.Info()
		t.done = append(t.done, func() { t.v.search.putItem(&info) })
	}
	return t.createItem(key, stage, i)
}

func (t *tx) createItem(key recordKey, stage uint32, i *Item) error {
	body := i.Body
	if body == nil {
		body = []byte{}
	}
	return t.create(key, stage, i.encodeInfo(), body)
}

func (i *Item) encodeInfo() []byte {
	var e encoder
	e.str(1, i.Title)
	e.str(2, i.Subtitle)
	e.list(3, len(i.Terms), func(n int, e *encoder) { e.str(1, i.Terms[n]) })
	e.time(4, i.CreatedAt)
	e.time(5, i.ModifiedAt)
	e.time(6, i.TrashedAt)
	e.bool(7, i.Hidden)
	i.by.encode(&e, 8)
	return e.b
}

// itemBucket spreads items over 64 chains of the index.
func itemBucket(id ID) string { return string(rune(id[0] >> 2)) }

// Item reads an item whole, from the trash too. ErrNotFound.
func (v *Vault) Item(ctx context.Context, id ID) (*Item, error) {
	var i *Item
	err := v.lookup(ctx, func(r reader) (err error) {
		i, _, err = r.item(id, true)
		return err
	})
	return i, err
}

// UpdateItem lets fn change an item, and stores it durably; see UpdatePasskey.
func (v *Vault) UpdateItem(ctx context.Context, id ID, fn func(*Item) error) error {
	return v.write(ctx, func(t *tx) error {
		return t.updateItem(id, func(i *Item) error {
			was := i.ModifiedAt
			if err := fn(i); err != nil {
				return err
			}
			if i.ModifiedAt.Equal(was) {
				i.ModifiedAt = v.opts.now().Truncate(time.Millisecond)
			}
			return nil
		})
	})
}

func (t *tx) updateItem(id ID, fn func(*Item) error) error {
	i, stage, err := t.reader().item(id, true)
	if err != nil {
		return t.v.readErr(err)
	}
	i.by = t.openMark(i.by)
	if err := fn(i); err != nil {
		return err
	}
	if i.ID != id {
		return fmt.Errorf("an item's id can't change: %w", ErrInvalid)
	}
	if err := i.check(); err != nil {
		return err
	}
	err = t.changeEntry(spaceItem, itemBucket(id), id, func(e *entry) bool {
		e.version = t.new
		return true
	})
	if err != nil {
		return err
	}
	key := keyOf(kindItem, id)
	if err := t.remove(key); err != nil {
		return err
	}
	info := i.Info()
	t.done = append(t.done, func() { t.v.search.putItem(&info) })
	return t.createItem(key, stage, i)
}

// item reads an item, with its body or without.
func (r reader) item(id ID, body bool) (i *Item, stage uint32, err error) {
	key := keyOf(kindItem, id)
	err = r.raw(key, func(e envelope) error {
		if !r.visible(e.stage) {
			return errNoRecord
		}
		stage = e.stage
		info, err := r.v.epochs.open(nil, key, e, 0)
		if err == nil {
			i, err = decodeItem(id, info)
			r.settle(&i.TrashedAt, i.by)
		}
		if err == nil && body {
			i.Body, err = r.v.epochs.open(nil, key, e, 1)
		}
		if err != nil {
			return &recordError{key: key, problem: "does not authenticate", cause: err}
		}
		return nil
	})
	return i, stage, err
}

func decodeItem(id ID, b []byte) (*Item, error) {
	i := &Item{ID: id}
	d := newDecoder(b)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			i.Title = d.str()
		case 2:
			i.Subtitle = d.str()
		case 3:
			d.list(maxTerms, func(d *decoder) {
				term := ""
				for tag, ok := d.next(); ok; tag, ok = d.next() {
					if tag != 1 {
						d.fail()
					}
					term = d.str()
				}
				i.Terms = append(i.Terms, term)
			})
		case 4:
			i.CreatedAt = d.time()
		case 5:
			i.ModifiedAt = d.time()
		case 6:
			i.TrashedAt = d.time()
		case 7:
			i.Hidden = d.bool()
		case 8:
			i.by.stage = d.uint32()
		case 9:
			i.by.at = d.time()
		default:
			d.fail()
		}
	}
	return i, d.err
}

func (i *ItemInfo) searchText() string {
	return strings.Join(append([]string{i.Title, i.Subtitle}, i.Terms...), "\n")
}
