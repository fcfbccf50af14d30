package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

// Agent is a connection to the agent; a *link.Conn.
type Agent interface {
	Send(protocol.Frame) error
	ReceiveWire() (protocol.Frame, error)
	Close() error
}

// Config is what a bridge is made of.
type Config struct {
	In     io.Reader // the browser's pipes
	Out    io.Writer
	Caller string
	Known  func(caller string) bool
	// Dial connects to a profile's agent and exchanges greetings; with start it starts one where none runs.
	Dial func(ctx context.Context, profile string, start bool) (Agent, protocol.AgentHello, error)
	// Exists refuses a profile that is not there; its error is what the browser is told.
	Exists func(profile string) error
	// Patience is how long the bridge waits for the browser's first frame, which may choose a profile, before it
	// reaches for the default one's agent.
	Patience time.Duration
	// Large is called once, when the first piece of a message over [protocol.ChunkSize] passes; it may be nil.
	Large func()
}

// ErrUnknownCaller: the extension that started the bridge is not one of ours.
var ErrUnknownCaller = errors.New("unknown extension")

// Times. A browser gives its hosts two seconds to end.
const (
	drainTime   = time.Second      // for frames that are still in the pipe when the browser has closed it
	sessionTime = 15 * time.Second // for the extension to sign a session after a reconnection
)

// Run relays until the browser closes its pipe (nil), ctx ends, or nothing can be served; then the browser has been
// told why by event "bridge.error", and the error says so too.
func Run(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &relay{
		Config: cfg, out: frame.NewWriter(cfg.Out), requests: newRequests(),
		profile: paths.DefaultProfile, browser: make(chan arrival), agentSays: make(chan arrival), dialed: make(chan dialing),
	}
	if !cfg.Known(cfg.Caller) {
		err := protocol.Errorf(protocol.CodeUnknownCaller,
			"this Keyferry host does not serve %.100q; install the extension and the host from the same source", cfg.Caller)
		return r.fail(err, fmt.Errorf("%w %.100q", ErrUnknownCaller, cfg.Caller))
	}
	go r.readBrowser(ctx)
	go func() {
		if hungUp(cfg.In) {
			time.AfterFunc(drainTime, cancel)
		}
	}()
	// The loop may be stuck in a write to an agent that does not read; the end must not wait for it.
	ended := make(chan error, 1)
	go func() { ended <- r.loop(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

// relay is the state of a running bridge; only loop touches it.
type relay struct {
	Config
	*requests
	out       *frame.Writer
	browser   chan arrival
	agentSays chan arrival
	dialed    chan dialing

	profile     string
	heard       bool             // the browser has sent something
	first       <-chan time.Time // when its first frame has been waited for long enough
	agent       Agent            // nil: not connected
	dialing     bool
	greeted     bool // the browser has seen a greeting
	hadSession  bool // the extension has signed a session on an earlier connection
	inSession   bool // and on this one
	sessionID   string
	sessionOver <-chan time.Time // when held requests have waited long enough for a session
}

type arrival struct {
	from Agent // nil: the browser
	f    protocol.Frame
	err  error
}

type dialing struct {
	profile string
	agent   Agent
	hello   protocol.AgentHello
	start   bool
	err     error
}

func (r *relay) loop(ctx context.Context) error {
	defer func() {
		if r.agent != nil {
			r.agent.Close()
		}
	}()
	r.first = time.After(r.Patience)
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-r.first:
			r.begin(ctx)
		case a := <-r.browser:
			err = r.fromBrowser(ctx, a)
		case a := <-r.agentSays:
			err = r.fromAgent(ctx, a)
		case d := <-r.dialed:
			err = r.connected(ctx, d)
		case <-r.sessionOver:
			err = r.refuseHeld(protocol.Errorf(protocol.CodeAgentGone, "the agent restarted and no new session was signed; ask again"))
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
			return nil // the browser is gone
		case err != nil:
			return err
		}
	}
}

func (r *relay) readBrowser(ctx context.Context) {
	in := frame.NewReader(r.In, protocol.MaxMessage)
	for {
		f, err := in.ReadWire()
		select {
		case r.browser <- arrival{f: f, err: err}:
		case <-ctx.Done():
			return
		}
		if err != nil && !frame.Recoverable(err) {
			return
		}
	}
}

// fromBrowser handles what the browser sent; its error ends the bridge.
func (r *relay) fromBrowser(ctx context.Context, a arrival) error {
	f := a.f
	if a.err == nil && f.Type != "bridge.profile" {
		r.heard = true
		r.begin(ctx)
	}
	switch {
	case a.err != nil && !frame.Recoverable(a.err):
		return a.err
	case a.err != nil && f.ID != "":
		return r.out.Write(protocol.Frame{ID: f.ID, Re: unknownType, Error: frame.Refusal(a.err)})
	case a.err != nil:
		return r.fail(frame.Refusal(a.err), a.err)
	case f.Re != "" || f.Event != "":
		return r.fail(protocol.Errorf(protocol.CodeBadRequest, "a browser sends requests, cancellations and chunks only"),
			errors.New("the browser sent an answer or an event"))
	case f.ID == "" && f.Chunk == nil:
		return r.fail(protocol.Errorf(protocol.CodeBadRequest, "a request needs an id"), errors.New("the browser sent a request without an id"))
	case f.Type == "client.hello":
		return r.refuse(f, protocol.Errorf(protocol.CodeNotAllowed, "client.hello is between bridge and agent"))
	case f.Type == "bridge.profile":
		return r.choose(ctx, f)
	case f.Cancel:
		return r.cancel(f)
	case len(r.open) >= maxOpen, f.Chunk != nil && (len(f.Chunk.Of) > maxName || len(r.chunks) >= maxOpen):
		return r.refuse(f, protocol.Errorf(protocol.CodeRateLimited, "more than %d requests are open", maxOpen))
	case r.agent == nil || r.hadSession && !r.inSession && f.Type != "session":
		return r.holdBack(ctx, f)
	default:
		return r.send(f)
	}
}

// holdBack keeps a request until there is an agent, and a session where there was one before.
func (r *relay) holdBack(ctx context.Context, f protocol.Frame) error {
	if r.agent == nil && f.Type == "session" && r.greeted {
		// It was signed over the nonce of an agent that is gone.
		return r.refuse(f, protocol.Errorf(protocol.CodeAgentGone, "the agent restarted; sign a session over its new nonce"))
	}
	if !r.hold(f) {
		return r.refuse(f, protocol.Errorf(protocol.CodeRateLimited, "too many requests while the agent starts; wait"))
	}
	if r.agent == nil && !r.dialing {
		r.dial(ctx, true)
	}
	return nil
}

// cancel passes a cancellation on, or answers a held request itself. One that has been answered needs nothing.
func (r *relay) cancel(f protocol.Frame) error {
	if typ, held := r.unhold(f.ID); held {
		return r.out.Write(protocol.Frame{ID: f.ID, Re: typ, Error: protocol.Errorf(protocol.CodeCanceled, "cancelled")})
	}
	if _, open := r.open[f.ID]; open && r.agent != nil {
		return r.send(f)
	}
	return nil
}

// send passes a frame on. An error of the agent's pipe is no end: its reader notices too, and says so.
func (r *relay) send(f protocol.Frame) error {
	if !r.sent(f) {
		return nil
	}
	r.noteLarge(f)
	if f.Type == "session" {
		r.sessionID = f.ID
	}
	if err := r.agent.Send(f); err != nil {
		r.agent.Close()
	}
	return nil
}

func (r *relay) noteLarge(f protocol.Frame) {
	if f.Chunk != nil && r.Large != nil {
		r.Large()
		r.Large = nil
	}
}

// fromAgent handles what the agent sent, or its end.
func (r *relay) fromAgent(ctx context.Context, a arrival) error {
	if a.from != r.agent {
		return nil // the last words of one that has been given up
	}
	if a.err != nil {
		return r.agentGone(ctx)
	}
	r.answered(a.f)
	r.noteLarge(a.f)
	if err := r.out.Write(a.f); err != nil {
		return err
	}
	if a.f.Re == "session" && a.f.ID == r.sessionID {
		r.inSession, r.hadSession, r.sessionOver = true, r.hadSession || a.f.Error == nil, nil
		return r.sendHeld()
	}
	return nil
}

// agentGone answers what the agent had, and looks whether it is there again, as it is after locking.
func (r *relay) agentGone(ctx context.Context) error {
	r.agent.Close()
	r.agent, r.inSession, r.sessionOver = nil, false, nil
	for _, answer := range r.lost(protocol.Errorf(protocol.CodeAgentGone, "the agent ended or locked before it answered; ask again")) {
		if err := r.out.Write(answer); err != nil {
			return err
		}
	}
	r.dial(ctx, false)
	return nil
}

func (r *relay) dial(ctx context.Context, start bool) {
	r.dialing = true
	profile := r.profile
	go func() {
		agent, hello, err := r.Dial(ctx, profile, start)
		select {
		case r.dialed <- dialing{profile, agent, hello, start, err}:
		case <-ctx.Done():
			if err == nil {
				agent.Close()
			}
		}
	}()
}

// connected takes up a new connection: the greeting goes to the browser before anything else.
func (r *relay) connected(ctx context.Context, d dialing) error {
	if d.profile != r.profile { // the browser has chosen another meanwhile
		if d.err == nil {
			d.agent.Close()
		}
		return nil
	}
	r.dialing = false
	switch {
	case d.err == nil:
	case r.greeted && refusal(d.err).Code == protocol.CodeVersion:
		// An update came while the browser ran: this process is the old binary. Its end makes the extension start
		// the bridge anew, which is then the new one.
		return r.fail(refusal(d.err), d.err)
	case d.start && !r.greeted:
		return r.fail(refusal(d.err), d.err)
	case d.start:
		return r.refuseHeld(refusal(d.err))
	case len(r.held) > 0:
		r.dial(ctx, true) // a request came while we only looked
		return nil
	default:
		return nil
	}
	body, err := json.Marshal(d.hello)
	if err != nil {
		return err
	}
	r.agent, r.greeted = d.agent, true
	go r.readAgent(ctx, d.agent)
	if err := r.out.Write(protocol.Frame{Event: "agent.hello", Body: body}); err != nil {
		return err
	}
	if r.hadSession {
		r.sessionOver = time.After(sessionTime)
		return nil
	}
	return r.sendHeld()
}

func (r *relay) readAgent(ctx context.Context, agent Agent) {
	for {
		f, err := agent.ReceiveWire()
		select {
		case r.agentSays <- arrival{agent, f, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (r *relay) sendHeld() error {
	for _, f := range r.release() {
		if err := r.send(f); err != nil {
			return err
		}
	}
	return nil
}

func (r *relay) refuseHeld(refusal *protocol.Error) error {
	r.sessionOver = nil
	for _, f := range r.release() {
		if err := r.refuse(f, refusal); err != nil {
			return err
		}
	}
	return nil
}

// refuse answers a request in the agent's stead. A chunk that does not say whose it is can't be answered.
func (r *relay) refuse(f protocol.Frame, refusal *protocol.Error) error {
	if f.ID == "" {
		return r.fail(refusal, refusal)
	}
	return r.out.Write(protocol.Frame{ID: f.ID, Re: typeOf(f), Error: refusal})
}

// fail tells the browser why it can't be served, and returns what ends the bridge.
func (r *relay) fail(refusal *protocol.Error, err error) error {
	if gone := r.out.Write(protocol.Frame{Event: "bridge.error", Error: refusal}); gone != nil {
		return gone
	}
	return err
}

// refusal is what the browser gets for an agent that can't be reached.
func refusal(err error) *protocol.Error {
	var refused *protocol.Error
	if errors.As(err, &refused) {
		return refused
	}
	return protocol.Errorf(protocol.CodeAgentGone, "Keyferry's agent can't be reached: %v", err)
}
