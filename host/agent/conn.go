package agent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
)

// maxBadFrames is how many frames that can't be read a peer may send before its connection is closed.
const maxBadFrames = 100

// helloBytes bounds a greeting.
const helloBytes = 64 << 10

// Roles of a connection.
const (
	roleBridge = "bridge"
	roleCLI    = "cli"
	// roleExchange is a `keyferry exchange`, which another app has started: exchange.go.
	roleExchange = "exchange"
)

// conn is one connection: a bridge, which speaks for one extension in one browser profile, or a command line.
type conn struct {
	a     *agent
	net   net.Conn
	out   *frame.Writer
	peer  peer
	nonce []byte
	hello *protocol.ClientHello // set before greeted is

	greeted atomic.Bool
	telling sync.Mutex

	session atomic.Pointer[session] // nil until signed
	used    atomic.Int64            // boot time in nanoseconds at which a page or site in it last asked

	mu       sync.Mutex
	requests map[string]context.CancelFunc
}

// serve runs one connection to its end.
func (a *agent) serve(ctx context.Context, nc net.Conn) {
	defer func() { _ = nc.Close() }()
	p, err := peerOf(nc)
	if err != nil {
		a.log.Warn().Err(err).Msg("a connection was refused")
		return
	}
	c := &conn{a: a, net: nc, peer: p, nonce: make([]byte, 32), requests: map[string]context.CancelFunc{}}
	c.out = frame.NewWriter(&patientWriter{c: nc, within: a.limits.WriteWithin})
	_, _ = rand.Read(c.nonce) // never fails
	if !a.join(c) {
		a.log.Warn().Int("pid", p.PID).Msg("too many connections; one was refused")
		// Closing before its greeting is read would take the refusal away from the peer again.
		_ = nc.SetReadDeadline(time.Now().Add(time.Second))
		f, _ := frame.NewReader(nc, helloBytes).Read()
		c.send(refusal(f, protocol.Errorf(protocol.CodeRateLimited, "too many connections to the agent")))
		return
	}
	defer a.leave(c)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in := frame.NewReader(nc, a.limits.MessageBytes)
	if err := c.greet(ctx, in); err != nil {
		a.log.Warn().Err(err).Int("pid", p.PID).Str("executable", p.Executable).Msg("a connection was not greeted")
		return
	}
	a.log.Info().Int("pid", p.PID).Str("executable", p.Executable).Str("role", c.hello.Role).Str("caller", c.hello.Caller).Msg("connected")
	if c.hello.Role == roleExchange {
		a.visit(ctx, c)
	} else {
		c.read(ctx, in)
	}
	a.log.Info().Int("pid", p.PID).Msg("disconnected")
}

// greet takes the first frame and answers it.
func (c *conn) greet(ctx context.Context, in *frame.Reader) error {
	_ = c.net.SetReadDeadline(time.Now().Add(c.a.limits.HelloWithin))
	f, err := in.Read()
	if err != nil {
		return fmt.Errorf("no greeting: %w", err)
	}
	refuse := func(e *protocol.Error) error {
		c.send(refusal(f, e))
		return e
	}
	var hello protocol.ClientHello
	if f.Type != "client.hello" {
		return refuse(badRequest("the first frame must be client.hello"))
	}
	if err := decode(f.Body, &hello); err != nil {
		return refuse(badRequest("client.hello can't be read: %v", err))
	}
	if hello.Protocol > protocol.Version && c.a.awaitSuccessor(ctx) {
		return errReplaced // without a word: who connects comes again, and meets the successor
	}
	if e := c.check(hello); e != nil {
		return refuse(e)
	}
	if hello.Version != c.a.cfg.Version {
		c.a.otherVersion.Store(true)
	}
	_ = c.net.SetReadDeadline(time.Time{})
	c.a.keyringTried(ctx)
	c.hello = &hello
	if hello.Role != roleExchange { // events are no frames of an exchange
		c.greeted.Store(true)
	}
	c.event("agent.hello", protocol.AgentHello{
		Protocol: protocol.Version, Version: c.a.cfg.Version, Nonce: c.nonce, Status: c.a.status(c, false), Test: c.a.cfg.Test != nil,
	})
	return nil
}

// check judges a greeting. Names in it are for display and were chosen by whoever connects.
func (c *conn) check(h protocol.ClientHello) *protocol.Error {
	if h.Protocol != protocol.Version {
		side := "the program that calls it"
		if h.Protocol > protocol.Version {
			side = "the running agent (lock it or log out)"
		}
		return protocol.Errorf(protocol.CodeVersion, "the agent speaks protocol %d, its caller %d; restart or update %s", protocol.Version, h.Protocol, side)
	}
	if len(h.Caller) > 256 || len(h.Browser) > 256 || len(h.Version) > 64 {
		return badRequest("a name in client.hello is too long")
	}
	if err := consent.CheckWhere(h.Where); err != nil {
		return badRequest("%v", err)
	}
	switch h.Role {
	case roleCLI, roleExchange:
		if h.Caller != "" {
			return badRequest("only a browser has a caller")
		}
	case roleBridge:
		if c.a.cfg.Callers == nil || !c.a.cfg.Callers(h.Caller) {
			return protocol.Errorf(protocol.CodeUnknownCaller, "this extension is not Keyferry's")
		}
	default:
		return badRequest("the role must be %q or %q", roleBridge, roleCLI)
	}
	return nil
}

// read takes frames until the connection ends, one goroutine per request.
func (c *conn) read(ctx context.Context, in *frame.Reader) {
	for bad := 0; bad < maxBadFrames; {
		f, err := in.Read()
		switch {
		case err == nil:
		case frame.Recoverable(err):
			bad++
			c.send(refusal(f, frame.Refusal(err)))
			continue
		default:
			return
		}
		switch {
		case f.Cancel:
			c.cancel(f.ID)
		case f.Type != "":
			c.begin(ctx, f)
		default:
			bad++
			c.send(refusal(f, badRequest("only requests and cancellations go to the agent")))
		}
	}
}

// begin starts one request, within the limits.
func (c *conn) begin(ctx context.Context, f protocol.Frame) {
	ctx, cancel := context.WithCancelCause(ctx)
	size := int64(len(f.Body))
	refuse := func(e *protocol.Error) {
		cancel(nil)
		clear(f.Body)
		c.send(refusal(f, e))
	}
	c.mu.Lock()
	_, twice := c.requests[f.ID]
	full := len(c.requests) >= c.a.limits.Requests
	if f.ID != "" && !twice && !full {
		c.requests[f.ID] = func() { cancel(errCanceled) }
	}
	c.mu.Unlock()
	switch {
	case f.ID == "":
		refuse(badRequest("a request needs an id"))
	case twice:
		refuse(badRequest("a request with this id is under way"))
	case full:
		refuse(protocol.Errorf(protocol.CodeRateLimited, "too many requests at once; wait for some to be answered"))
	case c.a.held.Add(size) > c.a.limits.HeldBytes:
		c.a.held.Add(-size)
		c.drop(f.ID)
		refuse(protocol.Errorf(protocol.CodeRateLimited, "the agent holds too much already; ask again"))
	default:
		c.a.work.Go(func() {
			defer c.a.held.Add(-size)
			defer cancel(nil)
			c.handle(ctx, f)
		})
	}
}

func (c *conn) drop(id string) {
	c.mu.Lock()
	delete(c.requests, id)
	c.mu.Unlock()
}

func (c *conn) cancel(id string) {
	c.mu.Lock()
	cancel := c.requests[id]
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// event sends an event; a peer that is gone learns nothing.
func (c *conn) event(name string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		c.a.log.Error().Err(err).Str("event", name).Msg("could not write an event")
		return
	}
	c.send(protocol.Frame{Event: name, Body: raw})
}

// tellStatus sends the status as it is when its turn comes, so that the last one sent is never an old one.
func (c *conn) tellStatus() {
	c.telling.Lock()
	defer c.telling.Unlock()
	c.event("status.changed", c.a.status(c, false))
}

// send writes a frame. A peer that does not take it loses its connection: an answer must not be lost in silence.
func (c *conn) send(f protocol.Frame) {
	if err := c.out.Write(f); err != nil {
		c.a.log.Debug().Err(err).Int("pid", c.peer.PID).Msg("could not write to a connection")
		c.close()
	}
}

func (c *conn) close() { _ = c.net.Close() }

// where tells dialogs where the person is.
func (c *conn) where() protocol.Where { return c.hello.Where }

// browserName is what dialogs and the log call the other side: its program, which is a claim, cleaned.
func (c *conn) browserName() string {
	if c.hello.Role == roleCLI {
		return "the command line"
	}
	if c.hello.Browser != "" {
		return consent.Clean(filepath.Base(c.hello.Browser), 40)
	}
	return "a browser"
}

// refusal answers a frame that is not handled: by its name where it has one, else as an event.
func refusal(f protocol.Frame, e *protocol.Error) protocol.Frame {
	switch {
	case f.ID == "":
		return protocol.Frame{Event: "agent.refused", Error: e}
	case f.Type == "":
		return protocol.Frame{ID: f.ID, Re: "frame", Error: e}
	}
	return protocol.Frame{ID: f.ID, Re: f.Type, Error: e}
}

// patientWriter gives a peer a limited time for each frame, so that one that does not read can't hold the agent up.
type patientWriter struct {
	c      net.Conn
	within time.Duration
}

func (w *patientWriter) Write(p []byte) (int, error) {
	if err := w.c.SetWriteDeadline(time.Now().Add(w.within)); err != nil {
		return 0, err
	}
	return w.c.Write(p)
}
