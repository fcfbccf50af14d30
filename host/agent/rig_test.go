package agent

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

const (
	chromeCaller = "chrome-extension://abcdefghijklmnopabcdefghijklmnop/"
	goodPhrase   = "lantern quarry mitten anthem"
)

// floorCost is the least Argon2id work that a vault takes.
var floorCost = vault.Cost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 4}

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
	prompts []consent.Prompt
}

func (p *person) answer(f func(consent.Prompt) ([]byte, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ask = f
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

func (p *person) Confirm(context.Context, consent.Prompt) (bool, error) { return false, nil }

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
		Profile: paths.Profile{Name: "test", VaultDir: filepath.Join(dir, "vault"), RunDir: dir, SocketPath: filepath.Join(dir, "a.sock")},
		Version: "1.2.3", Log: zerolog.New(r.log).Level(zerolog.DebugLevel), Prompt: r.person.find,
		Callers: func(c string) bool { return c == chromeCaller }, Vault: vault.Options{Cost: floorCost}, SystemBus: "unix:path=" + dir + "/no-bus",
	}
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
	case <-time.After(20 * time.Second):
		r.t.Fatal("the agent does not end")
		return nil
	}
}

// client is one connection to the agent.
type client struct {
	t      testing.TB
	r      *rig
	c      net.Conn
	out    *frame.Writer
	hello  protocol.AgentHello
	key    *ecdsa.PrivateKey
	events chan protocol.Frame
	closed chan struct{}

	mu    sync.Mutex
	n     int
	waits map[string]chan protocol.Frame
}

// dial connects and greets.
func (r *rig) dial(h protocol.ClientHello) *client {
	r.t.Helper()
	c, err := r.tryDial(h)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

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
	h.Protocol, h.Version = protocol.Version, "1.2.3"
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

func (c *client) read(in *frame.Reader) {
	defer close(c.closed)
	for {
		f, err := in.Read()
		if err != nil {
			return
		}
		if f.Event != "" {
			select {
			case c.events <- f:
			default:
			}
			continue
		}
		c.mu.Lock()
		w := c.waits[f.ID]
		delete(c.waits, f.ID)
		c.mu.Unlock()
		if w != nil {
			w <- f
		}
	}
}

// pendingCall is a request that was sent and not answered yet.
type pendingCall struct {
	c  *client
	id string
	ch chan protocol.Frame
}

func (c *client) send(s *protocol.Sender, typ string, body any) *pendingCall {
	c.t.Helper()
	c.mu.Lock()
	c.n++
	p := &pendingCall{c: c, id: strconv.Itoa(c.n), ch: make(chan protocol.Frame, 1)}
	c.waits[p.id] = p.ch
	c.mu.Unlock()
	if err := c.out.Write(protocol.Frame{ID: p.id, Type: typ, Sender: s, Body: raw(body)}); err != nil {
		c.t.Fatal(err)
	}
	return p
}

// answer waits for the answer and decodes it.
func (p *pendingCall) answer(out any) error {
	p.c.t.Helper()
	select {
	case f := <-p.ch:
		if f.Error != nil {
			return f.Error
		}
		if out == nil {
			return nil
		}
		return json.Unmarshal(f.Body, out)
	case <-p.c.closed:
		if len(p.ch) > 0 { // it was answered before the end
			return p.answer(out)
		}
		return io.EOF
	case <-time.After(20 * time.Second):
		p.c.t.Fatal("no answer")
		return nil
	}
}

func (p *pendingCall) cancel() {
	p.c.t.Helper()
	if err := p.c.out.Write(protocol.Frame{ID: p.id, Cancel: true}); err != nil {
		p.c.t.Fatal(err)
	}
}

func (c *client) call(s *protocol.Sender, typ string, body, out any) error {
	c.t.Helper()
	return c.send(s, typ, body).answer(out)
}

func (c *client) must(s *protocol.Sender, typ string, body, out any) {
	c.t.Helper()
	if err := c.call(s, typ, body, out); err != nil {
		c.t.Fatalf("%s: %v", typ, err)
	}
}

// event waits for an event of that name, skipping others.
func (c *client) event(name string, out any) {
	c.t.Helper()
	for {
		select {
		case f := <-c.events:
			if f.Event != name {
				continue
			}
			if out != nil {
				if err := json.Unmarshal(f.Body, out); err != nil {
					c.t.Fatal(err)
				}
			}
			return
		case <-time.After(20 * time.Second):
			c.t.Fatalf("no event %s", name)
		}
	}
}

func raw(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// Senders as the background states them.
func page(name string) *protocol.Sender {
	return &protocol.Sender{Kind: protocol.SenderPage, Page: name}
}

func tab(id int, origin string) *protocol.Sender {
	return &protocol.Sender{Kind: protocol.SenderContent, Origin: origin, TabID: id, DocumentID: "doc-" + strconv.Itoa(id)}
}

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

func (c *client) signed() protocol.SessionRequest {
	c.t.Helper()
	return signSession(c.t, c.key, c.hello.Nonce, chromeCaller)
}

func signSession(t testing.TB, key *ecdsa.PrivateKey, nonce []byte, caller string) protocol.SessionRequest {
	t.Helper()
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(append(append([]byte("keyferry session 1\x00"), nonce...), caller...))
	x, y, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	sig := make([]byte, 2*size)
	x.FillBytes(sig[:size])
	y.FillBytes(sig[size:])
	return protocol.SessionRequest{ProtocolMin: 1, ProtocolMax: 1, Version: "1.2.3", PublicKey: spki, Signature: sig}
}

// withVault connects a browser that makes the vault and is paired by that. There is no dialog.
func (r *rig) withVault() (*client, protocol.VaultCreated) {
	r.t.Helper()
	c := r.browser(nil)
	var made protocol.VaultCreated
	c.must(page("welcome"), "vault.create", protocol.VaultCreate{Secret: protocol.Secret{Passphrase: goodPhrase}}, &made)
	return c, made
}

func code(err error) protocol.Code {
	var e *protocol.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func wantCode(t testing.TB, what string, err error, want protocol.Code) {
	t.Helper()
	if code(err) != want {
		t.Errorf("%s: got %v (%s), want %s", what, err, code(err).Name(), want.Name())
	}
}

func randomName() protocol.Bytes {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return b
}

func createOptions(rp string, more map[string]any) json.RawMessage {
	o := map[string]any{
		"rp": map[string]any{"name": "A site", "id": rp}, "user": map[string]any{"id": "dXNlcg", "name": "ann@example.com", "displayName": "Ann"},
		"challenge": "Y2hhbGxlbmdlY2hhbGxlbmdl", "pubKeyCredParams": []map[string]any{{"type": "public-key", "alg": -7}},
	}
	for k, v := range more {
		o[k] = v
	}
	return raw(o)
}

func getOptions(rp string, more map[string]any) json.RawMessage {
	o := map[string]any{"rpId": rp, "challenge": "Y2hhbGxlbmdlY2hhbGxlbmdl"}
	for k, v := range more {
		o[k] = v
	}
	return raw(o)
}

func create(rp string, more map[string]any) protocol.CreateRequest {
	return protocol.CreateRequest{Request: randomName(), Options: createOptions(rp, more), Visible: true, Delegated: true}
}

func get(rp string, more map[string]any) protocol.GetRequest {
	return protocol.GetRequest{Request: randomName(), Options: getOptions(rp, more), Visible: true, Delegated: true}
}

// approve plays the approve window: describe, look, yes.
func (c *client) approve(shown protocol.CeremonyShow, s protocol.Secret) (protocol.CeremonyView, error) {
	c.t.Helper()
	var v protocol.CeremonyView
	c.must(page("approve"), "ceremony.describe", protocol.CeremonyRef{Ceremony: shown.Ceremony}, &v)
	q := protocol.CeremonyApprove{Ceremony: v.Ceremony, Hash: v.Hash, Secret: s}
	if v.Kind == "get" && len(v.Accounts) > 0 {
		q.Account = v.Accounts[0].ID
	}
	return v, c.call(page("approve"), "ceremony.approve", q, nil)
}

// register makes a passkey as a person would.
func (c *client) register(s *protocol.Sender, rp string, more map[string]any) protocol.WebAuthnResult {
	c.t.Helper()
	p := c.send(s, "webauthn.create", create(rp, more))
	var shown protocol.CeremonyShow
	c.event("ceremony.show", &shown)
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		c.t.Fatal(err)
	}
	var out protocol.WebAuthnResult
	if err := p.answer(&out); err != nil {
		c.t.Fatal(err)
	}
	if out.Outcome != "credential" {
		c.t.Fatalf("create: %+v %+v", out, out.Error)
	}
	return out
}
