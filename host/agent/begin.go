package agent

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/webauthn"
)

// webauthnCreate answers "webauthn.create".
func webauthnCreate(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.CreateRequest
	if err := r.read(&q); err != nil {
		return nil, err
	}
	return a.ceremony(ctx, r, call{q.Request, q.Options, q.Mediation, q.Visible, q.Delegated, true})
}

// webauthnGet answers "webauthn.get".
func webauthnGet(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.GetRequest
	if err := r.read(&q); err != nil {
		return nil, err
	}
	return a.ceremony(ctx, r, call{q.Request, q.Options, q.Mediation, q.Visible, q.Delegated, false})
}

// call is what both requests have in common.
type call struct {
	request            []byte
	options            json.RawMessage
	mediation          string
	visible, delegated bool
	create             bool
}

// ceremony begins a ceremony, or finds the one of that name, and waits for its answer.
func (a *agent) ceremony(ctx context.Context, r *request, q call) (any, error) {
	if len(q.request) != 16 {
		return nil, badRequest("a request's name has 16 bytes")
	}
	key := ceremonyKey{owner: r.conn.session.Load().id, request: base64.RawURLEncoding.EncodeToString(q.request)}
	digest := q.digest(r.sender)
	if c := a.ceremonies.find(key); c != nil {
		if c.digest != digest {
			return nil, protocol.Errorf(protocol.CodeConflict, "this name belongs to another request")
		}
		c.attach(r.conn)
		c.mu.Lock()
		again := c.shown && c.state != stateOver
		c.mu.Unlock()
		if again {
			c.show()
		}
		return a.await(ctx, c)
	}
	c, early, err := a.newCeremony(r, q, key)
	if c == nil {
		return early, err
	}
	c.digest, c.size = digest, len(q.options)
	return a.begin(ctx, c)
}

// digest is over everything that was asked and by whom.
func (q call) digest(s protocol.Sender) [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%v %q %q %q %d %d %q %v ", q.create, q.mediation, s.Origin, s.Ancestors, s.TabID, s.FrameID, s.DocumentID, q.delegated)
	h.Write(q.options)
	return [sha256.Size]byte(h.Sum(nil))
}

// newCeremony reads the call. What is none of ours is answered at once, without a trace on the screen.
func (a *agent) newCeremony(r *request, q call, key ceremonyKey) (*ceremony, *protocol.WebAuthnResult, error) {
	now := time.Now()
	c := &ceremony{
		key: key, sender: r.sender, caller: r.conn.hello.Caller, where: r.conn.where(), conn: r.conn, began: now,
		all: &a.ceremonies, state: stateWorking, done: make(chan struct{}), seen: make(chan struct{}),
	}
	caller := webauthn.Caller{Origin: r.sender.Origin, Ancestors: r.sender.Ancestors, Delegated: q.delegated}
	var err error
	if q.create {
		c.create, err = webauthn.NewCreation(q.options, q.mediation, caller, now)
	} else {
		c.get, err = webauthn.NewAssertion(q.options, q.mediation, caller, now)
	}
	if err != nil {
		early, err := early(err)
		return nil, early, err
	}
	site, ok := webauthn.Site(r.sender.Origin)
	if !ok {
		early := toBrowser(webauthn.ReasonOrigin)
		return nil, &early, nil
	}
	if !q.visible || a.keep.state() == "none" || a.keep.state() == "damaged" {
		early := toBrowser(reasonNotReady)
		early.RemainingMs = time.Until(c.deadline()).Milliseconds()
		return nil, &early, nil
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	c.id, c.site = base64.RawURLEncoding.EncodeToString(id[:]), site
	return c, nil, nil
}

// early turns a refusal of package webauthn into an answer.
func early(err error) (*protocol.WebAuthnResult, error) {
	var browser *webauthn.BrowserError
	var dom *protocol.DOMError
	switch {
	case errors.As(err, &browser):
		out := toBrowser(browser.Reason)
		return &out, nil
	case errors.As(err, &dom):
		out := domError(dom)
		return &out, nil
	}
	return nil, err
}

// begin lets a ceremony go as far as it gets without the person, and waits for the rest.
func (a *agent) begin(ctx context.Context, c *ceremony) (any, error) {
	c.ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.timer = time.AfterFunc(time.Until(c.deadline()), func() { c.finish(domError(webauthn.NotAllowedError()), nil) })
	replaced, refused := a.ceremonies.add(c)
	if refused != nil {
		c.finish(domError(refused), nil)
		return &c.answer, nil
	}
	for _, o := range replaced {
		o.finish(domError(webauthn.NotAllowedError()), nil)
	}
	if _, err := a.keep.open(); err != nil {
		if !errors.Is(err, errLockedVault()) {
			c.finish(toBrowser(reasonNotReady), nil)
		} else if a.decide(c.kind()) == Deny {
			c.finish(domError(webauthn.NotAllowedError()), nil)
		} else {
			a.showAs(c, stateLocked)
		}
	} else {
		a.proceed(c)
	}
	return a.await(ctx, c)
}

// showAs waits for the person, if the site has not worn out their patience.
func (a *agent) showAs(c *ceremony, state string) {
	c.mu.Lock()
	shown := c.shown
	c.mu.Unlock()
	if !shown && !a.ceremonies.mayShow(c.key.owner, c.site, time.Now()) {
		a.log.Warn().Msg("a site asks too often; it is refused without a window")
		c.finish(domError(webauthn.NotAllowedError()), nil)
		return
	}
	if !c.toState(stateWorking, state) {
		return
	}
	if state == stateLocked {
		// The vault may have been opened between the look at it and now.
		if _, err := a.keep.open(); err == nil && c.toState(stateLocked, stateWorking) {
			a.proceed(c)
			return
		}
	}
	c.show()
}

// proceed goes on with the vault open: is this browser paired, is the site switched on, is there anything for it.
// The state is "working" and becomes "ready" or "over".
func (a *agent) proceed(c *ceremony) {
	if err := a.prepare(c); err != nil {
		a.unable(c, err)
		return
	}
	switch a.decide(c.kind()) {
	case Allow:
		c.mu.Lock()
		c.verified = true
		account := ""
		if len(c.matches) > 0 {
			account = c.matches[0].ID.String()
		}
		c.mu.Unlock()
		a.perform(c, account, true)
	case Deny:
		c.finish(domError(webauthn.NotAllowedError()), nil)
	case Ask:
		a.showAs(c, stateReady)
	}
}

// unable ends a ceremony with what an error says: to the browser, to the page, or a fault.
func (a *agent) unable(c *ceremony, err error) {
	out, err := early(err)
	if err != nil {
		c.finish(protocol.WebAuthnResult{}, err)
		return
	}
	c.finish(*out, nil)
}

// prepare looks up what the ceremony is about.
func (a *agent) prepare(c *ceremony) error {
	if a.keep.paired(c.key.owner, c.caller) != yes {
		return errNotPaired()
	}
	if a.keep.siteOff(c.site) {
		return &webauthn.BrowserError{Reason: reasonSiteOff}
	}
	v, err := a.keep.open()
	if err != nil {
		return err
	}
	if c.create != nil {
		excluded, err := c.create.Excluded(c.ctx, v)
		if err != nil {
			return err
		}
		c.mu.Lock()
		c.excluded = excluded
		c.mu.Unlock()
		return nil
	}
	matches, err := c.get.Matches(c.ctx, v)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.matches = matches
	c.mu.Unlock()
	return nil
}

// await returns the answer when it is there. A request that is cancelled ends the ceremony; a connection that breaks
// does not.
func (a *agent) await(ctx context.Context, c *ceremony) (any, error) {
	select {
	case <-c.done:
	case <-ctx.Done():
		canceled := errors.Is(context.Cause(ctx), errCanceled)
		if canceled && c.isOver() {
			break // the answer was on its way already
		}
		if canceled {
			c.finish(domError(&protocol.DOMError{Name: "AbortError", Message: "The request was aborted."}), nil)
		}
		return nil, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return nil, c.failed
	}
	return &c.answer, nil
}

// documentGone answers "webauthn.gone": a tab or document is not there any more.
func documentGone(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.DocumentGone
	if err := r.read(&q); err != nil {
		return nil, err
	}
	owner := r.conn.session.Load().id
	for _, c := range a.ceremonies.live(func(c *ceremony) bool {
		return c.key.owner == owner && q.TabID == c.sender.TabID && goneWith(q, c.sender)
	}) {
		c.finish(domError(webauthn.NotAllowedError()), nil)
	}
	return protocol.Empty{}, nil
}

// goneWith reports whether a document of the tab is gone. Frame 0 with a document's name is a navigation of the tab,
// whose new document may be asking already.
func goneWith(q protocol.DocumentGone, s protocol.Sender) bool {
	switch {
	case q.FrameID == 0 && q.DocumentID == "":
		return true
	case q.FrameID == 0:
		return s.FrameID != 0 || s.DocumentID == q.DocumentID || s.DocumentID == ""
	}
	return s.FrameID == q.FrameID && (q.DocumentID == "" || s.DocumentID == "" || s.DocumentID == q.DocumentID)
}
