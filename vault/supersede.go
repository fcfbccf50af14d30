package vault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An import may put something in the place of what is there. The old record stays where it is and gets a mark: "in the
// trash, once import n shows". So the exchange happens at the very moment at which the import becomes visible, however
// many records it concerns, and the old one can be taken out of the trash again.
type superseded struct {
	stage uint32 // 0: by none
	at    time.Time
}

func (s superseded) encode(e *encoder, tag byte) {
	if s.stage != 0 {
		e.uint(tag, uint64(s.stage))
		e.time(tag+1, s.at)
	}
}

// Supersede moves a passkey or an item to the trash at the moment in which the import becomes visible; what takes its
// place is added after that. ErrNotFound when it is not there, or in the trash already; ErrInvalid while another import
// is about to replace it.
func (s *Stage) Supersede(ctx context.Context, id ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrStageDone
	}
	if s.old[id] {
		return nil
	}
	size := 0
	err := s.v.lookup(ctx, func(r reader) error {
		trashed, by, err := r.standing(id)
		size = r.sizeOf(id)
		switch {
		case err != nil:
			return err
		case !trashed.IsZero():
			return errNoRecord
		case by.stage != 0 && by.stage != s.number:
			return fmt.Errorf("another import is about to replace this: %w", ErrInvalid)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if s.old == nil {
		s.old = map[ID]bool{}
	}
	s.old[id] = true
	mark := superseded{stage: s.number, at: s.v.opts.now().Truncate(time.Millisecond)}
	return s.push(ctx, size, func(t *tx) error { return t.setMark(id, func(superseded) superseded { return mark }) })
}

// sizeOf is about how many bytes the record of a passkey or an item has; nothing where there is none.
func (r reader) sizeOf(id ID) int {
	size := 0
	for _, kind := range []byte{kindPasskey, kindItem} {
		_ = r.raw(keyOf(kind, id), func(e envelope) error { // whoever reads it says what is wrong with it
			size = len(e.raw) + recordOverhead
			return nil
		})
	}
	return size
}

// setMark changes the mark of a passkey or an item.
func (t *tx) setMark(id ID, fn func(superseded) superseded) error {
	err := t.updatePasskey(id, func(p *Passkey) error {
		p.by = fn(p.by)
		return nil
	})
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return t.updateItem(id, func(i *Item) error {
		i.by = fn(i.by)
		return nil
	})
}

// standing says whether a passkey or an item lies in the trash, and its mark.
func (r reader) standing(id ID) (trashed time.Time, by superseded, err error) {
	p, err := r.passkeyInfo(id)
	if err == nil {
		return p.TrashedAt, p.by, nil
	}
	if !errors.Is(err, errNoRecord) {
		return trashed, by, err
	}
	i, _, err := r.item(id, false)
	if err != nil {
		return trashed, by, err
	}
	return i.TrashedAt, i.by, nil
}

// settle lets a mark take effect: its import shows, so the record is in the trash.
func (r reader) settle(trashed *time.Time, by superseded) {
	if by.stage != 0 && trashed.IsZero() && r.visible(by.stage) {
		*trashed = by.at
	}
}

// openMark is what of a mark stays in a record that is rewritten: one that took effect is in TrashedAt by now.
func (t *tx) openMark(by superseded) superseded {
	if t.reader().visible(by.stage) {
		return superseded{}
	}
	return by
}

// gives reports whether an entry leaves its credential to an import: it is in the trash, or about to go there by it.
// Outside of imports a twin in the trash stays in the way, so that nobody is left with two by chance.
func (r reader) gives(e *entry, stage uint32) bool {
	if stage == 0 || e.stage == stage {
		return false
	}
	p, err := r.passkeyInfo(e.id)
	return err == nil && (!p.TrashedAt.IsZero() || p.by.stage == stage)
}

// noTwin refuses to bring a passkey back beside another one of the same credential.
func (t *tx) noTwin(p *Passkey) error {
	tag := t.v.credentialTag(p.RPID, p.CredentialID)
	return t.reader().eachPage(spaceRP, p.RPID, func(pg *page) (bool, error) {
		for i := range pg.entries {
			e := &pg.entries[i]
			if e.tag != tag || e.id == p.ID || !t.st.visible(e.stage) {
				continue
			}
			q, err := t.reader().passkeyInfo(e.id)
			if err != nil {
				return false, err
			}
			if q.TrashedAt.IsZero() {
				return false, &ExistsError{ID: q.ID}
			}
		}
		return true, nil
	})
}

// superseded lists what leaves with this import, as the search index will show it.
func (s *Stage) superseded(t *tx) ([]summary, error) {
	var out []summary
	r := t.reader()
	for id := range s.old {
		p, err := r.passkeyInfo(id)
		if err == nil {
			p.TrashedAt = p.by.at
			out = append(out, summaryOfPasskey(&p))
			continue
		}
		if !errors.Is(err, errNoRecord) {
			return nil, s.v.readErr(err)
		}
		i, _, err := r.item(id, false)
		if err != nil {
			return nil, s.v.readErr(err)
		}
		i.TrashedAt = i.by.at
		info := i.Info()
		out = append(out, summaryOfItem(&info))
	}
	return out, nil
}

// mark reads the mark of a passkey or an item.
func (r reader) mark(key recordKey, e envelope) (by superseded, err error) {
	plain, err := r.v.epochs.open(nil, key, e, 0)
	if err == nil && key[0] == kindPasskey {
		var p PasskeyInfo
		p, err = decodePasskeyInfo(idOf(key), plain)
		by = p.by
	} else if err == nil {
		var i *Item
		i, err = decodeItem(idOf(key), plain)
		by = i.by
	}
	if err != nil {
		return superseded{}, &recordError{key: key, problem: "does not authenticate", cause: err}
	}
	return by, nil
}

// withoutMark is a record's first part for a copy into which imports under way do not come along.
func (r reader) withoutMark(key recordKey, first []byte) ([]byte, error) {
	switch key[0] {
	case kindPasskey:
		i, err := decodePasskeyInfo(idOf(key), first)
		if err != nil || i.by.stage == 0 {
			return first, err
		}
		r.settle(&i.TrashedAt, i.by)
		i.by = superseded{}
		var e encoder
		i.encode(&e)
		return e.b, nil
	case kindItem:
		i, err := decodeItem(idOf(key), first)
		if err != nil || i.by.stage == 0 {
			return first, err
		}
		r.settle(&i.TrashedAt, i.by)
		i.by = superseded{}
		return i.encodeInfo(), nil
	}
	return first, nil
}

// unmark takes a given-up import's marks away, before its number may count as one that was committed.
func (v *Vault) unmark(ctx context.Context, marked []recordKey, number uint32) error {
	b := batch{}
	err := v.view(ctx, func(r reader) error {
		for _, key := range marked {
			b.add(r.sizeOf(idOf(key)), func(t *tx) error {
				return t.setMark(idOf(key), func(by superseded) superseded {
					if by.stage == number {
						return superseded{}
					}
					return by
				})
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.write(ctx, v.writeLocked)
}
