package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// tx is one change of the vault: records, multiset hash and state record go into one transaction of Badger's, then
// the anchor follows; only then is it acknowledged.
type tx struct {
	v   *Vault
	b   *badger.Txn
	st  state
	new uint64 // the commit's number: the version of all it writes
	// size is about how many bytes it has written, as Badger counts them: what is written twice counts twice.
	size int
	// done runs after the commit, under the writer's lock: what the memory holds follows the disk.
	done []func()
}

var errNoRecord = errors.New("no such record")

// view runs fn on a snapshot. It may run along with a writer.
func (v *Vault) view(ctx context.Context, fn func(r reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.db == nil {
		return ErrClosed
	}
	s := v.snaps.take(v.db)
	defer v.snaps.give(s)
	return fn(reader{v: v, b: s.txn, snap: s})
}

// reader reads records of one snapshot.
type reader struct {
	v    *Vault
	b    *badger.Txn
	snap *snapshot // nil inside a change
}

// raw gives a record's envelope to fn; it is valid only inside. errNoRecord when there is none. What Badger can't
// read (a block whose checksum is wrong) is no absence, but damage.
func (r reader) raw(key recordKey, fn func(envelope) error) error {
	if c := r.v.check; c != nil {
		if m := c.blocked.Load(); m != nil && (*m)[key] {
			return &recordError{key: key, problem: "was rolled back, or its index was", cause: errEnvelope}
		}
	}
	item, err := r.b.Get(key[:])
	if errors.Is(err, badger.ErrKeyNotFound) {
		return errNoRecord
	}
	if err != nil {
		return &recordError{key: key, problem: "can't be read", cause: err}
	}
	err = item.Value(func(value []byte) error {
		e, err := parseEnvelope(value)
		if err != nil {
			return &recordError{key: key, problem: "does not authenticate", cause: err}
		}
		return fn(e)
	})
	return err
}

// recordError is what is wrong with one record; damage makes a DamagedError of it.
type recordError struct {
	key     recordKey
	problem string
	cause   error
}

func (e *recordError) Error() string { return "record " + e.problem + ": " + e.cause.Error() }
func (e *recordError) Unwrap() error { return e.cause }

// write makes one durable change. It waits for the verification of the store: what is not known to be whole is not
// written to.
func (v *Vault) write(ctx context.Context, fn func(t *tx) error) error {
	if err := v.awaitVerified(ctx); err != nil {
		return err
	}
	v.wmu.Lock()
	defer v.wmu.Unlock()
	return v.writeLocked(ctx, fn)
}

func (v *Vault) writeLocked(ctx context.Context, fn func(t *tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	if err := v.usable(); err != nil {
		return err
	}
	if v.failed != nil {
		if err := v.recoverWriter(); err != nil {
			return err
		}
	}
	if err := v.room(); err != nil {
		return err
	}
	b := v.db.NewTransaction(true)
	defer b.Discard()
	t := &tx{v: v, b: b, st: v.st.copy()}
	t.st.commit++
	t.new = t.st.commit
	if err := fn(t); err != nil {
		return err
	}
	return t.commit()
}

// writable is usable for callers that do not hold the store.
func (v *Vault) writable() error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.usable()
}

func (v *Vault) usable() error {
	switch {
	case v.db == nil:
		return ErrClosed
	case !v.readOnly:
		return nil
	}
	if d := v.damage(); d != nil {
		return fmt.Errorf("%w: %w", ErrReadOnly, d)
	}
	return ErrReadOnly
}

func (t *tx) commit() error {
	v := t.v
	t.st.header = max(t.st.header, v.hdr.revision)
	value := v.epochs.seal(stateKey, 0, t.new, t.st.encode(), nil)
	if err := t.b.Set(stateKey[:], value); err != nil {
		return t.tooBig(err)
	}
	err := t.b.Commit()
	v.snaps.renew()
	if err != nil {
		v.failed = err
		return fmt.Errorf("committing to the store: %w", diskErr(err))
	}
	if err := v.logs.sync(); err != nil {
		v.failed = err
		return fmt.Errorf("syncing the store: %w", err)
	}
	a := anchor{vault: v.hdr.vault, gen: v.hdr.gen, commit: t.st.commit, sum: t.st.sum, state: sha256.Sum256(value)}
	if err := v.anchor.write(a); err != nil {
		v.failed = err
		return err
	}
	v.st = t.st
	v.written += int64(len(value))
	for _, f := range t.done {
		f()
	}
	return nil
}

// recoverWriter comes after a commit whose outcome was unknown: it reads the state that the store really has and
// anchors it. What that commit wrote may be there or not; it was never acknowledged.
func (v *Vault) recoverWriter() error {
	b := v.db.NewTransaction(false)
	defer b.Discard()
	st, digest, err := readState(reader{v: v, b: b})
	if err != nil {
		return fmt.Errorf("an earlier write failed (%w) and the state can't be read back: %w", v.failed, err)
	}
	if st.commit < v.st.commit {
		return fmt.Errorf("an earlier write failed (%w) and the store went back in time; reopen the vault", v.failed)
	}
	if err := v.logs.sync(); err != nil {
		return fmt.Errorf("syncing the store: %w", err)
	}
	a := anchor{vault: v.hdr.vault, gen: v.hdr.gen, commit: st.commit, sum: st.sum, state: digest}
	if err := v.anchor.write(a); err != nil {
		return err
	}
	v.st, v.failed = st, nil
	v.setStages()
	v.search.drop()
	return nil
}

// readState reads the state record and its hash, as the anchor wants it.
func readState(r reader) (st state, digest [sha256.Size]byte, err error) {
	err = r.raw(stateKey, func(e envelope) error {
		plain, err := r.v.epochs.open(nil, stateKey, e, 0)
		if err != nil {
			return err
		}
		digest = sha256.Sum256(e.raw)
		if st, err = decodeState(plain); err == nil && st.commit != e.version {
			err = errCodec
		}
		return err
	})
	return st, digest, err
}

func (t *tx) reader() reader { return reader{v: t.v, b: t.b} }

// create stores a record that is known to be new.
func (t *tx) create(key recordKey, stage uint32, first, second []byte) error {
	value := t.v.epochs.seal(key, stage, t.new, first, second)
	if err := t.b.Set(append([]byte(nil), key[:]...), value); err != nil {
		return t.tooBig(err)
	}
	t.st.sum.add(t.v.summer.of(key[:], value))
	t.st.count++
	t.size += len(key) + len(value) + entryOverhead
	t.v.written += int64(len(value))
	return nil
}

// replace stores a new version of a record, or a first one.
func (t *tx) replace(key recordKey, stage uint32, first, second []byte) error {
	if err := t.remove(key); err != nil && !errors.Is(err, errNoRecord) {
		return err
	}
	return t.create(key, stage, first, second)
}

// remove deletes a record; errNoRecord when there is none.
func (t *tx) remove(key recordKey) error {
	err := t.reader().raw(key, func(e envelope) error {
		t.st.sum.sub(t.v.summer.of(key[:], e.raw))
		return nil
	})
	if err != nil {
		return err
	}
	t.st.count--
	t.size += len(key) + entryOverhead
	return t.tooBig(t.b.Delete(append([]byte(nil), key[:]...)))
}

// entryOverhead is more than what Badger counts for an entry besides its key and value.
const entryOverhead = 32

func (t *tx) tooBig(err error) error {
	if errors.Is(err, badger.ErrTxnTooBig) {
		return fmt.Errorf("one change holds more than a transaction can: %w", ErrTooLarge)
	}
	return err
}

// room makes sure that what is about to be written finds space (see spaceReserve).
func (v *Vault) room() error {
	free, err := freeSpace(v.dir)
	if err != nil {
		return err
	}
	if free < spaceReserve {
		return ErrDiskFull
	}
	if v.written >= 64<<10 || v.written == 0 { // a new log file may have been started
		if err := reserveLogs(v.storeDir()); err != nil {
			return err
		}
		v.written = 1
	}
	return nil
}
