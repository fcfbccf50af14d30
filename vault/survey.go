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
	sv := survey{c: c, r: r, have: map[recordKey]uint64{}, named: map[recordKey]bool{}, chains: map[chain]*chainState{}}
	err := r.eachRaw(ctx, 0, sv.record)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.found(Finding{Place: "store", Problem: "can't be read to its end"})
	}
	for _, p := range sv.pages {
		sv.page(p)
	}
	sv.strays()
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

// survey is what the second look gathers.
type survey struct {
	c      *check
	r      reader
	have   map[recordKey]uint64 // version of each record that authenticates
	pages  []*page
	chains map[chain]*chainState
	named  map[recordKey]bool // by an index page
	listed []stray            // everything that an index page should name
}

type chainState struct {
	pages, have uint32
	version     uint64 // of its newest page
}

type stray struct {
	key     recordKey
	version uint64
	chain   chain
}

// record authenticates one record and sorts it in.
func (s *survey) record(key recordKey, value []byte) error {
	e, first, err := s.r.authenticate(key, value)
	var p *page
	var ch chain
	if err == nil {
		switch key[0] {
		case kindIndex:
			p, err = decodePage(first)
		case kindPasskey:
			var i PasskeyInfo
			i, err = decodePasskeyInfo(idOf(key), first)
			ch = chain{spaceRP, i.RPID}
		case kindItem:
			ch = chain{spaceItem, itemBucket(idOf(key))}
		case kindSetting:
			ch = chain{spaceSetting, settingBucket(key)}
		}
	}
	if err != nil {
		s.c.found(Finding{Place: kindName(key[0]), ID: idOf(key), Problem: "does not authenticate"})
		return nil
	}
	s.have[key] = e.version
	if ch.space != 0 {
		s.listed = append(s.listed, stray{key, e.version, ch})
	}
	if p == nil {
		return nil
	}
	s.pages = append(s.pages, p)
	st := s.chains[chain{p.space, p.value}]
	if st == nil {
		st = &chainState{}
		s.chains[chain{p.space, p.value}] = st
	}
	st.have++
	st.pages, st.version = max(st.pages, p.pages), max(st.version, e.version)
	return nil
}

// page holds a page's entries against the records.
func (s *survey) page(p *page) {
	kind, place, rp := byte(kindPasskey), "passkey of "+p.value, p.value
	switch p.space {
	case spaceItem:
		kind, place, rp = kindItem, "item", ""
	case spaceSetting:
		kind, place, rp = kindSetting, "setting", ""
	}
	if st := s.chains[chain{p.space, p.value}]; p.number == 0 && st.have < max(st.pages, 1) {
		s.c.found(Finding{Place: "index of " + place, RPID: rp, Problem: "a page is missing"})
	}
	for _, e := range p.entries {
		key := keyOf(kind, e.id)
		s.named[key] = true
		version, ok := s.have[key]
		f := Finding{Place: place, ID: e.id, RPID: rp}
		switch {
		case ok && version == e.version:
			continue
		case ok && version > e.version:
			f.Problem = "its index was rolled back"
		case ok:
			f.Problem = "was rolled back"
			s.c.block(key)
		default:
			f.Problem = "is missing"
			if err := s.r.raw(key, func(envelope) error { return nil }); err != nil && !errors.Is(err, errNoRecord) {
				f.Problem = "can't be read"
			}
		}
		s.c.found(f)
	}
}

// strays are records that no index page names. Where the index is whole and newer, the record was deleted and has
// come back: it must not be read. Else its index is lost, and it is kept within reach.
func (s *survey) strays() {
	for _, l := range s.listed {
		if s.named[l.key] {
			continue
		}
		f := Finding{Place: kindName(l.key[0]), ID: idOf(l.key)}
		if l.chain.space == spaceRP {
			f.Place, f.RPID = "passkey of "+l.chain.value, l.chain.value
		}
		if st := s.chains[l.chain]; st != nil && st.have >= max(st.pages, 1) && st.version > l.version {
			f.Problem = "was deleted and has come back"
			s.c.block(l.key)
		} else {
			f.Problem = "its index is lost; this may be an older version of it"
			if l.chain.space == spaceRP {
				s.c.orphan(l.chain.value, idOf(l.key))
			}
		}
		s.c.found(f)
	}
}

// authenticate opens all of a record and returns its first part.
func (r reader) authenticate(key recordKey, value []byte) (envelope, []byte, error) {
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
	return e, first, nil
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
