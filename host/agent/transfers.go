package agent

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/vault"
)

const (
	maxTransfers   = 8                // at once
	transferKept   = 15 * time.Minute // after it ended, or after anybody asked for it
	exportTries    = 12               // "transfer.start" in exportWindow
	exportWindow   = 10 * time.Minute
	maxGroupTries  = 5 // wrong fingerprint groups before a transfer is given up
	maxGetWait     = 20 * time.Second
	progressEvery  = 200 * time.Millisecond
	requestPurpose = "cxp requests"
)

// transfers are those of one agent. They live as long as the process, which ends when the vault locks.
type transfers struct {
	a    *agent
	ctx  context.Context
	stop context.CancelFunc

	mu      sync.Mutex
	all     map[string]*moving
	starts  attempts // of exports
	fetches attempts // of direct moves in
	visits  attempts // of exchanges that other apps began, by those that are known
	strange attempts // the same, by unknown programs: they use up nobody else's

	now func() time.Time // of requests; tests put it forward
}

func (t *transfers) init(a *agent) {
	t.a, t.all, t.now = a, map[string]*moving{}, time.Now
	t.ctx, t.stop = context.WithCancel(context.Background())
}

// sweep removes what earlier processes left: expired requests, and sealed leftovers on systems where open files keep
// their names. What is left there nobody can read.
func (t *transfers) sweep() {
	dir := t.dir()
	if _, err := os.Stat(dir); err != nil {
		return
	}
	if store, err := cxp.OpenStore(filepath.Join(dir, "requests"), noSealer{}, nil); err != nil {
		t.a.log.Warn().Err(err).Msg("could not look after old requests")
	} else if err := store.Sweep(); err != nil {
		t.a.log.Warn().Err(err).Msg("could not remove old requests")
	}
	left, err := filepath.Glob(filepath.Join(dir, transfer.SpoolPattern))
	if err != nil {
		return
	}
	for _, f := range left {
		if err := os.Remove(f); err != nil {
			t.a.log.Warn().Err(err).Msg("could not remove what an earlier transfer left")
		}
	}
}

// noSealer is for sweeping, which needs no key.
type noSealer struct{}

func (noSealer) Seal([]byte, []byte) ([]byte, error) { return nil, errLockedVault() }
func (noSealer) Open([]byte, []byte) ([]byte, error) { return nil, errLockedVault() }

// dir is the folder beside the vault in which transfers and requests lie, all of it sealed.
func (t *transfers) dir() string {
	return filepath.Join(filepath.Dir(t.a.cfg.Profile.VaultDir), filepath.Base(t.a.cfg.Profile.VaultDir)+"-transfers")
}

func (t *transfers) makeDir() (string, error) {
	dir := t.dir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, nil
}

// requests opens the store of requests that wait for their answers.
func (t *transfers) requests(v *vault.Vault) (*cxp.Store, error) {
	dir, err := t.makeDir()
	if err != nil {
		return nil, err
	}
	return cxp.OpenStore(filepath.Join(dir, "requests"), v.Outside(requestPurpose), t.now)
}

// owner is whom a transfer belongs to: a browser profile, or one connection of the command line.
type owner struct {
	session string
	conn    *conn
}

func (r *request) owner() owner {
	if s := r.conn.session.Load(); s != nil {
		return owner{session: s.id}
	}
	return owner{conn: r.conn}
}

func (o owner) has(c *conn) bool {
	if o.conn != nil {
		return o.conn == c
	}
	s := c.session.Load()
	return s != nil && s.id == o.session
}

// add makes a transfer for whoever asks.
func (t *transfers) add(r *request, kind string, out bool) (*moving, error) {
	return t.addFor(r.owner(), r.sender.Private, kind, out)
}

func (t *transfers) addFor(o owner, private bool, kind string, out bool) (*moving, error) {
	kinds := []string{protocol.TransferSealed, protocol.TransferBackup, protocol.TransferPlain, protocol.TransferFile, protocol.TransferDirect}
	if !slices.Contains(kinds, kind) {
		return nil, badRequest("a transfer is one of %q", kinds)
	}
	v, err := t.a.keep.open()
	if err != nil {
		return nil, err
	}
	dir, err := t.makeDir()
	if err != nil {
		return nil, err
	}
	t.prune()
	m := newMoving(t.a, v, o, kind, out)
	m.private = private
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) >= maxTransfers {
		return nil, protocol.Errorf(protocol.CodeRateLimited, "too many transfers at once; end one of them")
	}
	if m.spool, err = transfer.NewSpool(dir, cxp.MaxResponseSize); err != nil {
		return nil, err
	}
	m.ctx, m.cancel = context.WithCancel(t.ctx)
	t.all[m.view.ID] = m
	return m, nil
}

// find returns a caller's own transfer. Others' do not exist for it.
func (t *transfers) find(r *request, id string) (*moving, error) {
	t.mu.Lock()
	m := t.all[id]
	t.mu.Unlock()
	if m == nil || !m.owner.has(r.conn) {
		return nil, protocol.Errorf(protocol.CodeNotFound, "this transfer is over")
	}
	m.mu.Lock()
	m.seen = time.Now()
	m.mu.Unlock()
	return m, nil
}

// asked reads a message about one of its sender's transfers, which the member id of q names, and finds that.
func (t *transfers) asked(r *request, q any, id *string) (*moving, error) {
	if err := r.read(q); err != nil {
		return nil, err
	}
	return t.find(r, *id)
}

// turn is asked for a message that changes the transfer: it waits until it is the only one, and over lets the next one
// in. The transfer has to be in one of these states; none named: in any.
func (t *transfers) turn(r *request, q any, id *string, states ...string) (m *moving, over func(), err error) {
	if m, err = t.asked(r, q, id); err != nil {
		return nil, nil, err
	}
	m.calls.Lock()
	if len(states) > 0 {
		m.mu.Lock()
		err = m.in(states...)
		m.mu.Unlock()
	}
	if err != nil {
		m.calls.Unlock()
		return nil, nil, err
	}
	return m, m.calls.Unlock, nil
}

func (t *transfers) list(r *request) []protocol.Transfer {
	t.prune()
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []protocol.Transfer{}
	for _, m := range t.all {
		if m.owner.has(r.conn) {
			out = append(out, m.show())
		}
	}
	slices.SortFunc(out, func(a, b protocol.Transfer) int { return int(b.StartedAt - a.StartedAt) })
	return out
}

// end forgets a transfer.
func (t *transfers) end(m *moving) {
	t.mu.Lock()
	delete(t.all, m.view.ID)
	t.mu.Unlock()
	m.end()
}

// prune forgets transfers that nobody asked about for long and that do nothing.
func (t *transfers) prune() {
	t.mu.Lock()
	var old []*moving
	for _, m := range t.all {
		m.mu.Lock()
		if !m.working && time.Since(m.seen) > transferKept {
			old = append(old, m)
		}
		m.mu.Unlock()
	}
	t.mu.Unlock()
	for _, m := range old {
		t.end(m)
	}
}

// orphan ends the transfers of a connection of the command line; a browser's go on.
func (t *transfers) orphan(c *conn) {
	t.mu.Lock()
	var mine []*moving
	for _, m := range t.all {
		if m.owner.conn == c {
			mine = append(mine, m)
		}
	}
	t.mu.Unlock()
	for _, m := range mine {
		t.end(m)
	}
}

// mayStart is the rate limit of moves out: whoever asks again and again must not wear a person down.
func (t *transfers) mayStart(now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.starts.another(now, exportTries, exportWindow) {
		return protocol.Errorf(protocol.CodeRateLimited, "too many attempts to move passkeys out; wait ten minutes")
	}
	return nil
}

// notAsked takes the last attempt back.
func (t *transfers) notAsked() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.starts.takeBack()
}
