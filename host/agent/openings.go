package agent

import (
	"slices"
	"sync"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/vault"
)

// The files that were opened from the desktop, while they wait.

const (
	maxOpenings   = 4                // at once; the oldest makes room
	openingKept   = 15 * time.Minute // for a page to take it: the person may have to unlock first
	openingTries  = 20               // in openingWindow: who opens again and again must not fill the screen
	openingWindow = 10 * time.Minute
	openedRequest = "request" // the kind that is answered by a move out
)

// openings are the files that were opened from the desktop and wait for a browser's page.
type openings struct {
	a *agent

	mu     sync.Mutex
	all    []*opening // the oldest first
	begins attempts
}

// opening is one of them.
type opening struct {
	view  protocol.OpenFile
	name  string
	from  *conn // the command line that hands it over
	shown *conn // the browser that was told
	at    time.Time
	spool *transfer.Spool // nil while somebody has it: to look at it, or for good
	// changed is closed and renewed when the state changes.
	changed chan struct{}
}

// piece adds a piece, and begins with the first.
func (s *openings) piece(c *conn, q protocol.OpenPut) (*opening, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(q.ID)
	if q.ID == "" {
		var err error
		if o, err = s.begin(c, q.Name); err != nil {
			return nil, err
		}
	}
	if o == nil || o.from != c {
		return nil, errNotOpened()
	}
	if o.spool == nil || o.view.State != protocol.OpenReceiving || q.Offset != o.spool.Size() {
		return nil, protocol.Errorf(protocol.CodeStale, "this piece is not the next one")
	}
	if _, err := o.spool.Write(q.Data); err != nil {
		return nil, err
	}
	if q.Last {
		return o, o.spool.Finish()
	}
	return o, nil
}

func errNotOpened() *protocol.Error {
	return protocol.Errorf(protocol.CodeNotFound, "this file is not waiting any more; open it again")
}

// begin makes room for a file.
func (s *openings) begin(c *conn, name string) (*opening, error) {
	now := time.Now()
	if !s.begins.another(now, openingTries, openingWindow) {
		return nil, protocol.Errorf(protocol.CodeRateLimited, "too many files were opened; wait ten minutes")
	}
	s.expire(now)
	if len(s.all) >= maxOpenings {
		s.forget(s.all[0])
	}
	dir, err := s.a.transfers.makeDir()
	if err != nil {
		return nil, err
	}
	spool, err := transfer.NewSpool(dir, cxp.MaxResponseSize)
	if err != nil {
		return nil, err
	}
	o := &opening{
		view: protocol.OpenFile{ID: vault.NewID().String(), State: protocol.OpenReceiving},
		name: consent.Clean(name, 200), from: c, at: now, spool: spool, changed: make(chan struct{}),
	}
	s.all = append(s.all, o)
	return o, nil
}

// expire forgets what nobody took; s.mu is held.
func (s *openings) expire(now time.Time) {
	for len(s.all) > 0 && now.Sub(s.all[0].at) > openingKept {
		s.forget(s.all[0])
	}
}

// finish lets a file wait for a browser, and tells one.
func (s *openings) finish(o *opening, kind string, file *transfer.Spool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.view.Kind = kind
	if s.putBack(o, file) {
		s.set(o, protocol.OpenWaiting)
		s.tell()
	}
}

// putBack takes back what was lent, if there is still a place for it; s.mu is held.
func (s *openings) putBack(o *opening, file *transfer.Spool) bool {
	o.spool = file
	if s.find(o.view.ID) == nil { // it made room for another one
		s.close(o)
		return false
	}
	return true
}

// tell tells a browser of every file that none was told of; s.mu is held. The one in which the person did something last
// is the one that they look at.
func (s *openings) tell() {
	s.expire(time.Now())
	for _, o := range s.all {
		if o.view.State != protocol.OpenWaiting {
			continue
		}
		var best *conn
		s.a.each(func(c *conn) {
			if session := c.session.Load(); session == nil || s.a.keep.paired(session.id, c.hello.Caller) == no {
				return
			}
			if best == nil || c.used.Load() > best.used.Load() {
				best = c
			}
		})
		if best == nil {
			return
		}
		o.shown = best
		s.set(o, protocol.OpenShown)
		id := o.view.ID
		s.a.work.Go(func() { best.event("open.show", protocol.OpenShow{ID: id}) })
	}
}

// look tells browsers of what waits: one has come, or was let in.
func (s *openings) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell()
}

// left takes a connection out: what it was handing over is dropped, and what it was to show is another browser's.
func (s *openings) left(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range slices.Clone(s.all) {
		switch {
		case o.from == c && (o.view.State == protocol.OpenReceiving || o.view.State == protocol.OpenWaiting):
			s.forget(o)
		case o.shown == c && o.view.State == protocol.OpenShown:
			o.shown = nil
			s.set(o, protocol.OpenWaiting)
		}
	}
	s.tell()
}

// take marks a file as taken, and lends it: whoever asks second finds none.
func (s *openings) take(id string) (*opening, *transfer.Spool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(time.Now())
	o := s.find(id)
	if o == nil || o.spool == nil || o.view.State != protocol.OpenShown && o.view.State != protocol.OpenWaiting {
		return nil, nil, errNotOpened()
	}
	s.set(o, protocol.OpenTaken)
	file := o.spool
	o.spool = nil
	return o, file, nil
}

// giveBack lets a file be taken again that no transfer could be made of.
func (s *openings) giveBack(o *opening, file *transfer.Spool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.putBack(o, file) {
		s.set(o, protocol.OpenShown)
	}
}

// lend gives a file away, nil where it is gone.
func (s *openings) lend(o *opening) *transfer.Spool {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := o.spool
	o.spool = nil
	return file
}

func (s *openings) view(o *opening) protocol.OpenFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	return o.view
}

// find returns a file; s.mu is held.
func (s *openings) find(id string) *opening {
	if i := slices.IndexFunc(s.all, func(o *opening) bool { return o.view.ID == id }); i >= 0 {
		return s.all[i]
	}
	return nil
}

// set changes the state; s.mu is held.
func (s *openings) set(o *opening, state string) {
	o.view.State = state
	close(o.changed)
	o.changed = make(chan struct{})
}

// drop removes a file that was lent.
func (s *openings) drop(o *opening, file *transfer.Spool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.spool = file
	s.forget(o)
}

// spent removes the bytes of a file that was lent; that it was taken can still be asked for.
func (s *openings) spent(o *opening, file *transfer.Spool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.spool = file
	s.close(o)
}

// forget removes a file; s.mu is held.
func (s *openings) forget(o *opening) {
	s.all = slices.DeleteFunc(s.all, func(other *opening) bool { return other == o })
	s.close(o)
}

// close removes a file's bytes, unless somebody else has them now; s.mu is held.
func (s *openings) close(o *opening) {
	if o.spool == nil {
		return
	}
	if err := o.spool.Close(); err != nil {
		s.a.log.Warn().Err(err).Msg("could not remove an opened file")
	}
	o.spool = nil
}
