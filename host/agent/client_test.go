package agent

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
)

func (p *person) answer(f func(consent.Prompt) ([]byte, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ask = f
}

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

func (r *rig) dial(h protocol.ClientHello) *client {
	r.t.Helper()
	c, err := r.tryDial(h)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
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

type pendingCall struct {
	c  *client
	id string
	ch chan protocol.Frame
}

func (c *client) send(s *protocol.Sender, typ string, body any) *pendingCall {
	c.t.Helper()
	p, err := c.trySend(s, typ, body)
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

// trySend is send to an agent that may be gone.
func (c *client) trySend(s *protocol.Sender, typ string, body any) (*pendingCall, error) {
	c.mu.Lock()
	c.n++
	p := &pendingCall{c: c, id: strconv.Itoa(c.n), ch: make(chan protocol.Frame, 1)}
	c.waits[p.id] = p.ch
	c.mu.Unlock()
	return p, c.out.Write(protocol.Frame{ID: p.id, Type: typ, Sender: s, Body: raw(body)})
}

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
	case <-time.After(60 * time.Second):
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
		case <-time.After(60 * time.Second):
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

func page(name string) *protocol.Sender {
	return &protocol.Sender{Kind: protocol.SenderPage, Page: name}
}

func tab(id int, origin string) *protocol.Sender {
	return &protocol.Sender{Kind: protocol.SenderContent, Origin: origin, TabID: id, DocumentID: "doc-" + strconv.Itoa(id)}
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
