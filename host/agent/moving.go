package agent

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/vault"
)

// moving is one transfer. Its state is in view; long work runs in one goroutine at a time.
type moving struct {
	a       *agent
	v       *vault.Vault
	owner   owner
	private bool
	ctx     context.Context
	cancel  context.CancelFunc
	spool   *transfer.Spool
	done    chan struct{} // closed when the work under way has ended

	calls sync.Mutex // one call that changes something at a time

	mu        sync.Mutex
	view      protocol.Transfer
	changed   chan struct{} // closed and renewed when the state changes
	working   bool
	ended     bool
	seen      time.Time // when its owner last asked
	told      time.Time // of the last progress event
	challenge *cxp.Challenge
	tries     int
	meant     bool // by the person: verified for it, or asked for in a browser that they let in

	// in
	response   *cxp.Response
	pending    *cxp.Pending
	passphrase []byte
	keyFile    []byte
	source     transfer.Source
	plan       *transfer.Plan
	name       string         // of another manager's file
	format     formats.Format // that it has, or is to have

	direct *direct // the other app of a direct exchange

	// out
	request   *cxp.Request
	selection transfer.Selection
	export    *transfer.Export
	review    *transfer.Review
	left      *transfer.MovedOut // what went, once all of it has
}

func newMoving(a *agent, v *vault.Vault, o owner, kind string, out bool) *moving {
	return &moving{
		a: a, v: v, owner: o, meant: o.conn == nil, seen: time.Now(), changed: make(chan struct{}), done: make(chan struct{}),
		view: protocol.Transfer{ID: vault.NewID().String(), Kind: kind, Out: out, State: protocol.StateReceiving, StartedAt: millis(time.Now())},
	}
}

// show is the transfer as its owner sees it.
func (m *moving) show() protocol.Transfer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.view
}

// in checks that the transfer is in one of these states, for a call that is not to run beside another one.
func (m *moving) in(states ...string) error {
	if m.ended {
		return protocol.Errorf(protocol.CodeNotFound, "this transfer is over")
	}
	for _, s := range states {
		if m.view.State == s {
			return nil
		}
	}
	return protocol.Errorf(protocol.CodeStale, "that is not possible now: the transfer is %s", m.view.State)
}

// set changes the view and wakes those who wait.
func (m *moving) set(f func(*protocol.Transfer)) {
	m.mu.Lock()
	before := m.view.State
	f(&m.view)
	if m.view.State != before {
		close(m.changed)
		m.changed = make(chan struct{})
	}
	m.told = time.Time{}
	m.mu.Unlock()
	m.progress(-1, 0)
}

// progress counts, and tells the owner's connections a few times a second. A transfer that the person meant is no idle
// vault; one that any program may begin must not keep it open.
func (m *moving) progress(done, total int64) {
	m.mu.Lock()
	if done >= 0 {
		m.view.Done, m.view.Total = done, total
	}
	if time.Since(m.told) < progressEvery {
		m.mu.Unlock()
		return
	}
	m.told = time.Now()
	p := protocol.TransferProgress{
		ID: m.view.ID, State: m.view.State, Done: m.view.Done, Total: m.view.Total,
		Bytes: m.view.Bytes, PeerDone: m.view.PeerDone, PeerTotal: m.view.PeerTotal,
	}
	meant := m.meant
	m.mu.Unlock()
	if meant {
		m.a.keep.consented()
	}
	m.a.each(func(c *conn) {
		if c.greeted.Load() && m.owner.has(c) {
			c.event("transfer.progress", p)
		}
	})
}

func (m *moving) items(done, total int) {
	m.progress(int64(done), int64(total))
	m.tell(done, total)
}

// work runs f in the background, in state. An error of f's fails the transfer, unless f has set a state of its own.
func (m *moving) work(state string, f func(ctx context.Context) error) error {
	m.mu.Lock()
	// The work before has set the state that let this call in, and is just about to return.
	for m.working && !m.ended && !protocol.Works(m.view.State) {
		done := m.done
		m.mu.Unlock()
		<-done
		m.mu.Lock()
	}
	if m.ended || m.working {
		m.mu.Unlock()
		return protocol.Errorf(protocol.CodeStale, "the transfer is busy or over")
	}
	m.working = true
	m.done = make(chan struct{})
	done := m.done
	m.mu.Unlock()
	m.set(func(t *protocol.Transfer) { t.State, t.Done, t.Total, t.Error = state, 0, 0, nil })
	m.a.work.Go(func() {
		err := f(m.ctx)
		m.mu.Lock()
		m.working = false
		m.seen = time.Now()
		m.mu.Unlock()
		if err != nil {
			refusal := m.a.toProtocol(transferError(err))
			if errors.Is(err, context.Canceled) {
				refusal = protocol.Errorf(protocol.CodeCanceled, "cancelled; nothing was changed")
			}
			m.set(func(t *protocol.Transfer) { t.State, t.Error = protocol.StateFailed, refusal })
		}
		close(done)
	})
	return nil
}

// end cancels what is under way, waits for it, and forgets everything.
func (m *moving) end() {
	m.cancel()
	m.mu.Lock()
	m.ended = true
	working, done := m.working, m.done
	m.mu.Unlock()
	if working {
		<-done
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.passphrase)
	clear(m.keyFile)
	if m.pending != nil {
		m.pending.Close()
	}
	m.plan, m.source = nil, nil
	if err := m.spool.Close(); err != nil {
		m.a.log.Warn().Err(err).Msg("could not remove a transfer's file")
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

// keepSecrets keeps what opens or seals the file, until the transfer ends, in place of what was tried before.
func (m *moving) keepSecrets(passphrase, keyFile []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.passphrase)
	clear(m.keyFile)
	m.passphrase, m.keyFile = passphrase, keyFile
}

// addRemarks adds lines to what the owner sees. Views that were handed out keep theirs.
func (m *moving) addRemarks(lines ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.view.Remarks = append(slices.Clip(m.view.Remarks), lines...)
}

// await waits until the state is another one.
func (m *moving) await(ctx context.Context, not string, wait time.Duration) protocol.Transfer {
	timer := time.NewTimer(min(wait, maxGetWait))
	defer timer.Stop()
	for {
		m.mu.Lock()
		view, changed, ended := m.view, m.changed, m.ended
		m.mu.Unlock()
		if not == "" || view.State != not || ended {
			return view
		}
		select {
		case <-changed:
		case <-timer.C:
			return view
		case <-ctx.Done():
			return view
		}
	}
}

// ask makes a fingerprint's challenge.
func (m *moving) ask(f cxp.Fingerprint) error {
	c, err := f.Ask()
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.challenge, m.tries = c, 0
	m.mu.Unlock()
	return nil
}

func positions(c *cxp.Challenge) []int {
	p := c.Positions()
	return p[:]
}

// confirm checks the groups that the person typed. A few wrong tries end the transfer.
func (m *moving) confirm(groups []string) (*cxp.Confirmation, error) {
	m.mu.Lock()
	c := m.challenge
	m.mu.Unlock()
	if c == nil {
		return nil, nil
	}
	for _, g := range groups {
		if len(g) > 64 {
			return nil, badRequest("a group has four characters")
		}
	}
	ok, err := c.Answer(groups...)
	if err == nil {
		return ok, nil
	}
	m.mu.Lock()
	m.tries++
	over := m.tries >= maxGroupTries
	m.mu.Unlock()
	refusal := protocol.Errorf(protocol.CodeFingerprint, "the groups are not those of this file; if they stand on the other screen like that, the file was exchanged on the way")
	if over {
		m.set(func(t *protocol.Transfer) { t.State, t.Error = protocol.StateFailed, refusal })
	}
	return nil, refusal
}

// reader reads the file, and counts.
func (m *moving) reader() io.Reader { return &countingReader{m.spool.Reader(), counter{tell: m.moved}} }

// writer writes the file, and counts.
func (m *moving) writer() io.Writer { return &countingWriter{m.spool, counter{tell: m.moved}} }
