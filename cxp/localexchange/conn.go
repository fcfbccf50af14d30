package localexchange

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	wire   wire
	limits Limits
	self   Hello
	peer   Hello
	began  bool
}

// New makes a Conn over any two-way stream; began says that this side started the other one. [Start] and [Accept] do it
// for the transport of LOCAL.md.
func New(rw io.ReadWriteCloser, began bool, l Limits) *Conn {
	return &Conn{wire: wire{rw: rw}, limits: l.withDefaults(), began: began}
}

// Close ends the exchange; before its end this is a refusal without a word.
func (c *Conn) Close() error { return c.wire.rw.Close() }

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
	return c.wire.write(frame{Type: typeHello, Version: 1, RPID: c.self.RPID, DisplayName: c.self.DisplayName, Role: c.self.Role})
}

func (c *Conn) readHello() error {
	f, err := c.next(c.limits.Hello, typeHello)
	if err != nil {
		return err
	}
	if f.Version != 1 {
		return c.refuse(cxp.CodeUnsupportedVersion, broken("version %d", f.Version))
	}
	if f.RPID == "" || len(f.RPID) > 253 || len(f.DisplayName) > 1024 || f.Role != RoleImporter && f.Role != RoleExporter {
		return c.refuse(cxp.CodeInvalidJSON, broken("a greeting without a name or role"))
	}
	c.peer = Hello{RPID: f.RPID, DisplayName: f.DisplayName, Role: f.Role}
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

// next reads the next frame that is no progress. It has to be of the wanted type.
func (c *Conn) next(within time.Duration, want string) (frame, error) {
	for range maxProgress {
		f, err := c.wire.read(within)
		switch {
		case err != nil:
			return f, err
		case f.Type == typeProgress:
			continue
		case f.Type == typeError:
			return f, errors.Join(&cxp.PeerError{Code: knownCode(f.Error)}, c.Close())
		case f.Type != want:
			return f, c.refuse(cxp.CodeInvalidJSON, broken("%q came where %q belongs", short(f.Type), want))
		}
		return f, nil
	}
	return frame{}, c.refuse(cxp.CodeForbiddenAction, broken("nothing but progress"))
}

// maxProgress is how many progress frames in a row are borne.
const maxProgress = 100_000

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

// until closes the connection when ctx ends, and then makes the error ctx's.
func (c *Conn) until(ctx context.Context, err *error) (done func()) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	return func() {
		stop()
		if *err != nil && ctx.Err() != nil {
			*err = ctx.Err()
		}
	}
}
