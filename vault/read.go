package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// lookup runs a read whose miss must be believed. While the verification after an open runs, a miss waits for it: a record that
// Badger can't read, or that somebody removed, looks absent too. When the vault turns out damaged, a miss is a
// *DamagedError instead of ErrNotFound, since nobody knows any more what was there.
func (v *Vault) lookup(ctx context.Context, fn func(r reader) error) error {
	err := v.view(ctx, fn)
	if !errors.Is(err, errNoRecord) {
		return v.readErr(err)
	}
	if !v.check.done() {
		if err := v.check.await(ctx); err != nil {
			return err
		}
		if err := v.view(ctx, fn); !errors.Is(err, errNoRecord) {
			return v.readErr(err)
		}
	}
	if d := v.damage(); d != nil {
		return d
	}
	return ErrNotFound
}

// awaitVerified waits for the verification and fails when it found damage: writers do not build on that.
func (v *Vault) awaitVerified(ctx context.Context) error {
	if err := v.check.await(ctx); err != nil {
		return err
	}
	if d := v.damage(); d != nil {
		return fmt.Errorf("%w: %w", ErrReadOnly, d)
	}
	return nil
}

// readErr turns what is wrong with a record into what callers test for.
func (v *Vault) readErr(err error) error {
	var re *recordError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &re):
		if errors.Is(err, ErrNewer) {
			return err
		}
		return &DamagedError{Findings: []Finding{findingOf(re)}}
	case errors.Is(err, errNoRecord):
		return ErrNotFound
	}
	return err
}

func findingOf(e *recordError) Finding {
	f := Finding{Place: kindName(e.key[0]), Problem: e.problem}
	if e.key[0] == kindPasskey || e.key[0] == kindItem {
		copy(f.ID[:], e.key[1:])
	}
	return f
}

func kindName(kind byte) string {
	switch kind {
	case kindPasskey:
		return "passkey"
	case kindItem:
		return "item"
	case kindIndex:
		return "index page"
	case kindBlob, kindPiece:
		return "attachment"
	case kindSetting:
		return "setting"
	case kindAudit:
		return "audit log"
	case kindState:
		return "state"
	}
	return "unknown record"
}

// each goes through all records of a kind; 0: of all kinds but the state.
func (r reader) each(ctx context.Context, kind byte, fn func(recordKey, envelope) error) error {
	return r.eachRaw(ctx, kind, func(key recordKey, value []byte) error {
		e, err := parseEnvelope(value)
		if err != nil {
			return &recordError{key: key, problem: "does not authenticate", cause: err}
		}
		return fn(key, e)
	})
}

// eachRaw is each before any check. The value is valid only inside fn.
func (r reader) eachRaw(ctx context.Context, kind byte, fn func(recordKey, []byte) error) error {
	o := badger.DefaultIteratorOptions
	o.PrefetchValues = false // values lie beside their keys: prefetching would only copy them
	if kind != 0 {
		o.Prefix = []byte{kind}
	}
	it := r.b.NewIterator(o)
	defer it.Close()
	n := 0
	for it.Rewind(); it.Valid(); it.Next() {
		if n++; n%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		item := it.Item()
		var key recordKey
		if k := item.Key(); len(k) != len(key) {
			return &recordError{key: keyOf(0, ID{}), problem: "has a malformed name", cause: errCodec}
		} else {
			copy(key[:], k)
		}
		if key == stateKey {
			continue
		}
		if err := item.Value(func(b []byte) error { return fn(key, b) }); err != nil {
			return err
		}
	}
	return nil
}
