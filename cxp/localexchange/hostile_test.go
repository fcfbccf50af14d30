//go:build unix

package localexchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
)

// A peer that tells progress for ever holds nobody up: not before it has said what it has to say, and not for longer than an
// exchange may take.
func TestProgressWinsNoTime(t *testing.T) {
	const brief = 200 * time.Millisecond
	one, two := Hello{RPID: "one.example"}, Hello{RPID: "two.example"}
	as := func(h Hello, r Role) Hello { h.Role = r; return h }
	greets := func(w *wire, r Role) {
		_ = w.write(frame{Type: typeHello, Version: 1, RPID: two.RPID, Role: r})
	}
	for name, c := range map[string]struct {
		began  bool
		limits Limits
		says   func(w *wire)
		does   func(c *Conn) error
	}{
		"before its greeting": {true, Limits{Hello: brief}, func(*wire) {}, func(c *Conn) error {
			_, err := c.Hello(ctx, as(one, RoleImporter))
			return err
		}},
		"before its offer": {false, Limits{Piece: brief}, func(w *wire) { greets(w, RoleExporter) }, func(c *Conn) error {
			_, err := c.Hello(ctx, as(one, RoleImporter))
			if err == nil {
				var got *cxf.Header
				_, err = c.Import(ctx, importing(t, one.RPID, &got))
			}
			return err
		}},
		"before its request": {false, Limits{Piece: brief}, func(w *wire) { greets(w, RoleImporter) }, func(c *Conn) error {
			_, err := c.Hello(ctx, as(one, RoleExporter))
			if err == nil {
				_, err = c.Export(ctx, exporting(passkeys(t, 1)))
			}
			return err
		}},
		"before its answer": {true, Limits{Whole: brief}, func(w *wire) { greets(w, RoleExporter) }, func(c *Conn) error {
			_, err := c.Hello(ctx, as(one, RoleImporter))
			if err == nil {
				var got *cxf.Header
				_, err = c.Import(ctx, importing(t, one.RPID, &got))
			}
			return err
		}},
	} {
		a, b := net.Pipe()
		c.limits.Progress = 1 << 30
		conn, w := New(a, c.began, c.limits), newWire(b)
		go func() { _, _ = io.Copy(io.Discard, b) }()
		go func() {
			c.says(w)
			for w.write(frame{Type: typeProgress, Done: 1}) == nil {
				continue
			}
		}()
		if err := c.does(conn); !errors.Is(err, ErrStalled) {
			t.Errorf("%s: %v", name, err)
		}
		_, _ = a.Close(), b.Close()
	}
}

// An importer that takes its time over each piece does not get more of it than an exchange has.
func TestAPayloadIsNotSentForEver(t *testing.T) {
	a, b, _ := pair(t)
	a.limits.Whole = 200 * time.Millisecond
	go func() {
		if _, err := b.Hello(ctx, Hello{RPID: "two.example", Role: RoleImporter}); err == nil {
			var got *cxf.Header
			_, _ = b.Import(ctx, importing(t, "two.example", &got))
		}
	}()
	if _, err := a.Hello(ctx, Hello{RPID: "one.example", Role: RoleExporter}); err != nil {
		t.Fatal(err)
	}
	s := exporting(passkeys(t, 1))
	answer := s.Answer
	s.Answer = func(ctx context.Context, peer Hello, q *cxp.Request) (*cxp.Exporter, error) {
		for a.late() == nil {
			time.Sleep(time.Millisecond)
		}
		return answer(ctx, peer, q)
	}
	if _, err := a.Export(ctx, s); !errors.Is(err, ErrStalled) {
		t.Errorf("it was sent: %v", err)
	}
}

// Between being hashed and being opened by its interpreter a script can be exchanged for another one, and back.
func TestAScriptThatIsExchangedOnTheWayIsNoticed(t *testing.T) {
	hello := `{"type":"hello","version":1,"rpId":"one.example","displayName":"One","role":"exporter"}`
	says := fmt.Sprintf("#!/bin/sh\nprintf '\\%03o\\000\\000\\000%%s' '%s'\ncat >/dev/null\n", len(hello), hello)
	for name, c := range map[string]struct {
		malware string // what runs in the interpreter's place; $0 is the script
		want    error
	}{
		"nothing":                  {`exec /bin/sh "$0"`, nil},
		"another script":           {`mv "$0.evil" "$0"; exec /bin/sh "$0"`, ErrChanged},
		"another script, and back": {`mv "$0" "$0.good"; mv "$0.evil" "$0"; /bin/sh "$0" & sleep 0; mv "$0.good" "$0"; wait`, ErrChanged},
	} {
		dir := t.TempDir()
		app := script(t, filepath.Join(dir, "app"), says)
		script(t, app+".evil", says+"# evil\n")
		p, err := command(t, filepath.Join(dir, "providers"), "/bin/sh", "-c", c.malware, app)
		if err != nil {
			t.Fatal(err)
		}
		pin, err := p.Pin(ctx)
		if err != nil || pin.Script.Path != app {
			t.Fatalf("%+v %v", pin, err)
		}
		conn, err := Start(ctx, *p, &pin, Limits{Hello: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = conn.Hello(ctx, Hello{RPID: "me.example", Role: RoleImporter}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		_ = conn.Close()
	}
}

// What comes after the last piece ends the exchange before anything of it is stored, whatever it is.
func TestNothingComesAfterTheLastPiece(t *testing.T) {
	for _, more := range []frame{
		{Type: typePayload, Seq: 1, Data: "AAAA"}, {Type: typePayload, Seq: 1, Last: true}, {Type: typePayload, Last: true}, {Type: typeResponse, CXP: "e30"},
		{Type: typeRequest, CXP: "e30"}, {Type: typeOffer}, {Type: typeHello, Version: 1, RPID: "one.example", Role: RoleExporter},
		{Type: typeResult, Accepted: 1}, {Type: "gift"},
	} {
		a, b, _ := pair(t)
		go func() {
			if _, err := b.Hello(ctx, Hello{RPID: "one.example", Role: RoleExporter}); err != nil {
				return
			}
			s := exporting(passkeys(t, 2))
			s.Sent = func(_ int64, last bool) {
				if last {
					_ = b.wire.write(more)
				}
			}
			_, _ = b.Export(ctx, s)
		}()
		if _, err := a.Hello(ctx, Hello{RPID: "two.example", Role: RoleImporter}); err != nil {
			t.Fatal(err)
		}
		side := importing(t, "two.example", new(*cxf.Header))
		stored := false
		side.Take = func(ctx context.Context, _ []byte, payload io.Reader) (*Result, error) {
			if _, err := io.Copy(io.Discard, payload); err != nil {
				return nil, err
			}
			select { // as long as its person looks at it
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-time.After(time.Minute):
				stored = true
				return &Result{}, nil
			}
		}
		var wrong *ProtocolError
		if _, err := a.Import(ctx, side); !errors.As(err, &wrong) || stored {
			t.Errorf("%+v after the last piece: %v", more, err)
		}
		if err := side.Request.Err(); !errors.Is(err, cxp.ErrRequestClosed) {
			t.Errorf("the request's keys are still there: %v", err)
		}
	}
}

func TestPathsWithDetoursAreNotTaken(t *testing.T) {
	dir := t.TempDir()
	app := script(t, filepath.Join(dir, "app"), "#!/bin/sh\n")
	if _, err := command(t, filepath.Join(dir, "providers"), "/bin/sh", dir+"/providers/../app"); err == nil {
		t.Error("a script with a detour is taken")
	}
	for _, path := range []string{dir + "/x/../app", dir + "/./app", "/usr/lib/bank/../../.." + app} {
		r := Registration{RPID: "one.example", DisplayName: "One", Roles: []Role{RoleImporter}, Command: []string{path}}
		if Register(Folder{Path: filepath.Join(dir, "providers")}, r) == nil {
			t.Errorf("%s is taken", path)
		}
	}
}

func TestAGreetingsNameIsADomain(t *testing.T) {
	var wrong *ProtocolError
	for _, name := range []string{"", "Two.example", "two.example) which is safe", "b\u0430nk.example", "two.example\n"} {
		a, _, raw := pair(t)
		w := newWire(raw)
		go func() {
			if _, err := w.read(time.Minute); err == nil {
				_ = w.write(frame{Type: typeHello, Version: 1, RPID: name, Role: RoleExporter})
			}
			_, _ = io.Copy(io.Discard, raw)
		}()
		if _, err := a.Hello(ctx, Hello{RPID: "one.example", Role: RoleImporter}); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
