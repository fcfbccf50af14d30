package agent

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault/vaulttest"
)

const (
	chromeCaller = "chrome-extension://abcdefghijklmnopabcdefghijklmnop/"
	goodPhrase   = "lantern quarry mitten anthem"
)

// rig is a running agent over a real socket and a real vault, and the person in front of it.

type rig struct {
	t       testing.TB
	cfg     Config
	a       *agent // reached into only where the wire can't show something
	person  *person
	ended   chan error
	stopped bool
	cancel  context.CancelFunc
	log     *syncBuffer
	tune    func(*agent)             // before it runs
	connect func() (net.Conn, error) // nil: as the test's own user
}

type syncBuffer struct {
	mu sync.Mutex
	b  []byte
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b = append(s.b, p...)
	return len(p), nil
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.b)
}

// person answers the agent's dialogs. Without an answer there is no dialog on this machine.

type person struct {
	mu      sync.Mutex
	ask     func(consent.Prompt) ([]byte, error)
	confirm func(consent.Prompt) bool // nil: no
	prompts []consent.Prompt
}

func (p *person) says(s string) {
	p.answer(func(consent.Prompt) ([]byte, error) { return []byte(s), nil })
}

func (p *person) seen() []consent.Prompt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]consent.Prompt(nil), p.prompts...)
}

func (p *person) Kind() string { return "pinentry" }

func (p *person) Ask(ctx context.Context, q consent.Prompt) ([]byte, error) {
	p.mu.Lock()
	p.prompts = append(p.prompts, q)
	ask := p.ask
	p.mu.Unlock()
	type result struct {
		secret []byte
		err    error
	}
	out := make(chan result, 1)
	go func() {
		s, err := ask(q)
		out <- result{s, err}
	}()
	select {
	case r := <-out:
		return r.secret, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *person) Confirm(_ context.Context, q consent.Prompt) (bool, error) {
	p.mu.Lock()
	p.prompts = append(p.prompts, q)
	confirm := p.confirm
	p.mu.Unlock()
	return confirm != nil && confirm(q), nil
}

func (p *person) find(protocol.Where) (consent.Prompter, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ask == nil {
		return nil, consent.ErrNoDialog
	}
	return p, nil
}

type always Decision

func (d always) Decide(string) Decision { return Decision(d) }

// verified stands for a person who is verified in a dialog whenever that is asked for. All else is asked.
type verified struct{}

func (verified) Decide(question string) Decision {
	if question == "verify" {
		return Allow
	}
	return Ask
}

func everVerified(c *Config) { c.Test = verified{} }

// newRig starts an agent whose vault does not exist yet.
func newRig(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "keyferry-agent-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	r := &rig{t: t, person: &person{}, log: &syncBuffer{}}
	r.cfg = Config{
		Profile: paths.Profile{Name: paths.DefaultProfile, VaultDir: filepath.Join(dir, "vault"), RunDir: dir, SocketPath: filepath.Join(dir, "a.sock")},
		Version: "1.2.3", Log: zerolog.New(r.log).Level(zerolog.DebugLevel), Prompt: r.person.find,
		Callers: func(c string) bool { return c == chromeCaller }, Vault: vaulttest.Options(), SystemBus: "unix:path=" + dir + "/no-bus",
	}
	// What ends in this process must have let go of the vault before the next one opens it, however slow the machine is.
	r.cfg.Limits.WindWithin = 30 * time.Second
	for _, f := range change {
		f(&r.cfg)
	}
	r.start()
	t.Cleanup(r.stop)
	return r
}

// start runs the agent, which the tests may reach into.

func (r *rig) start() {
	r.t.Helper()
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: r.cfg.Profile.SocketPath, Net: "unix"})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.ended, r.stopped = cancel, make(chan error, 1), false
	r.a = newAgent(r.cfg)
	if r.tune != nil {
		r.tune(r.a)
	}
	go func() { r.ended <- r.a.run(ctx, ln) }()
}

func (r *rig) stop() {
	if r.stopped {
		return
	}
	r.cancel()
	r.wait()
}

// wait waits for the agent's end.

func (r *rig) wait() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		r.stopped = true
		return err
	case <-time.After(60 * time.Second):
		r.t.Fatal("the agent does not end")
		return nil
	}
}

// client is one connection to the agent.

// dial connects and greets.

func (r *rig) tryDial(h protocol.ClientHello) (*client, error) {
	connect := r.connect
	if connect == nil {
		connect = func() (net.Conn, error) { return net.Dial("unix", r.cfg.Profile.SocketPath) }
	}
	nc, err := connect()
	if err != nil {
		return nil, err
	}
	c := &client{t: r.t, r: r, c: nc, out: frame.NewWriter(nc), events: make(chan protocol.Frame, 256), closed: make(chan struct{}), waits: map[string]chan protocol.Frame{}}
	r.t.Cleanup(func() { _ = nc.Close() })
	h.Protocol, h.Version = cmp.Or(h.Protocol, protocol.Version), cmp.Or(h.Version, "1.2.3")
	if err := c.out.Write(protocol.Frame{ID: "hello", Type: "client.hello", Body: raw(h)}); err != nil {
		return nil, err
	}
	in := frame.NewReader(nc, protocol.MaxMessage)
	f, err := in.Read()
	if err != nil {
		return nil, err
	}
	if f.Error != nil {
		return nil, f.Error
	}
	if f.Event != "agent.hello" {
		return nil, errors.New("no agent.hello: " + f.Event)
	}
	if err := json.Unmarshal(f.Body, &c.hello); err != nil {
		return nil, err
	}
	go c.read(in)
	return c, nil
}

// pendingCall is a request that was sent and not answered yet.

// answer waits for the answer and decodes it.

// event waits for an event of that name, skipping others.

// Senders as the background states them.

// cli connects as the command line.

func (r *rig) cli() *client { r.t.Helper(); return r.dial(protocol.ClientHello{Role: "cli"}) }

// browser connects as a bridge and signs the session with a key.

func (r *rig) browser(key *ecdsa.PrivateKey) *client {
	r.t.Helper()
	c := r.dial(protocol.ClientHello{Role: "bridge", Caller: chromeCaller, Browser: "chromium"})
	c.key = key
	if c.key == nil {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			r.t.Fatal(err)
		}
		c.key = k
	}
	c.must(nil, "session", c.signed(), nil)
	return c
}

// withVault connects a browser that makes the vault and is paired by that. There is no dialog.

func (r *rig) withVault() (*client, protocol.VaultCreated) {
	r.t.Helper()
	c := r.browser(nil)
	var made protocol.VaultCreated
	c.must(page("welcome"), "vault.create", protocol.VaultCreate{Secret: protocol.Secret{Passphrase: goodPhrase}}, &made)
	return c, made
}

// approve plays the approve window: describe, look, yes.

// register makes a passkey as a person would.
