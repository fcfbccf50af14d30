package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
	"github.com/keyferry/keyferry/vault/keyring"
)

// agent is the state of one process. What belongs to the open vault is in keeper, what belongs to a WebAuthn call in
// ceremonies.
type agent struct {
	cfg      Config
	log      zerolog.Logger
	limits   Limits
	clock    func() time.Duration // bootTime, but for tests
	rules    map[string]protocol.Rule
	handlers map[string]handler

	keep       keeper
	ceremonies ceremonies
	transfers  transfers
	openings   openings
	pairs      pending
	visits     chan struct{} // one exchange that another app began at a time
	patience   patience
	dialogs    chan struct{} // one dialog at a time: a person can't tell apart two that ask for a passphrase

	held  atomic.Int64 // bytes of request bodies
	mu    sync.Mutex
	conns map[*conn]struct{}
	work  sync.WaitGroup  // connections and requests
	stop  chan ending     // why the agent is to end or lock
	life  context.Context // ends when the agent stops
	tried chan struct{}   // closed when the login keyring was tried
	// loadKeyring is keyring.Load, but for tests.
	loadKeyring func(context.Context, vault.ID) (vault.Secret, error)
	quiet       time.Duration // bootTime at which the last connection went

	program      os.FileInfo // the binary that runs; nil where it can't be told
	otherVersion atomic.Bool // somebody of another version was greeted
}

// gcPercent makes the collector run twice as often as it would by itself: an agent stays for days, and half of what it
// does not need is more to a desktop than a few microseconds to a sign-in.
const gcPercent = 50

// ending says why a process ends.
type ending struct {
	reason  string
	lock    bool // start again without what is known
	keepPIN bool // a lock that a PIN may open
}

// Run serves the listener until ctx ends, or the agent has been locked and idle for a while; then it returns nil.
// When the vault locks, Run does not return: the process re-executes itself with the listener handed over (see
// [Config.Args] and [ErrLocked]). Run closes the listener.
func Run(ctx context.Context, cfg Config, ln net.Listener) error {
	if err := Harden(); err != nil {
		return err
	}
	return newAgent(cfg).run(ctx, ln)
}

func (a *agent) run(ctx context.Context, ln net.Listener) error {
	if err := a.keep.inherit(a.cfg.Handover); err != nil {
		a.log.Warn().Err(err).Msg("the PIN did not come over")
	}
	a.log.Info().Str("version", a.cfg.Version).Str("profile", a.cfg.Profile.Name).Bool("test", a.cfg.Test != nil).Msg("agent started")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.life = ctx
	debug.SetGCPercent(gcPercent)
	accepting := make(chan error, 1)
	go func() { accepting <- a.accept(ctx, ln) }()
	go a.watchSession(ctx)
	go a.watchClock(ctx)
	a.transfers.sweep()
	a.work.Go(func() { a.openByKeyring(ctx) })

	end := ending{reason: "told to end"}
	select {
	case <-ctx.Done():
	case end = <-a.stop:
	case err := <-accepting:
		return errors.Join(err, a.wind(cancel, ln, nil, false))
	}
	a.log.Info().Str("reason", end.reason).Bool("lock", end.lock).Msg("agent stops")
	if err := a.wind(cancel, ln, accepting, end.lock); err != nil {
		a.log.Error().Err(err).Msg("the vault did not close cleanly")
	}
	if end.lock {
		a.markLocked()
		return a.again(ln, end.keepPIN)
	}
	if err := ln.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("could not close the agent's socket: %w", err)
	}
	return nil
}

func newAgent(cfg Config) *agent {
	a := &agent{
		cfg: cfg, log: cfg.Log, limits: cfg.Limits.withDefaults(), clock: bootTime,
		rules: map[string]protocol.Rule{}, handlers: handlers(),
		visits: make(chan struct{}, 1), dialogs: make(chan struct{}, 1), conns: map[*conn]struct{}{}, stop: make(chan ending, 1),
		tried: make(chan struct{}), loadKeyring: keyring.Load,
	}
	for _, r := range protocol.Table() {
		a.rules[r.Type] = r
	}
	a.program = programFile()
	a.keep.init(a)
	a.ceremonies.init(a)
	a.transfers.init(a)
	a.openings.a = a
	a.quiet, a.life = a.clock(), context.Background()
	return a
}

// accept takes connections. Its listener stays open: it may be handed over.
func (a *agent) accept(ctx context.Context, ln net.Listener) error {
	for {
		c, err := ln.Accept()
		if ctx.Err() != nil {
			if c != nil {
				_ = c.Close()
			}
			return nil
		}
		if err != nil {
			// Out of descriptors, most likely: wait for some to come back rather than spin.
			if errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("the agent's socket is gone: %w", err)
			}
			a.log.Warn().Err(err).Msg("could not take a connection")
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		a.work.Go(func() { a.serve(ctx, c) })
	}
}

// wind stops everything that is under way and closes the vault, within the two seconds that a browser or a machine
// that falls asleep gives us. What was acknowledged is on disk already.
func (a *agent) wind(cancel context.CancelFunc, ln net.Listener, accepting <-chan error, lock bool) error {
	cancel()
	a.transfers.stop()
	stopAccepting(ln)
	if accepting != nil {
		<-accepting
	}
	a.mu.Lock()
	for c := range a.conns {
		c.close()
	}
	a.mu.Unlock()
	done := make(chan struct{})
	go func() { a.work.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(a.limits.WindWithin):
		a.log.Warn().Bool("lock", lock).Msg("requests were still running; they are cut off")
	}
	closed := make(chan error, 1)
	go func() { closed <- a.keep.close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(a.limits.WindWithin):
		return errors.New("closing the vault took too long; its log will be replayed at the next open")
	}
}

// stopAccepting ends accept. A unix socket stays open, so that connections that wait are served by the next process.
func stopAccepting(ln net.Listener) {
	if d, ok := ln.(interface{ SetDeadline(time.Time) error }); ok {
		_ = d.SetDeadline(time.Now())
		return
	}
	_ = ln.Close()
}

// end asks Run to stop. The first reason wins.
func (a *agent) end(e ending) {
	select {
	case a.stop <- e:
	default:
	}
}

// join and leave keep the list of connections.
func (a *agent) join(c *conn) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.conns) >= a.limits.Connections {
		return false
	}
	a.conns[c] = struct{}{}
	return true
}

func (a *agent) leave(c *conn) {
	a.mu.Lock()
	delete(a.conns, c)
	a.quiet = a.clock()
	a.mu.Unlock()
	a.ceremonies.orphan(c)
	a.transfers.orphan(c)
	a.openings.left(c)
}

// connOf returns a connection of the browser profile with this key, or nil where there is none that may act.
func (a *agent) connOf(owner string) *conn {
	var found *conn
	a.each(func(c *conn) {
		if s := c.session.Load(); s != nil && s.id == owner && a.keep.paired(s.id, c.hello.Caller) != no {
			found = c
		}
	})
	return found
}

// each runs f for every connection.
func (a *agent) each(f func(*conn)) {
	a.mu.Lock()
	all := make([]*conn, 0, len(a.conns))
	for c := range a.conns {
		all = append(all, c)
	}
	a.mu.Unlock()
	for _, c := range all {
		f(c)
	}
}

// statusChanged tells every greeted connection, each at its own pace: one that does not read must not hold up an unlock.
func (a *agent) statusChanged() {
	a.each(func(c *conn) {
		if c.greeted.Load() {
			a.work.Go(c.tellStatus)
		}
	})
}
