package localexchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/keyferry/keyferry/cxp"
)

// Role is what a side does in an exchange.
type Role string

// The roles.
const (
	RoleImporter Role = "importer"
	RoleExporter Role = "exporter"
)

// Hello is how a side calls itself. All of it is a claim.
type Hello struct {
	RPID        string
	DisplayName string
	Role        Role
}

// Conn is one exchange.
type Conn struct {
	wire   *wire
	limits Limits
	self   Hello
	peer   Hello
	began  bool
	expect string       // the name that the peer is registered by, where this side started it
	still  func() error // whether what was started is what was looked at; nil: this side did not start it
	early  *frame       // what came while this side was busy, and has its turn now
	all    atomic.Bool  // of a payload has gone out: before that no result can come
	over   time.Time    // when waiting ends, however busy the peer says it is; zero: never
	bother int          // progress frames that came

	// Heard, if not nil, is told what the peer says of its own progress, from any goroutine. Set it before Hello.
	Heard func(done, total int64)
}

// New makes a Conn over any two-way stream; began says that this side started the other one. [Start] and [Accept] do it
// for the transport of LOCAL.md.
func New(rw io.ReadWriteCloser, began bool, l Limits) *Conn {
	return &Conn{wire: newWire(rw), limits: l.withDefaults(), began: began}
}

// Close ends the exchange; before its end this is a refusal without a word.
func (c *Conn) Close() error { return c.wire.close() }

// Peer is how the other side called itself.
func (c *Conn) Peer() Hello { return c.peer }

// Hello exchanges greetings and returns the peer's. One side has to be the importer, the other the exporter; a command
// that was started may leave Role empty and becomes what the other side is not.
func (c *Conn) Hello(ctx context.Context, self Hello) (peer Hello, err error) {
	defer c.until(ctx, &err)()
	if !c.began { // the side that began speaks first, so that two never wait for each other to read
		if err := c.readHello(); err != nil {
			return peer, err
		}
		if self.Role == "" && c.peer.Role == RoleImporter {
			self.Role = RoleExporter
		} else if self.Role == "" {
			self.Role = RoleImporter
		}
		c.self = self
		return c.peer, c.writeHello()
	}
	c.self = self
	if err := c.writeHello(); err != nil {
		return peer, err
	}
	if err := c.readHello(); err != nil {
		return peer, err
	}
	return c.peer, c.checkRoles()
}

func (c *Conn) writeHello() error {
	if err := c.checkRoles(); c.peer.Role != "" && err != nil {
		return err
	}
	return c.send(frame{Type: typeHello, Version: 1, RPID: c.self.RPID, DisplayName: c.self.DisplayName, Role: c.self.Role})
}

func (c *Conn) readHello() error {
	f, err := c.soon(c.limits.Hello, typeHello)
	if err != nil {
		return err
	}
	c.over = time.Now().Add(c.limits.Whole)
	if f.Version != 1 {
		return c.refuse(cxp.CodeUnsupportedVersion, broken("version %d", f.Version))
	}
	if !isName(f.RPID) || len(f.DisplayName) > 1024 || f.Role != RoleImporter && f.Role != RoleExporter {
		return c.refuse(cxp.CodeInvalidJSON, broken("a greeting without a name or role"))
	}
	c.peer = Hello{RPID: f.RPID, DisplayName: f.DisplayName, Role: f.Role}
	if c.expect != "" && c.expect != c.peer.RPID {
		return c.refuse(cxp.CodeForbiddenAction, ErrOtherName)
	}
	if c.still != nil { // it speaks: whatever opens its script by a path has done so
		if err := c.still(); err != nil {
			return c.refuse(cxp.CodeForbiddenAction, err)
		}
	}
	return nil
}

func (c *Conn) checkRoles() error {
	if c.self.Role == c.peer.Role {
		return c.refuse(cxp.CodeForbiddenAction, broken("both sides want to be the %s", c.self.Role))
	}
	return nil
}

// Refuse tells the peer why the exchange ends here, and closes it.
func (c *Conn) Refuse(code cxp.Code) error {
	err := c.wire.write(frame{Type: typeError, Error: code})
	return errors.Join(err, c.Close())
}

// refuse is Refuse with a reason of our own, which it returns.
func (c *Conn) refuse(code cxp.Code, reason error) error {
	_ = c.Refuse(code) // the reason is what matters
	return reason
}

// Progress tells the peer how far this side is; either number may be 0.
func (c *Conn) Progress(done, total int64) error {
	return c.wire.write(frame{Type: typeProgress, Done: done, Total: total})
}

// soon is next for what a peer has to say at once: to tell progress instead wins it no time.
func (c *Conn) soon(within time.Duration, want string) (frame, error) {
	over := c.over
	defer func() { c.over = over }()
	if by := time.Now().Add(within); over.IsZero() || by.Before(over) {
		c.over = by
	}
	return c.next(within, want)
}

// late says that the whole exchange has taken too long.
func (c *Conn) late() error {
	if c.over.IsZero() || time.Now().Before(c.over) {
		return nil
	}
	return ErrStalled
}

// next reads the next frame that is no progress. It has to be of the wanted type.
func (c *Conn) next(within time.Duration, want string) (frame, error) {
	for {
		f, err := c.take(within)
		if err != nil {
			return f, err
		}
		if f.Type == typeProgress {
			if err := c.heard(f); err != nil {
				return f, err
			}
			continue
		}
		return f, c.judge(f, want)
	}
}

func (c *Conn) take(within time.Duration) (frame, error) {
	if f := c.early; f != nil {
		c.early = nil
		return *f, nil
	}
	if !c.over.IsZero() {
		within = max(0, min(within, time.Until(c.over)))
	}
	return c.wire.read(within)
}

// judge says whether a frame that is no progress is the wanted one.
func (c *Conn) judge(f frame, want string) error {
	switch f.Type {
	case want:
		return nil
	case typeError:
		return errors.Join(&cxp.PeerError{Code: knownCode(f.Error)}, c.Close())
	}
	if want == "" {
		return c.refuse(cxp.CodeInvalidJSON, broken("%q came where nothing belongs", short(f.Type)))
	}
	return c.refuse(cxp.CodeInvalidJSON, broken("%q came where %q belongs", short(f.Type), want))
}

// send sends a frame. Where that fails, what the peer had to say before it went is why.
func (c *Conn) send(f frame) error {
	err := c.wire.write(f)
	if errors.Is(err, ErrClosed) {
		if why := c.lastWord(); why != nil {
			return why
		}
	}
	return err
}

// lastWord is what a peer said before it closed its end: a refusal, or nonsense; nil where it said nothing.
func (c *Conn) lastWord() error {
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	for {
		select {
		case f := <-c.wire.come():
			if f.Type != typeProgress {
				return c.judge(f, "")
			}
		case <-c.wire.ended:
			var wrong *ProtocolError
			if errors.As(c.wire.err, &wrong) {
				return wrong
			}
			return nil
		case <-patience.C:
			return nil
		}
	}
}

func (c *Conn) heard(f frame) error {
	if c.bother++; c.bother > c.limits.Progress {
		return c.refuse(cxp.CodeForbiddenAction, broken("nothing but progress"))
	}
	if c.Heard != nil && f.Done >= 0 && f.Total >= 0 {
		c.Heard(f.Done, f.Total)
	}
	return nil
}

// watch looks after the peer while this side is busy, with its person for one: ctx ends when the peer refuses, goes or
// misbehaves, for which stop then gives the reason. A frame of type then, which comes next, may come already.
func (c *Conn) watch(ctx context.Context, then string) (busy context.Context, stop func() error) {
	busy, cancel := context.WithCancelCause(ctx)
	enough, done := make(chan struct{}), make(chan struct{})
	var trouble error
	go func() {
		defer close(done)
		for c.early == nil && trouble == nil {
			select {
			case f := <-c.wire.come():
				if f.Type == typeProgress {
					trouble = c.heard(f)
				} else if trouble = c.judge(f, then); trouble == nil && !c.all.Load() {
					trouble = c.refuse(cxp.CodeInvalidJSON, broken("a result of something that has not been sent yet"))
				} else if trouble == nil {
					c.early = &f
				}
			case <-c.wire.ended:
				trouble = c.wire.err
			case <-enough:
				return
			}
		}
		if trouble != nil {
			cancel(trouble)
		}
	}()
	return busy, func() error {
		close(enough)
		<-done
		cancel(nil)
		return trouble
	}
}

// knownCode keeps a peer's own words out of our errors.
func knownCode(code cxp.Code) cxp.Code {
	switch code {
	case cxp.CodeUserCanceled, cxp.CodeIncompatibleHPKE, cxp.CodeMissingImporterKey, cxp.CodeBadImporterKey,
		cxp.CodeUnsupportedVersion, cxp.CodeInvalidJSON:
		return code
	}
	return cxp.CodeForbiddenAction
}

func short(s string) string { return fmt.Sprintf("%.20s", s) }

// until ends the exchange when ctx ends, not without a word to the peer, and then makes the error ctx's.
func (c *Conn) until(ctx context.Context, err *error) (done func()) {
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(time.Second, func() { _ = c.Close() }) // a write that is under way may hold the line
		defer late.Stop()
		_ = c.Refuse(cxp.CodeUserCanceled) // if it still listens
	})
	return func() {
		if !stop() && *err != nil {
			*err = ctx.Err()
		}
	}
}
