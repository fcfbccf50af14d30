package agent

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/webauthn"
	"github.com/keyferry/keyferry/vault"
)

// The states of a ceremony, as protocol.CeremonyView.State has them.
const (
	stateLocked  = "locked"  // waits for the vault to be opened
	stateReady   = "ready"   // waits for the person
	stateWorking = "working" // the person said yes; verifying, making or signing
	stateOver    = "over"
)

// ceremony is one WebAuthn call, from its request to its answer. The browser only shows it: what shows it may die and
// come back by name.
type ceremony struct {
	all    *ceremonies
	id     string // random, the window's name for it
	key    ceremonyKey
	digest [sha256.Size]byte // over what was asked: whoever comes back must ask the same
	size   int               // of what was asked, in bytes: about what a ceremony holds
	sender protocol.Sender
	caller string
	where  protocol.Where
	site   string // registrable domain of the origin
	create *webauthn.Creation
	get    *webauthn.Assertion
	began  time.Time
	ctx    context.Context // ends with the ceremony
	stop   context.CancelFunc
	timer  *time.Timer
	done   chan struct{} // closed with the answer in place
	seen   chan struct{} // closed when it first waits for the person with the vault open, or is over

	mu       sync.Mutex
	looked   bool  // seen is closed
	conn     *conn // whose browser shows it; nil while nobody is there
	orphaned *time.Timer
	state    string
	shown    bool // the browser was asked to open a window
	matches  []vault.PasskeyInfo
	excluded bool
	verified bool // the person, within this ceremony
	answer   protocol.WebAuthnResult
	failed   error
	made     vault.ID // create: the passkey, until its delivery is confirmed
}

// ceremonyKey is a request's name among those of one browser profile.
type ceremonyKey struct {
	owner   string // the pairing key's name
	request string // base64url
}

func (c *ceremony) kind() string {
	if c.create != nil {
		return "create"
	}
	return "get"
}

func (c *ceremony) rpID() string {
	if c.create != nil {
		return c.create.RPID
	}
	return c.get.RPID
}

func (c *ceremony) origin() string { return c.sender.Origin }

func (c *ceremony) deadline() time.Time {
	if c.create != nil {
		return c.create.Deadline
	}
	return c.get.Deadline
}

func (c *ceremony) verification() webauthn.Verification {
	if c.create != nil {
		return c.create.Verification
	}
	return c.get.Verification
}

func (c *ceremony) clientData() []byte {
	if c.create != nil {
		return c.create.ClientDataJSON
	}
	return c.get.ClientDataJSON
}

// finish gives the ceremony its answer. Only the first one counts.
func (c *ceremony) finish(answer protocol.WebAuthnResult, failed error) bool {
	c.mu.Lock()
	if c.state == stateOver {
		c.mu.Unlock()
		return false
	}
	c.state = stateOver
	answer.Ceremony = c.id
	if answer.Outcome == outcomeBrowser {
		answer.RemainingMs = max(0, time.Until(c.deadline()).Milliseconds())
	}
	c.answer, c.failed = answer, failed
	shown, conn := c.shown, c.conn
	if c.orphaned != nil {
		c.orphaned.Stop()
	}
	close(c.done)
	c.look()
	c.mu.Unlock()
	c.timer.Stop()
	c.stop()
	c.all.retain(c)
	if shown && conn != nil {
		conn.event("ceremony.end", protocol.CeremonyEnd{Ceremony: c.id})
	}
	return true
}

// toState moves between states, unless the ceremony is over or elsewhere already.
func (c *ceremony) toState(from, to string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != from {
		return false
	}
	c.state = to
	if to == stateReady {
		c.look()
	}
	return true
}

// look closes seen. Called with mu held.
func (c *ceremony) look() {
	if !c.looked {
		c.looked = true
		close(c.seen)
	}
}

// show asks the browser to open the window for it, again for each connection that takes it over. Where the connection ended
// while the ceremony was still being prepared, the one that the browser came back with is asked.
func (c *ceremony) show() {
	c.mu.Lock()
	conn, over := c.conn, c.state == stateOver
	c.shown = true
	c.mu.Unlock()
	if over {
		return
	}
	if conn != nil {
		conn.event("ceremony.show", protocol.CeremonyShow{Ceremony: c.id, Request: c.key.request, TabID: c.sender.TabID})
	} else if heir := c.all.a.connOf(c.key.owner); heir != nil {
		c.adopt(heir)
	}
}

// The outcomes of protocol.WebAuthnResult.
const (
	outcomeCredential = "credential"
	outcomeBrowser    = "browser"
	outcomeError      = "error"
)

// Reasons for leaving a call to the browser that are not package webauthn's.
const (
	reasonNotReady    = "not-ready"
	reasonSiteOff     = "site-off"
	reasonOtherDevice = "other-device"
)

func toBrowser(reason string) protocol.WebAuthnResult {
	return protocol.WebAuthnResult{Outcome: outcomeBrowser, Reason: reason}
}

func domError(e *protocol.DOMError) protocol.WebAuthnResult {
	return protocol.WebAuthnResult{Outcome: outcomeError, Error: e}
}
