package agent

import (
	"crypto/subtle"
	"sync"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/webauthn"
)

const (
	maxCeremonies = 128              // that wait for somebody
	keepAnswered  = 10 * time.Minute // so that who lost the answer can ask again, and deliveries can be confirmed
	maxAnswered   = 256
	maxKept       = 4 << 20 // bytes of what was asked by those; one takes 1 MiB at most
)

// ceremonies are those under way, and the answers of the last ones.
type ceremonies struct {
	a *agent

	mu       sync.Mutex
	byKey    map[ceremonyKey]*ceremony
	byID     map[string]*ceremony
	answered []*ceremony // oldest first
	kept     int         // their sizes
	windows  map[string]*bucket
}

func (s *ceremonies) init(a *agent) {
	s.a = a
	s.byKey, s.byID, s.windows = map[ceremonyKey]*ceremony{}, map[string]*ceremony{}, map[string]*bucket{}
}

// find returns the ceremony of a name.
func (s *ceremonies) find(k ceremonyKey) *ceremony {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byKey[k]
}

// byName returns the ceremony that a window asks for, if it belongs to the window's own browser profile.
func (s *ceremonies) byName(id string, conn *conn) (*ceremony, error) {
	s.mu.Lock()
	c := s.byID[id]
	s.mu.Unlock()
	signed := conn.session.Load()
	if c == nil || signed == nil || subtle.ConstantTimeCompare([]byte(c.key.owner), []byte(signed.id)) != 1 {
		return nil, protocol.Errorf(protocol.CodeNotFound, "this request is over")
	}
	return c, nil
}

// add begins to keep a ceremony. A tab has one that waits for the person: a new document in the same frame replaces
// the former one's, as a navigation does; anything else that asks meanwhile is told what browsers tell it.
func (s *ceremonies) add(c *ceremony) (replaced []*ceremony, refused *protocol.DOMError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prune()
	waiting := 0
	for _, o := range s.byID {
		if o.isOver() {
			continue
		}
		waiting++
		if o.key.owner != c.key.owner || o.sender.TabID != c.sender.TabID {
			continue
		}
		if o.sender.FrameID == c.sender.FrameID && (o.sender.DocumentID != c.sender.DocumentID || c.sender.DocumentID == "") {
			replaced = append(replaced, o)
			continue
		}
		return nil, &protocol.DOMError{Name: "OperationError", Message: "A request is already pending."}
	}
	if waiting-len(replaced) >= maxCeremonies {
		return nil, webauthn.NotAllowedError()
	}
	s.byKey[c.key], s.byID[c.id] = c, c
	return replaced, nil
}

// retain keeps a ceremony that is over for a while.
func (s *ceremonies) retain(c *ceremony) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byKey[c.key], s.byID[c.id] = c, c
	s.answered = append(s.answered, c)
	s.kept += c.size
	s.prune()
}

// prune forgets answers that are old or too many. Called with mu held.
func (s *ceremonies) prune() {
	old := time.Now().Add(-keepAnswered)
	for len(s.answered) > 0 && (len(s.answered) > maxAnswered || s.kept > maxKept || s.answered[0].began.Before(old)) {
		c := s.answered[0]
		s.answered[0], s.answered = nil, s.answered[1:]
		s.kept -= c.size
		if s.byKey[c.key] == c {
			delete(s.byKey, c.key)
		}
		delete(s.byID, c.id)
	}
}

// live returns the ceremonies that f picks among those that are not over.
func (s *ceremonies) live(f func(*ceremony) bool) []*ceremony {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*ceremony
	for _, c := range s.byID {
		if !c.isOver() && f(c) {
			out = append(out, c)
		}
	}
	return out
}

func (c *ceremony) isOver() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// orphan is called when a connection ends: its ceremonies wait a while for somebody to take them over. A browser that came
// back before the end of its old connection was noticed has signed its session already and takes them at once.
func (s *ceremonies) orphan(gone *conn) {
	for _, c := range s.live(func(*ceremony) bool { return true }) {
		c.mu.Lock()
		mine := c.conn == gone
		if mine {
			c.conn = nil
			c.orphaned = time.AfterFunc(s.a.limits.Reattach, func() { c.finish(domError(webauthn.NotAllowedError()), nil) })
		}
		c.mu.Unlock()
		if !mine {
			continue
		}
		if heir := s.a.connOf(c.key.owner); heir != nil {
			c.adopt(heir)
		}
	}
}

// attach hands a ceremony over to a connection of the same browser profile.
func (c *ceremony) attach(to *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.belong(to)
}

// belong gives the ceremony a connection. Called with mu held.
func (c *ceremony) belong(to *conn) {
	c.conn = to
	if c.orphaned != nil {
		c.orphaned.Stop()
		c.orphaned = nil
	}
}

// adopt hands over a ceremony whose window was lost with its connection, and has the window opened again. It does so once,
// whether the old connection's end or the new one's session comes first.
func (c *ceremony) adopt(to *conn) {
	c.mu.Lock()
	lost := c.conn == nil && c.shown && c.state != stateOver
	if lost {
		c.belong(to)
	}
	c.mu.Unlock()
	if lost {
		c.show()
	}
}

// reattach is called when a session is signed: windows of its profile's ceremonies may have to be opened again.
func (s *ceremonies) reattach(to *conn, owner string) {
	for _, c := range s.live(func(c *ceremony) bool { return c.key.owner == owner }) {
		c.adopt(to)
	}
}

// revoke ends the ceremonies of a browser profile that has lost its right.
func (s *ceremonies) revoke(owner string) {
	for _, c := range s.live(func(c *ceremony) bool { return c.key.owner == owner }) {
		c.finish(protocol.WebAuthnResult{}, errNotPaired())
	}
}

// unlocked is called when the vault was opened: what waited for that goes on.
func (s *ceremonies) unlocked() {
	for _, c := range s.live(func(c *ceremony) bool { return true }) {
		if c.toState(stateLocked, stateWorking) {
			s.a.work.Go(func() { s.a.proceed(c) })
		}
	}
}

// A site may make windows appear this often, as long as the person does not say yes to any of them.
const (
	windowBurst  = 6
	windowRefill = 20 * time.Second
)

// bucket counts the windows that a site may still open.
type bucket struct {
	left float64
	at   time.Time
}

// mayShow takes one window from a site's allowance. It comes back with a yes (see pleased).
func (s *ceremonies) mayShow(owner, site string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.windows) > 1024 {
		for k, b := range s.windows {
			if now.Sub(b.at) > windowBurst*windowRefill {
				delete(s.windows, k)
			}
		}
	}
	key := owner + " " + site
	b := s.windows[key]
	if b == nil {
		if len(s.windows) > 4096 {
			return false // somebody makes up sites
		}
		b = &bucket{left: windowBurst, at: now}
		s.windows[key] = b
	}
	b.left = min(windowBurst, b.left+now.Sub(b.at).Seconds()/windowRefill.Seconds())
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// pleased gives a site's allowance back: the person wanted that window.
func (s *ceremonies) pleased(owner, site string) {
	s.mu.Lock()
	delete(s.windows, owner+" "+site)
	s.mu.Unlock()
}
