package vault

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// AuditEvent is one line of the log inside the vault. It never holds a secret, and the caller leaves out what happens
// in private windows. Longer texts than 512 bytes are cut.
type AuditEvent struct {
	At     time.Time // zero: now
	Action string    // "created", "used", "exported", "imported", "changed", …
	What   string    // title or site
	Who    string    // with what authority: which browser, the command line, …
	Origin string
	ID     ID // of what it concerns, where it is one record
}

// How the log is kept.
const (
	auditEvery   = 5 * time.Second // use is written in batches, at the latest after this and at Close
	auditRecords = 5000            // batches that are kept; the oldest go first
	auditBatch   = 200             // lines in one batch at most
	auditText    = 512
	maxAuditWait = 10_000 // lines that wait while nothing can be written
)

// auditBuffer holds what has happened but is not written yet. A crash may lose it.
type auditBuffer struct {
	mu    sync.Mutex
	lines []AuditEvent
	used  map[ID]time.Time // until it is written; lists look here too
}

// Log notes an event. It never waits: the line is written with the next batch.
func (v *Vault) Log(e AuditEvent) {
	if e.At.IsZero() {
		e.At = v.opts.now()
	}
	for _, s := range []*string{&e.Action, &e.What, &e.Who, &e.Origin} {
		*s = cut(*s, auditText)
	}
	v.audit.mu.Lock()
	defer v.audit.mu.Unlock()
	if len(v.audit.lines) < maxAuditWait {
		v.audit.lines = append(v.audit.lines, e)
	}
}

// Touch notes that a passkey was used. Written with the next batch; the passkey's ModifiedAt stays.
func (v *Vault) Touch(id ID, when time.Time) {
	v.audit.mu.Lock()
	defer v.audit.mu.Unlock()
	if v.audit.used == nil {
		v.audit.used = map[ID]time.Time{}
	}
	v.audit.used[id] = when
}

// lastUsed is the later of what a record says about its use and what is still to be written.
func (v *Vault) lastUsed(id ID, written time.Time) time.Time {
	v.audit.mu.Lock()
	defer v.audit.mu.Unlock()
	if at := v.audit.used[id].Truncate(time.Millisecond); at.After(written) {
		return at
	}
	return written
}

func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// flushLoop writes what waits until the vault closes.
func (v *Vault) flushLoop() {
	t := time.NewTicker(auditEvery)
	defer t.Stop()
	for {
		select {
		case <-v.ctx.Done():
			return
		case <-t.C:
			if err := v.Flush(v.ctx); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrReadOnly) {
				v.opts.Log.Warn().Err(err).Msg("writing the vault's log")
			}
		}
	}
}

// Flush writes the lines and uses that wait. What can't be written stays for the next try.
func (v *Vault) Flush(ctx context.Context) error {
	v.audit.mu.Lock()
	lines, used := v.audit.lines, maps.Clone(v.audit.used)
	v.audit.lines = nil
	v.audit.mu.Unlock()
	if len(lines) == 0 && len(used) == 0 {
		v.mu.RLock()
		defer v.mu.RUnlock()
		if v.db == nil {
			return ErrClosed
		}
		return nil
	}
	err := v.flush(ctx, lines, used)
	if err != nil {
		v.audit.mu.Lock()
		defer v.audit.mu.Unlock()
		v.audit.lines = append(lines, v.audit.lines...)[:min(maxAuditWait, len(lines)+len(v.audit.lines))]
	}
	return err
}

func (v *Vault) flush(ctx context.Context, lines []AuditEvent, used map[ID]time.Time) error {
	if err := v.touch(ctx, used); err != nil {
		return err
	}
	if len(lines) == 0 {
		return nil
	}
	return v.write(ctx, func(t *tx) error {
		for part := range slices.Chunk(lines, auditBatch) {
			if err := t.create(auditKey(t.st.auditNext), 0, encodeAudit(part), nil); err != nil {
				return err
			}
			t.st.auditNext++
		}
		return t.capAudit()
	})
}

// touch writes when passkeys were used. What is gone meanwhile needs no writing.
func (v *Vault) touch(ctx context.Context, used map[ID]time.Time) error {
	b := batch{}
	err := v.view(ctx, func(r reader) error {
		for id, at := range used {
			b.add(r.sizeOf(id), func(t *tx) error {
				t.done = append(t.done, func() { v.touched(id, at) })
				err := t.updatePasskey(id, func(p *Passkey) error {
					if at.After(p.UsedAt) {
						p.UsedAt = at
					}
					return nil
				})
				if errors.Is(err, ErrNotFound) {
					return nil
				}
				return err
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.write(ctx, v.write)
}

// touched forgets a use that was written, unless the passkey was used again meanwhile.
func (v *Vault) touched(id ID, at time.Time) {
	v.audit.mu.Lock()
	defer v.audit.mu.Unlock()
	if v.audit.used[id].Equal(at) {
		delete(v.audit.used, id)
	}
}

// capAudit removes the oldest batches while there are more than are kept.
func (t *tx) capAudit() error {
	for t.st.auditNext-t.st.auditLow > auditRecords {
		if err := t.remove(auditKey(t.st.auditLow)); err != nil && !errors.Is(err, errNoRecord) {
			return err
		}
		t.st.auditLow++
	}
	return nil
}

func auditKey(n uint64) recordKey {
	var k recordKey
	k[0] = kindAudit
	binary.BigEndian.PutUint64(k[9:], n)
	return k
}

func encodeAudit(lines []AuditEvent) []byte {
	var e encoder
	e.list(1, len(lines), func(i int, e *encoder) {
		l := &lines[i]
		e.time(1, l.At)
		e.str(2, l.Action)
		e.str(3, l.What)
		e.str(4, l.Who)
		e.str(5, l.Origin)
		if !l.ID.IsZero() {
			e.bytes(6, l.ID[:])
		}
	})
	return e.b
}

func decodeAudit(b []byte) ([]AuditEvent, error) {
	var lines []AuditEvent
	d := newDecoder(b)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		if tag != 1 {
			d.fail()
			break
		}
		d.list(auditBatch, func(d *decoder) {
			var l AuditEvent
			for tag, ok := d.next(); ok; tag, ok = d.next() {
				switch tag {
				case 1:
					l.At = d.time()
				case 2:
					l.Action = d.str()
				case 3:
					l.What = d.str()
				case 4:
					l.Who = d.str()
				case 5:
					l.Origin = d.str()
				case 6:
					l.ID = d.id()
				default:
					d.fail()
				}
			}
			lines = append(lines, l)
		})
	}
	return lines, d.err
}
