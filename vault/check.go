package vault

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
)

// check is the verification of the whole store in the background after an open: the multiset hash over all records must
// be the one of the state record, which the anchor vouches for.
type check struct {
	ended   chan struct{}
	checked atomic.Uint64
	total   atomic.Uint64
	blocked atomic.Pointer[map[recordKey]bool] // records that must not be read
	orphans atomic.Pointer[map[string][]ID]    // passkeys by RP ID whose index is lost

	mu     sync.Mutex
	damage *DamagedError
	err    error // it could not be finished
}

func finishedCheck() *check {
	c := &check{ended: make(chan struct{})}
	close(c.ended)
	return c
}

func (c *check) done() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

func (c *check) wait() { <-c.ended }

// await waits for the end. Damage is no error here; a check that could not be finished is.
func (c *check) await(ctx context.Context) error {
	select {
	case <-c.ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// startCheck begins the verification. It holds the store open until it ends; Close cancels it.
func (v *Vault) startCheck() {
	c := &check{ended: make(chan struct{})}
	c.total.Store(v.st.count)
	if v.openDamage != nil {
		c.damage = &DamagedError{Findings: append([]Finding(nil), v.openDamage.Findings...)}
	}
	v.check = c
	go func() {
		defer close(c.ended)
		err := v.view(v.ctx, func(r reader) error { return c.run(v.ctx, r) })
		v.afterCheck(c, err)
		c.mu.Lock()
		defer c.mu.Unlock()
		if errors.Is(err, context.Canceled) {
			err = ErrClosed
		}
		c.err = err
	}()
}

func (c *check) run(ctx context.Context, r reader) error {
	st, _, err := readState(r)
	if err != nil {
		c.found(Finding{Place: "state", Problem: "can't be read"})
		return c.survey(ctx, r)
	}
	var sum multiset
	s := newSummer(r.v.keys.sum)
	var n uint64
	var list []summary
	err = r.eachRaw(ctx, 0, func(key recordKey, value []byte) error {
		sum.add(s.of(key[:], value))
		if e, ok := r.summary(key, value); ok {
			list = append(list, e)
		}
		if n++; n%64 == 0 {
			c.checked.Store(n)
		}
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.checked.Store(n)
	if err == nil && sum == st.sum && n == st.count {
		r.v.search.load(list) // no writer before this has ended, so nothing is missed
		return nil
	}
	return c.survey(ctx, r)
}

// afterCheck lets go of the copy that an unclean open made, or makes sure that there is one.
func (v *Vault) afterCheck(c *check, err error) {
	switch {
	case err != nil:
	case v.surveyed(c) != nil && !v.opts.salvaging:
		err = v.keepAside()
	case v.surveyed(c) == nil:
		err = os.RemoveAll(v.genFile(dirAside, v.hdr.gen))
	}
	if err != nil && v.ctx.Err() == nil {
		v.opts.Log.Warn().Err(err).Msg("looking after the copy of the store's files")
	}
}

// block keeps a record from being read: it authenticates, but is not the one that should be there.
func (c *check) block(key recordKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.blocked.Load()
	m := map[recordKey]bool{key: true}
	if old != nil {
		maps.Copy(m, *old)
	}
	c.blocked.Store(&m)
}

// orphan keeps a passkey within reach of lookups by its relying party.
func (c *check) orphan(rpID string, id ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := map[string][]ID{}
	if old := c.orphans.Load(); old != nil {
		maps.Copy(m, *old)
	}
	m[rpID] = append(slices.Clip(m[rpID]), id)
	c.orphans.Store(&m)
}

// orphansOf is for lookups: nothing, in a vault that is whole.
func (c *check) orphansOf(rpID string) []ID {
	if m := c.orphans.Load(); m != nil {
		return (*m)[rpID]
	}
	return nil
}

func (c *check) found(f Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.damage == nil {
		c.damage = &DamagedError{}
	}
	if len(c.damage.Findings) < maxFindings {
		c.damage.Findings = append(c.damage.Findings, f)
	}
}

const maxFindings = 10_000

// damage is what is known to be wrong, or nil.
func (v *Vault) damage() *DamagedError {
	if v.check == nil {
		return v.openDamage
	}
	v.check.mu.Lock()
	defer v.check.mu.Unlock()
	if v.check.damage == nil {
		return nil
	}
	return &DamagedError{Findings: append([]Finding(nil), v.check.damage.Findings...)}
}

// Health says how far the verification after the open has come.
type Health struct {
	State          HealthState
	Checked, Total uint64 // records
	Findings       []Finding
}

// HealthState is the verification's state.
type HealthState string

// The states of a verification.
const (
	HealthChecking HealthState = "checking"
	HealthWhole    HealthState = "whole"
	HealthDamaged  HealthState = "damaged"
)

// Health never waits.
func (v *Vault) Health() Health {
	h := Health{State: HealthChecking, Checked: v.check.checked.Load(), Total: v.check.total.Load()}
	if d := v.damage(); d != nil {
		h.State, h.Findings = HealthDamaged, d.Findings
	} else if v.check.done() && v.check.await(v.ctx) == nil {
		h.State = HealthWhole
	}
	return h
}

// AwaitHealth waits for the end of the verification.
func (v *Vault) AwaitHealth(ctx context.Context) (Health, error) {
	if err := v.check.await(ctx); err != nil {
		return Health{}, err
	}
	return v.Health(), nil
}
