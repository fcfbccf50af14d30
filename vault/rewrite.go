package vault

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Emptying the trash and changing the keys are one thing: the records that stay are re-sealed under a fresh record key
// into a new generation of the store, and one write of the header makes that the vault. What the old generation's
// files, or the disk under them, still hold was sealed by a key that is in no header any more.
//
// While the trash is being emptied the header names both epochs and what is under way, and the next open resumes it
// after a crash. A change of keys that a crash cuts short leaves the old keys in force; nobody was told otherwise.

// EmptyTrash shreds what was trashed before the given time (zero: all of it) and returns how much that was. Reads go
// on meanwhile, writes wait. It needs room for a second copy of the vault (ErrDiskFull).
func (v *Vault) EmptyTrash(ctx context.Context, before time.Time) (int, error) {
	if before.IsZero() {
		before = v.opts.now()
	}
	if err := v.awaitVerified(ctx); err != nil {
		return 0, err
	}
	v.wmu.Lock()
	defer v.wmu.Unlock()
	if err := v.writable(); err != nil {
		return 0, err
	}
	n, err := v.countTrash(ctx, before)
	if err != nil || n == 0 {
		return 0, err
	}
	return n, v.shred(ctx, before)
}

func (v *Vault) countTrash(ctx context.Context, cutoff time.Time) (int, error) {
	n := 0
	err := v.view(ctx, func(r reader) error {
		for _, kind := range []byte{kindPasskey, kindItem} {
			err := r.each(ctx, kind, func(key recordKey, e envelope) error {
				at, err := r.trashedAt(key, e)
				if err == nil && dropped(at, cutoff) && r.visible(e.stage) {
					n++
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n, v.readErr(err)
}

func dropped(at, cutoff time.Time) bool { return !at.IsZero() && !cutoff.IsZero() && !at.After(cutoff) }

func (r reader) trashedAt(key recordKey, e envelope) (time.Time, error) {
	plain, err := r.v.epochs.open(nil, key, e, 0)
	if err != nil {
		return time.Time{}, &recordError{key: key, problem: "does not authenticate", cause: err}
	}
	if key[0] == kindPasskey {
		p, err := decodePasskeyInfo(idOf(key), plain)
		r.settle(&p.TrashedAt, p.by)
		return p.TrashedAt, err
	}
	i, err := decodeItem(idOf(key), plain)
	r.settle(&i.TrashedAt, i.by)
	return i.TrashedAt, err
}

// shred rewrites the store under a new epoch, without what was trashed up to cutoff. The caller has the writer's lock.
func (v *Vault) shred(ctx context.Context, cutoff time.Time) error {
	if err := v.clearHalf(); err != nil {
		return err
	}
	marked := v.hdr.clone()
	epoch := marked.epochs[0].epoch
	for _, e := range marked.epochs {
		epoch = max(epoch, e.epoch)
	}
	epoch++
	key := randomKey()
	defer clear(key)
	// An interrupted run's epoch is dropped: nothing under it is in use.
	marked.epochs = []epochKey{marked.epochs[0], {epoch, v.keys.wrapEpoch(marked.vault, epoch, key)}}
	marked.rewrite = &rewriteMark{gen: marked.gen + 1, epoch: epoch, cutoff: cutoff}
	marked.revision++
	if err := v.writeHeader(marked, v.keys); err != nil {
		return err
	}
	v.setHeader(marked)

	next := v.hdr.clone()
	next.gen, next.rewrite = marked.rewrite.gen, nil
	next.epochs = []epochKey{marked.epochs[1]}
	next.revision++
	err := v.moveTo(ctx, next, v.keys, key, cutoff)
	if err != nil && v.hdr.rewrite != nil {
		back := v.hdr.clone()
		back.rewrite, back.epochs = nil, back.epochs[:1]
		back.revision++
		if werr := v.writeHeader(back, v.keys); werr != nil {
			return errors.Join(err, werr) // the next open resumes
		}
		v.setHeader(back)
	}
	return err
}

// rekey makes a new root key and everything under it, with the slots that change leaves.
func (v *Vault) rekey(ctx context.Context, change func(*header) error) error {
	if err := v.awaitVerified(ctx); err != nil {
		return err
	}
	v.wmu.Lock()
	defer v.wmu.Unlock()
	if err := v.writable(); err != nil {
		return err
	}
	next := v.hdr.clone()
	if err := change(next); err != nil {
		return err
	}
	if err := v.clearHalf(); err != nil {
		return err
	}
	root, key := randomKey(), randomKey()
	defer clear(key)
	k := newKeys(root)
	next.gen++
	next.revision++
	next.epochs = []epochKey{{1, k.wrapEpoch(next.vault, 1, key)}}
	for i := range next.slots {
		if err := next.slots[i].move(next.vault, v.keys, k); err != nil {
			return fmt.Errorf("re-wrapping a key slot: %w", err)
		}
	}
	err := v.moveTo(ctx, next, k, key, time.Time{})
	if v.keys != k {
		k.clear()
	}
	return err
}

// clearHalf removes what an earlier rewrite left half done.
func (v *Vault) clearHalf() error { return v.removeOtherGenerations(v.hdr.gen) }

// moveTo fills the generation that next names, under keys k and the record key, and makes it the vault's.
func (v *Vault) moveTo(ctx context.Context, next *header, k *keys, recordKey []byte, cutoff time.Time) (err error) {
	if err := v.roomForCopy(); err != nil {
		return err
	}
	to := &Vault{dir: v.dir, opts: v.opts, hdr: next, keys: k, summer: newSummer(k.sum), check: finishedCheck()}
	to.epochs = newEpochs(next.epochs[0].epoch, recordKey)
	to.ctx = v.ctx
	defer func() {
		if to.db != nil { // not taken over
			to.logs.close()
			err = errors.Join(err, to.db.Close(), to.anchor.close())
			err = errors.Join(err, v.removeOtherGenerations(v.hdr.gen))
		}
	}()
	if err = to.newStore(next.gen); err != nil {
		if to.db == nil {
			err = errors.Join(err, v.removeOtherGenerations(v.hdr.gen))
		}
		return err
	}
	c := copier{from: v, to: to, cutoff: cutoff, dropped: map[ID]bool{}, chains: map[chain][]entry{}}
	if err := c.run(ctx); err != nil {
		return err
	}
	werr := v.writeHeader(next, k)
	if werr != nil && !v.headerIs(next, k) {
		return werr
	}
	return errors.Join(werr, v.takeOver(to))
}

// headerIs reports whether the header file holds this header: a write may fail after the file was put in place.
func (v *Vault) headerIs(h *header, k *keys) bool {
	raw, err := readFile(filepath.Join(v.dir, fileHeader), maxHeader)
	if err != nil || !headerAuthentic(raw, k.mac) {
		return false
	}
	got, err := decodeHeader(raw)
	return err == nil && got.revision == h.revision && got.gen == h.gen
}

// takeOver exchanges the open store for the new generation's and removes the old one.
func (v *Vault) takeOver(to *Vault) error {
	old, oldAnchor, oldKeys := v.db, v.anchor, v.keys
	v.hmu.Lock()
	v.mu.Lock()
	v.snaps.renew()
	v.db, v.anchor, v.st, v.epochs, v.summer = to.db, to.anchor, to.st, to.epochs, to.summer
	v.hdr, v.keys, v.written, v.failed = to.hdr, to.keys, 0, nil
	v.logs.close()
	v.logs = to.logs
	to.db, to.anchor = nil, nil
	v.setStages()
	v.mu.Unlock()
	v.hmu.Unlock()
	v.search.drop()
	err := errors.Join(old.Close(), oldAnchor.close())
	if oldKeys != v.keys {
		oldKeys.clear()
	}
	if err != nil {
		v.opts.Log.Warn().Err(err).Msg("closing the store's old generation")
	}
	if err := v.removeOtherGenerations(v.hdr.gen); err != nil {
		return err
	}
	return syncDir(v.dir)
}

// roomForCopy asks for the store's size, and the usual reserve, to be free.
func (v *Vault) roomForCopy() error {
	size, err := folderSize(v.storeDir())
	if err != nil {
		return err
	}
	free, err := freeSpace(v.dir)
	if err != nil {
		return err
	}
	if free < uint64(size)+spaceReserve {
		return fmt.Errorf("a second copy of the vault has to fit: %w", ErrDiskFull)
	}
	return nil
}

// resumeRewrite goes on with an emptying of the trash that a crash cut short. It runs in the background after an open.
func (v *Vault) resumeRewrite() {
	if err := v.awaitVerified(v.ctx); err != nil {
		return // damaged or closing: it stays marked
	}
	v.wmu.Lock()
	defer v.wmu.Unlock()
	if v.hdr.rewrite == nil || v.ctx.Err() != nil {
		return
	}
	if err := v.shred(v.ctx, v.hdr.rewrite.cutoff); err != nil && v.ctx.Err() == nil {
		v.opts.Log.Warn().Err(err).Msg("going on with emptying the trash")
	}
}
