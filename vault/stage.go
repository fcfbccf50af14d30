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
	pending batch  // what the next transaction writes
	writing *batch // what one is writing, or failed to write
	added   []PasskeyInfo
	items   []ItemInfo
	old     map[ID]bool // what Supersede was told
	closed  bool
}

// batch is what is written at a time, in as few transactions as it fits into, while the next one is gathered: a disk takes
// its time.
type batch struct {
	records []staged
	tags    map[[16]byte]ID // of the credentials among them
	written int             // of the records
	size    int
	done    chan struct{} // closed when err says what became of it
	err     error
	told    bool // the caller knows of err
}

// staged is one record, and at most how many bytes a transaction takes for it, with its index pages.
type staged struct {
	write func(*tx) error
	most  int
}

const (
	batchBytes   = 448 << 10 // of records, without their index pages
	batchRecords = 512
	batchPages   = 48 // of the index, in one transaction
	// What a transaction of Badger's takes is 15 % of the memtable.
	maxTx = memTableSize * 14 / 100
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
// What it adds is on the disk at the latest after Commit; an error of writing it may come from a later call.
func (s *Stage) AddPasskey(ctx context.Context, p *Passkey) error {
	if err := s.v.preparePasskey(p); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrStageDone
	}
	tag := s.v.credentialTag(p.RPID, p.CredentialID)
	if err := s.unknown(ctx, p, tag); err != nil {
		return err
	}
	q := p.clone()
	write := func(t *tx) error {
		t.done = append(t.done, q.Clear)
		return t.addPasskey(q, s.number)
	}
	if err := s.push(ctx, q.size(), write); err != nil {
		return err
	}
	if s.pending.tags == nil {
		s.pending.tags = map[[16]byte]ID{}
	}
	s.pending.tags[tag] = q.ID
	s.added = append(s.added, q.Info())
	return nil
}

// unknown looks for the credential before it is queued, so that the caller learns at once that it is there.
func (s *Stage) unknown(ctx context.Context, p *Passkey, tag [16]byte) error {
	err := s.v.lookup(ctx, func(r reader) error {
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
	id, queued := s.pending.tags[tag]
	if !queued && s.writing != nil {
		id, queued = s.writing.tags[tag]
	}
	if queued {
		return &ExistsError{ID: id}
	}
	return nil
}

// push queues one record of about so many bytes. Where the batch is full, it begins to be written first.
func (s *Stage) push(ctx context.Context, size int, write func(*tx) error) error {
	if n := len(s.pending.records); n > 0 && (s.pending.size+size > batchBytes || n >= batchRecords) {
		if err := s.send(ctx); err != nil {
			return err
		}
	}
	s.pending.add(size, write)
	return nil
}

// send begins to write what is pending, once the batch before it is written.
func (s *Stage) send(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.settled(ctx); err != nil || len(s.pending.records) == 0 {
		return err
	}
	b := s.pending
	b.done = make(chan struct{})
	s.pending, s.writing = batch{}, &b
	ctx = context.WithoutCancel(ctx) // it ends by itself, whatever becomes of the call that happened to fill it
	go func() {
		defer close(b.done)
		b.err = b.write(ctx, s.v.write)
	}()
	return nil
}

func (b *batch) add(size int, write func(*tx) error) {
	b.records = append(b.records, staged{write, size + 2*maxPage})
	b.size += size
}

// write writes what has not been written yet, by [Vault.write] or writeLocked.
func (b *batch) write(ctx context.Context, change func(context.Context, func(*tx) error) error) error {
	for b.written < len(b.records) {
		n := b.written
		err := change(ctx, func(t *tx) error {
			for ; n < len(b.records) && (t.size == 0 || t.size+b.records[n].most <= maxTx); n++ {
				if err := b.records[n].write(t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		b.written = n
	}
	return nil
}

// settled waits for the batch that is being written. One that failed is tried again by the next call.
func (s *Stage) settled(ctx context.Context) error {
	b := s.writing
	if b == nil {
		return nil
	}
	<-b.done
	if b.told {
		b.err = b.write(ctx, s.v.write)
	}
	if b.err != nil {
		b.told = true
		return b.err
	}
	s.writing = nil
	return nil
}

// flush writes all that is queued.
func (s *Stage) flush(ctx context.Context) error {
	if err := s.send(ctx); err != nil {
		return err
	}
	return s.settled(ctx)
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
	if s.writing != nil {
		<-s.writing.done
	}
	s.closed, s.pending, s.writing, s.added, s.items, s.old = true, batch{}, nil, nil, nil, nil
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
	for part := range slices.Chunk(pages, batchPages) {
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
