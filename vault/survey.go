package vault

import (
	"context"
	"errors"
)

// survey is the slow way after the multiset hash has not come out: it looks at every record and every index entry by
// itself and names what is affected.
func (c *check) survey(ctx context.Context, r reader) error {
	before := 0
	if d := r.v.surveyed(c); d != nil {
		before = len(d.Findings)
	}
	have := map[recordKey]uint64{} // version of each record that authenticates
	var pages []*page
	err := r.eachRaw(ctx, 0, func(key recordKey, value []byte) error {
		e, p, err := r.authenticate(key, value)
		if err != nil {
			c.found(Finding{Place: kindName(key[0]), ID: idOf(key), Problem: "does not authenticate"})
			return nil
		}
		have[key] = e.version
		if p != nil {
			pages = append(pages, p)
		}
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.found(Finding{Place: "store", Problem: "can't be read to its end"})
	}
	named := map[recordKey]bool{}
	for _, p := range pages {
		c.surveyPage(r, p, have, named)
	}
	for key := range have {
		if (key[0] == kindPasskey || key[0] == kindItem || key[0] == kindSetting) && !named[key] {
			c.block(key) // deleted, perhaps, and come back
			c.found(Finding{Place: kindName(key[0]), ID: idOf(key), Problem: "is in no index"})
		}
	}
	if d := r.v.surveyed(c); d == nil || len(d.Findings) == before {
		c.found(Finding{Place: "store", Problem: "a record is missing, was added or was rolled back; which one can't be told"})
	}
	return nil
}

// surveyed is the damage found so far.
func (v *Vault) surveyed(c *check) *DamagedError {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.damage
}

func (c *check) surveyPage(r reader, p *page, have map[recordKey]uint64, named map[recordKey]bool) {
	kind, place, rp := byte(kindPasskey), "passkey of "+p.value, p.value
	switch p.space {
	case spaceItem:
		kind, place, rp = kindItem, "item", ""
	case spaceSetting:
		kind, place, rp = kindSetting, "setting", ""
	}
	if p.number == 0 {
		for n := uint32(1); n < p.pages; n++ {
			if _, ok := have[r.v.pageKey(p.space, p.value, n)]; !ok {
				c.found(Finding{Place: "index of " + place, RPID: rp, Problem: "a page is missing"})
			}
		}
	}
	for _, e := range p.entries {
		key := keyOf(kind, e.id)
		named[key] = true
		version, ok := have[key]
		f := Finding{Place: place, ID: e.id, RPID: rp}
		switch {
		case ok && version == e.version:
			continue
		case ok:
			f.Problem = "was rolled back, or its index was"
			c.block(key)
		default:
			f.Problem = "is missing"
			if err := r.raw(key, func(envelope) error { return nil }); err != nil && !errors.Is(err, errNoRecord) {
				f.Problem = "can't be read"
			}
		}
		c.found(f)
	}
}

// authenticate opens all of a record; for an index page it also returns the page.
func (r reader) authenticate(key recordKey, value []byte) (envelope, *page, error) {
	e, err := parseEnvelope(value)
	if err != nil {
		return e, nil, err
	}
	first, err := r.v.epochs.open(nil, key, e, 0)
	if err != nil {
		return e, nil, err
	}
	if int(e.first) < len(e.raw)-envelopeHead-nonceSize {
		second, err := r.v.epochs.open(nil, key, e, 1)
		if err != nil {
			return e, nil, err
		}
		clear(second)
	}
	if key[0] != kindIndex {
		return e, nil, nil
	}
	p, err := decodePage(first)
	return e, p, err
}

// idIn is the part of a store key behind the kind.
func idIn(key recordKey) (id ID) {
	copy(id[:], key[1:])
	return id
}

// idOf is the ID that a store key names to the outside; zero where it is a keyed hash.
func idOf(key recordKey) (id ID) {
	if key[0] == kindPasskey || key[0] == kindItem || key[0] == kindBlob {
		copy(id[:], key[1:])
	}
	return id
}
