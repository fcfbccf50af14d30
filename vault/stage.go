package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Stage is an import under way: what is added to it becomes visible all at once with Commit, or never. It may be of
// any size; it lies sealed in the store, not in memory. A stage that a crash left is removed by the next open.
type Stage struct {
	v      *Vault
	number uint32

	mu      sync.Mutex
	pending []func(*tx) error // what the next transaction writes
	size    int
	added   []PasskeyInfo
	items   []ItemInfo
	old     map[ID]bool // what Supersede was told
	closed  bool
}

// A batch must fit a transaction of Badger's (15 % of the memtable) with its index pages.
const (
	batchBytes   = 160 << 10
	batchRecords = 48
)

// Stage begins an import.
func (v *Vault) Stage(ctx context.Context) (*Stage, error) {
	s := &Stage{v: v}
	err := v.write(ctx, func(t *tx) error {
		if len(t.st.open) >= maxStages {
			return fmt.Errorf("too many imports at once: %w", ErrInvalid)
		}
		t.st.lastStage++
		s.number = t.st.lastStage
		t.st.open = append(t.st.open, s.number)
		t.done = append(t.done, func() { v.publishStages(t.st.open) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// AddPasskey adds a passkey to the import. ErrExists when the vault or this import has it already; the import goes on.
// What lies in the trash, or was given to Supersede before, is not in the way.
// What it adds is on the disk at the latest after Commit.
func (s *Stage) AddPasskey(ctx context.Context, p *Passkey) error {
	if err := s.v.preparePasskey(p); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrStageDone
	}
	if err := s.unknown(ctx, p); err != nil {
		return err
	}
	q := p.clone()
	info := q.Info()
	s.added = append(s.added, info)
	size := len(q.PrivateKey) + len(q.Extra) + len(q.LargeBlob) + len(q.RPName) + len(q.UserName) + len(q.UserDisplayName) + len(q.Title) + 4096
	return s.push(ctx, size, func(t *tx) error { return t.addPasskey(q, s.number) })
}

// unknown looks for the credential before it is queued, so that the caller learns at once that it is there.
func (s *Stage) unknown(ctx context.Context, p *Passkey) error {
	err := s.v.lookup(ctx, func(r reader) error {
		tag := s.v.credentialTag(p.RPID, p.CredentialID)
		return r.eachPage(spaceRP, p.RPID, func(pg *page) (bool, error) {
			for i := range pg.entries {
				if e := &pg.entries[i]; e.tag == tag && (e.stage == s.number || r.visible(e.stage)) && !s.old[e.id] && !r.gives(e, s.number) {
					x := &ExistsError{ID: e.id}
					if i, err := r.passkeyInfo(e.id); err == nil {
						x.Trashed = !i.TrashedAt.IsZero()
					}
					return false, x
				}
			}
			return true, nil
		})
	})
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil {
		return err
	}
	for i := range s.added[max(0, len(s.added)-len(s.pending)):] {
		q := &s.added[max(0, len(s.added)-len(s.pending))+i]
		if q.RPID == p.RPID && string(q.CredentialID) == string(p.CredentialID) {
			return &ExistsError{ID: q.ID}
		}
	}
	return nil
}

// push queues one record and writes the batch when it is full.
func (s *Stage) push(ctx context.Context, size int, fn func(*tx) error) error {
	if s.size > 0 && s.size+size > batchBytes {
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	s.pending = append(s.pending, fn)
	s.size += size
	if len(s.pending) >= batchRecords {
		return s.flush(ctx)
	}
	return nil
}

func (s *Stage) flush(ctx context.Context) error {
	if len(s.pending) == 0 {
		return nil
	}
	err := s.v.write(ctx, func(t *tx) error {
		for _, fn := range s.pending {
			if err := fn(t); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.pending, s.size = nil, 0
	}
	return err
}

// Commit makes all of it durable and visible at once. After an error nothing of it is visible; try again or Discard.
func (s *Stage) Commit(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrStageDone
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	err := s.v.write(ctx, func(t *tx) error {
		gone, err := s.superseded(t)
		if err != nil {
			return err
		}
		t.st.open = slices.DeleteFunc(t.st.open, func(n uint32) bool { return n == s.number })
		t.done = append(t.done, func() {
			s.v.publishStages(t.st.open)
			for i := range s.added {
				s.v.search.putPasskey(&s.added[i])
			}
			for i := range s.items {
				s.v.search.putItem(&s.items[i])
			}
			for i := range gone {
				s.v.search.put(gone[i])
			}
		})
		return nil
	})
	if err == nil {
		s.closed, s.added, s.items, s.old = true, nil, nil, nil
	}
	return err
}

// Discard gives the import up and removes what it wrote. It does nothing after Commit.
func (s *Stage) Discard(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed, s.pending, s.added, s.items, s.old = true, nil, nil, nil, nil
	s.v.wmu.Lock()
	defer s.v.wmu.Unlock()
	return s.v.removeStage(ctx, s.number)
}

// removeOpenStages cleans up after imports that a crash cut short. Nobody has seen them.
func (v *Vault) removeOpenStages(ctx context.Context) error {
	if v.readOnly {
		return nil
	}
	for _, n := range slices.Clone(v.st.open) {
		if err := v.removeStage(ctx, n); err != nil {
			return fmt.Errorf("removing an import that was cut short: %w", err)
		}
	}
	return nil
}

// removeStage removes a stage's records in as many transactions as it takes, and last its number. The caller holds
// the writer's lock (or nobody else has the vault yet).
func (v *Vault) removeStage(ctx context.Context, number uint32) error {
	var keys, marked []recordKey
	var pages []*page
	err := v.view(ctx, func(r reader) error {
		return r.each(ctx, 0, func(key recordKey, e envelope) error {
			if e.stage == number {
				keys = append(keys, key)
				return nil
			}
			if key[0] == kindPasskey || key[0] == kindItem {
				by, err := r.mark(key, e)
				if by.stage == number {
					marked = append(marked, key)
				}
				return err
			}
			if key[0] != kindIndex {
				return nil
			}
			_, first, err := r.authenticate(key, e.raw)
			var p *page
			if err == nil {
				p, err = decodePage(first)
			}
			if err != nil {
				return &recordError{key: key, problem: "does not authenticate", cause: err}
			}
			if slices.ContainsFunc(p.entries, func(n entry) bool { return n.stage == number }) {
				pages = append(pages, p)
			}
			return nil
		})
	})
	if err != nil {
		return v.readErr(err)
	}
	if err := v.unmark(ctx, marked, number); err != nil {
		return err
	}
	for part := range slices.Chunk(pages, batchRecords) {
		err := v.writeLocked(ctx, func(t *tx) error {
			for _, p := range part {
				p.entries = slices.DeleteFunc(p.entries, func(n entry) bool { return n.stage == number })
				if err := t.putPage(p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for part := range slices.Chunk(keys, 1000) {
		err := v.writeLocked(ctx, func(t *tx) error {
			for _, k := range part {
				if err := t.remove(k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return v.writeLocked(ctx, func(t *tx) error {
		t.st.open = slices.DeleteFunc(t.st.open, func(n uint32) bool { return n == number })
		t.done = append(t.done, func() { v.publishStages(t.st.open) })
		return nil
	})
}

func (v *Vault) setStages() { v.publishStages(v.st.open) }

func (v *Vault) publishStages(open []uint32) {
	c := slices.Clone(open)
	v.stages.Store(&c)
}

func (v *Vault) stageVisible(n uint32) bool {
	open := v.stages.Load()
	return open == nil || !slices.Contains(*open, n)
}
