package vault

import (
	"context"
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// copier copies what stays from one generation to the next. All it writes has version 2, the commit it ends with.
type copier struct {
	from, to *Vault
	cutoff   time.Time
	dropped  map[ID]bool // items and blobs that do not come along
	chains   map[chain][]entry
	// visibleOnly leaves imports under way behind: for a salvage, where nobody will commit them.
	visibleOnly bool

	txn *badger.Txn
}

type chain struct {
	space byte
	value string
}

func (c *copier) run(ctx context.Context) error {
	st := &c.to.st
	if !c.visibleOnly {
		st.open = c.from.st.copy().open
	}
	st.lastStage = c.from.st.lastStage
	st.auditLow, st.auditNext = c.from.st.auditLow, c.from.st.auditNext
	st.commit = 2
	c.txn = c.to.db.NewTransaction(true)
	defer func() { c.txn.Discard() }()
	err := c.from.view(ctx, func(r reader) error {
		for _, kind := range []byte{kindPasskey, kindItem, kindBlob, kindPiece, kindSetting, kindAudit} {
			if err := r.each(ctx, kind, func(key recordKey, e envelope) error { return c.copy(r, key, e) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return c.from.readErr(err)
	}
	for ch, list := range c.chains {
		if err := c.writeChain(ch, list); err != nil {
			return err
		}
	}
	if err := c.txn.Commit(); err != nil {
		return diskErr(err)
	}
	if err := c.to.logs.sync(); err != nil {
		return err
	}
	c.txn = c.to.db.NewTransaction(true)
	t := &tx{v: c.to, b: c.txn, st: *st, new: st.commit}
	return t.commit()
}

func (c *copier) copy(r reader, key recordKey, e envelope) error {
	if c.visibleOnly {
		if !c.from.stageVisible(e.stage) {
			return nil
		}
		e.stage = 0
	}
	first, err := c.from.epochs.open(nil, key, e, 0)
	var second []byte
	if err == nil && int(e.first) < len(e.raw)-envelopeHead-nonceSize {
		second, err = c.from.epochs.open(nil, key, e, 1)
		defer clear(second)
	}
	if err != nil {
		return &recordError{key: key, problem: "does not authenticate", cause: err}
	}
	to, keep, err := c.place(r, key, e, first)
	if err != nil || !keep {
		return err
	}
	if c.visibleOnly {
		if first, err = r.withoutMark(key, first); err != nil {
			return err
		}
	}
	return c.put(to, e.stage, first, second)
}

// place says under which key a record goes on, and whether it does.
func (c *copier) place(r reader, key recordKey, e envelope, first []byte) (recordKey, bool, error) {
	id := idOf(key)
	switch key[0] {
	case kindPasskey:
		p, err := decodePasskeyInfo(id, first)
		r.settle(&p.TrashedAt, p.by)
		if err != nil || dropped(p.TrashedAt, c.cutoff) && c.from.stageVisible(e.stage) {
			return key, false, err
		}
		c.index(chain{spaceRP, p.RPID}, entry{id, c.to.credentialTag(p.RPID, p.CredentialID), e.stage, c.to.st.commit})
	case kindItem:
		i, err := decodeItem(id, first)
		r.settle(&i.TrashedAt, i.by)
		if err != nil || dropped(i.TrashedAt, c.cutoff) && c.from.stageVisible(e.stage) {
			c.dropped[id] = true
			return key, false, err
		}
		c.index(chain{spaceItem, itemBucket(id)}, entry{id: id, stage: e.stage, version: c.to.st.commit})
	case kindBlob:
		b, err := decodeBlob(id, first)
		if err != nil || c.dropped[b.Owner] {
			c.dropped[id] = true
			return key, false, err
		}
	case kindPiece:
		blob, n, err := decodePiece(first)
		return c.to.keys.pieceKey(blob, n), !c.dropped[blob], err
	case kindSetting:
		name, _, err := decodeSetting(first)
		to := c.to.settingKey(name)
		c.index(chain{spaceSetting, settingBucket(to)}, entry{id: idIn(to), version: c.to.st.commit})
		return to, true, err
	}
	return key, true, nil
}

func (c *copier) index(ch chain, e entry) { c.chains[ch] = append(c.chains[ch], e) }

func (c *copier) writeChain(ch chain, list []entry) error {
	pages := uint32((len(list) + pageEntries - 1) / pageEntries)
	for n := range pages {
		p := &page{value: ch.value, space: ch.space, number: n, entries: list[n*pageEntries : min(int(n+1)*pageEntries, len(list))]}
		if n == 0 {
			p.pages = pages
		}
		if err := c.put(c.to.pageKey(ch.space, ch.value, n), 0, p.encode(), nil); err != nil {
			return err
		}
	}
	return nil
}

// put writes one record; a transaction that is full is committed. Nothing of it counts before the header does.
func (c *copier) put(key recordKey, stage uint32, first, second []byte) error {
	st := &c.to.st
	value := c.to.epochs.seal(key, stage, st.commit, first, second)
	err := c.txn.Set(append([]byte(nil), key[:]...), value)
	if errors.Is(err, badger.ErrTxnTooBig) {
		if err := c.txn.Commit(); err != nil {
			return diskErr(err)
		}
		if err := c.to.logs.sync(); err != nil { // each log before the next one is begun
			return err
		}
		if err := c.to.room(); err != nil {
			return err
		}
		c.txn = c.to.db.NewTransaction(true)
		err = c.txn.Set(append([]byte(nil), key[:]...), value)
	}
	if err != nil {
		return err
	}
	c.to.written += int64(len(value))
	st.sum.add(c.to.summer.of(key[:], value))
	st.count++
	return nil
}
