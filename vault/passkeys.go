package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// AddPasskey stores a passkey; when it returns nil, the passkey is on the disk. ID and times are filled in when zero.
// ExistsError (ErrExists) when the relying party has a passkey with this credential ID already: a create never
// overwrites.
func (v *Vault) AddPasskey(ctx context.Context, p *Passkey) error {
	if err := v.preparePasskey(p); err != nil {
		return err
	}
	return v.write(ctx, func(t *tx) error { return t.addPasskey(p, 0) })
}

func (v *Vault) preparePasskey(p *Passkey) error {
	p.by = superseded{} // it may be a copy of one that was superseded
	if p.ID.IsZero() {
		p.ID = NewID()
	}
	now := v.opts.now().Truncate(time.Millisecond)
	if p.CreatedAt.IsZero() {
		p.CreatedAt = now
	}
	if p.ModifiedAt.IsZero() {
		p.ModifiedAt = p.CreatedAt
	}
	return p.check()
}

func (t *tx) addPasskey(p *Passkey, stage uint32) error {
	tag := t.v.credentialTag(p.RPID, p.CredentialID)
	var c ends
	err := t.reader().eachPage(spaceRP, p.RPID, func(pg *page) (bool, error) {
		if c.last = pg; c.first == nil {
			c.first = pg
		}
		for i := range pg.entries {
			e := &pg.entries[i]
			if e.tag != tag || e.stage != stage && !t.st.visible(e.stage) || t.reader().gives(e, stage) {
				continue
			}
			return false, t.exists(e.id)
		}
		return true, nil
	})
	if err != nil && !errors.Is(err, errNoRecord) {
		return err
	}
	key := keyOf(kindPasskey, p.ID)
	if err := t.reader().raw(key, func(envelope) error { return nil }); err == nil {
		return &ExistsError{ID: p.ID}
	} else if !errors.Is(err, errNoRecord) {
		return err
	}
	if err := t.extend(c, spaceRP, p.RPID, entry{id: p.ID, tag: tag, stage: stage, version: t.new}); err != nil {
		return err
	}
	if stage == 0 {
		info := p.Info()
		t.done = append(t.done, func() { t.v.search.putPasskey(&info) })
	}
	return t.createPasskey(key, stage, p)
}

func (t *tx) createPasskey(key recordKey, stage uint32, p *Passkey) error {
	var info, secrets encoder
	p.encodeInfo(&info)
	p.encodeSecrets(&secrets)
	defer clear(secrets.b)
	if len(info.b)+len(secrets.b) > maxRecordPlain {
		return fmt.Errorf("passkey of %d bytes: %w", len(info.b)+len(secrets.b), ErrTooLarge)
	}
	return t.create(key, stage, info.b, secrets.b)
}

// exists is the error for a credential that is there already.
func (t *tx) exists(id ID) error {
	e := &ExistsError{ID: id}
	if i, err := t.reader().passkeyInfo(id); err == nil {
		e.Trashed = !i.TrashedAt.IsZero()
	}
	return e
}

// Passkey reads one passkey whole, from the trash too. Clear it after use. ErrNotFound.
func (v *Vault) Passkey(ctx context.Context, id ID) (*Passkey, error) {
	var p *Passkey
	err := v.lookup(ctx, func(r reader) (err error) {
		p, err = r.passkey(id)
		return err
	})
	if p != nil {
		p.UsedAt = v.lastUsed(p.ID, p.UsedAt)
	}
	return p, err
}

// PasskeyByCredential reads a relying party's passkey by its credential ID, whole. What lies in the trash is not
// found. ErrNotFound.
func (v *Vault) PasskeyByCredential(ctx context.Context, rpID string, credentialID []byte) (*Passkey, error) {
	var p *Passkey
	err := v.lookup(ctx, func(r reader) error {
		tag := v.credentialTag(rpID, credentialID)
		err := r.eachPage(spaceRP, rpID, func(pg *page) (bool, error) {
			for i := range pg.entries {
				e := &pg.entries[i]
				if e.tag != tag || !r.visible(e.stage) {
					continue
				}
				q, err := r.passkey(e.id)
				if err != nil {
					return false, r.missing(err, e.id, rpID)
				}
				if q.TrashedAt.IsZero() && bytes.Equal(q.CredentialID, credentialID) {
					p = q
					return false, nil
				}
				q.Clear()
			}
			return true, nil
		})
		for _, id := range v.check.orphansOf(rpID) {
			if q, qerr := r.passkey(id); p == nil && qerr == nil && q.TrashedAt.IsZero() && bytes.Equal(q.CredentialID, credentialID) {
				p, err = q, nil
			}
		}
		if err == nil && p == nil {
			err = errNoRecord
		}
		return err
	})
	if p != nil {
		p.UsedAt = v.lastUsed(p.ID, p.UsedAt)
	}
	return p, err
}

// PasskeysByRP lists a relying party's passkeys, oldest first, without secrets and without the trash; UsedAt is true to
// the moment, also while the last use waits to be written. When the
// vault is damaged and some of them may be missing, what is left comes together with a *DamagedError. None is no error.
func (v *Vault) PasskeysByRP(ctx context.Context, rpID string) ([]PasskeyInfo, error) {
	var list []PasskeyInfo
	var lost *DamagedError
	err := v.lookup(ctx, func(r reader) error {
		list, lost = nil, nil
		err := r.eachPage(spaceRP, rpID, func(pg *page) (bool, error) {
			for i := range pg.entries {
				e := &pg.entries[i]
				if !r.visible(e.stage) {
					continue
				}
				p, err := r.passkeyInfo(e.id)
				if err != nil {
					var d *DamagedError
					if err = r.missing(err, e.id, rpID); !errors.As(err, &d) {
						return false, err
					}
					if lost == nil {
						lost = &DamagedError{}
					}
					lost.Findings = append(lost.Findings, d.Findings...)
					continue
				}
				if p.TrashedAt.IsZero() {
					list = append(list, p)
				}
			}
			return true, nil
		})
		for _, id := range v.check.orphansOf(rpID) {
			if p, perr := r.passkeyInfo(id); perr == nil && p.TrashedAt.IsZero() {
				list, err = append(list, p), nil
			}
		}
		if err == nil && len(list) == 0 && lost == nil {
			err = errNoRecord
		}
		return err
	})
	for i := range list {
		list[i].UsedAt = v.lastUsed(list[i].ID, list[i].UsedAt)
	}
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	slices.SortStableFunc(list, func(a, b PasskeyInfo) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if err == nil && lost != nil {
		return list, lost
	}
	if d := v.damageFor(rpID); err == nil && d != nil {
		return list, d
	}
	return list, err
}

// damageFor is the damage that may concern a relying party: its own, and what can't be told whose it is.
func (v *Vault) damageFor(rpID string) *DamagedError {
	d := v.damage()
	if d == nil || !slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.RPID == "" || f.RPID == rpID }) {
		return nil
	}
	return d
}

// PasskeysByAccount lists a relying party's passkeys of one user handle, otherwise like PasskeysByRP.
func (v *Vault) PasskeysByAccount(ctx context.Context, rpID string, userHandle []byte) ([]PasskeyInfo, error) {
	all, err := v.PasskeysByRP(ctx, rpID)
	var list []PasskeyInfo
	for _, p := range all {
		if bytes.Equal(p.UserHandle, userHandle) {
			list = append(list, p)
		}
	}
	return list, err
}

// UpdatePasskey lets fn change a passkey, and stores it durably. The relying party and the credential ID stay as they are
// (ErrInvalid otherwise). ModifiedAt is set unless fn sets it. An error of fn's changes nothing and comes back.
func (v *Vault) UpdatePasskey(ctx context.Context, id ID, fn func(*Passkey) error) error {
	return v.write(ctx, func(t *tx) error {
		return t.updatePasskey(id, func(p *Passkey) error {
			was := p.ModifiedAt
			if err := fn(p); err != nil {
				return err
			}
			if p.ModifiedAt.Equal(was) {
				p.ModifiedAt = t.v.opts.now().Truncate(time.Millisecond)
			}
			return nil
		})
	})
}

func (t *tx) updatePasskey(id ID, fn func(*Passkey) error) error {
	key := keyOf(kindPasskey, id)
	p, err := t.reader().passkey(id)
	if err != nil {
		return t.v.readErr(err)
	}
	defer p.Clear()
	q := p.clone()
	defer q.Clear()
	q.by = t.openMark(q.by)
	if err := fn(q); err != nil {
		return err
	}
	if q.ID != p.ID || q.RPID != p.RPID || !bytes.Equal(q.CredentialID, p.CredentialID) {
		return fmt.Errorf("a passkey's id, relying party and credential id can't change: %w", ErrInvalid)
	}
	if err := q.check(); err != nil {
		return err
	}
	var stage uint32
	err = t.changeEntry(spaceRP, p.RPID, id, func(e *entry) bool {
		e.version, stage = t.new, e.stage
		return true
	})
	if err != nil {
		return err
	}
	if err := t.remove(key); err != nil {
		return err
	}
	info := q.Info()
	info.CredentialID, info.UserHandle = bytes.Clone(info.CredentialID), bytes.Clone(info.UserHandle)
	t.done = append(t.done, func() { t.v.search.putPasskey(&info) })
	return t.createPasskey(key, stage, q)
}

// visible reports whether a stage's records show in this snapshot.
func (r reader) visible(stage uint32) bool { return stage == 0 || r.v.stageVisible(stage) }

func (r reader) passkeyInfo(id ID) (p PasskeyInfo, err error) {
	key := keyOf(kindPasskey, id)
	err = r.raw(key, func(e envelope) error {
		if !r.visible(e.stage) {
			return errNoRecord
		}
		plain, err := r.v.epochs.open(nil, key, e, 0)
		if err == nil {
			p, err = decodePasskeyInfo(id, plain)
			r.settle(&p.TrashedAt, p.by)
		}
		if err != nil {
			return &recordError{key: key, problem: "does not authenticate", cause: err}
		}
		return nil
	})
	return p, err
}

func (r reader) passkey(id ID) (p *Passkey, err error) {
	key := keyOf(kindPasskey, id)
	err = r.raw(key, func(e envelope) error {
		if !r.visible(e.stage) {
			return errNoRecord
		}
		info, err := r.v.epochs.open(nil, key, e, 0)
		if err == nil {
			var secrets []byte
			if secrets, err = r.v.epochs.open(nil, key, e, 1); err == nil {
				if p, err = decodePasskey(id, info, secrets); err == nil {
					r.settle(&p.TrashedAt, p.by)
				}
			}
		}
		if err != nil {
			return &recordError{key: key, problem: "does not authenticate", cause: err}
		}
		return nil
	})
	return p, err
}

// missing makes damage of an index entry without its record.
func (r reader) missing(err error, id ID, rpID string) error {
	problem := "is missing"
	var re *recordError
	switch {
	case errors.As(err, &re):
		problem = re.problem
	case !errors.Is(err, errNoRecord):
		return err
	}
	return &DamagedError{Findings: []Finding{{Place: "passkey of " + rpID, ID: id, RPID: rpID, Problem: problem}}}
}
