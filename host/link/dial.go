package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

// ErrNoAgent: no agent runs for this vault, and none was to be started.
var ErrNoAgent = errors.New("no agent is running for this vault")

// dialTimeout bounds a Dial whose context has no deadline, the start of an agent included.
const dialTimeout = 15 * time.Second

// Conn is a connection to the agent, greetings done.
type Conn struct {
	conn net.Conn
	in   *frame.Reader
	out  *frame.Writer
}

// Dial connects to a profile's agent and exchanges greetings: hello goes out, the agent's comes back. Where no agent
// runs, start is called to start one; with a nil start the error is then [ErrNoAgent]. An agent that refuses the
// greeting (another protocol version, another user) gives its [*protocol.Error].
func Dial(ctx context.Context, p paths.Profile, hello protocol.ClientHello, start Starter) (*Conn, protocol.AgentHello, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := p.EnsureRunDir(); err != nil {
		return nil, protocol.AgentHello{}, err
	}
	for {
		conn, err := connectOrStart(ctx, p, start)
		if err != nil {
			return nil, protocol.AgentHello{}, err
		}
		greeting, err := conn.greet(ctx, hello)
		if err == nil {
			return conn, greeting, nil
		}
		conn.Close()
		// An agent that was just about to end, or to start anew because it locks, takes a connection and drops it.
		if !dropped(err) || ctx.Err() != nil {
			return nil, protocol.AgentHello{}, err
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return nil, protocol.AgentHello{}, err
		}
	}
}

// connectOrStart connects, and holds the start lock while it starts an agent, so that two callers start one.
func connectOrStart(ctx context.Context, p paths.Profile, start Starter) (*Conn, error) {
	if conn, err := connect(ctx, p); err == nil || start == nil {
		return conn, err
	}
	unlock, err := lockFile(ctx, lockPath(p, "start"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if conn, err := connect(ctx, p); err == nil {
		return conn, nil
	}
	ended, err := start(p)
	if err != nil {
		return nil, fmt.Errorf("can't start the agent: %w", err)
	}
	for {
		conn, err := connect(ctx, p)
		if err == nil {
			return conn, nil
		}
		select {
		case err := <-ended:
			// Somebody else's agent may have come first, by hand.
			if conn, otherwise := connect(ctx, p); otherwise == nil {
				return conn, nil
			}
			return nil, fmt.Errorf("the agent ended at once: %w", err)
		case <-ctx.Done():
			return nil, fmt.Errorf("the agent does not answer: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func connect(ctx context.Context, p paths.Profile) (*Conn, error) {
	conn, err := dialSocket(ctx, p.SocketPath)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoAgent, err)
	}
	return newConn(conn), nil
}

func newConn(conn net.Conn) *Conn {
	return &Conn{conn: conn, in: frame.NewReader(conn, protocol.MaxMessage), out: frame.NewWriter(conn)}
}

func (c *Conn) greet(ctx context.Context, hello protocol.ClientHello) (protocol.AgentHello, error) {
	stop := context.AfterFunc(ctx, func() { c.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var greeting protocol.AgentHello
	body, err := json.Marshal(hello)
	if err != nil {
		return greeting, err
	}
	if err := c.Send(protocol.Frame{ID: "hello", Type: "client.hello", Body: body}); err != nil {
		return greeting, err
	}
	f, err := c.Receive()
	switch {
	case err != nil && ctx.Err() != nil:
		return greeting, fmt.Errorf("the agent does not answer: %w", ctx.Err())
	case err != nil:
		return greeting, err
	case f.Error != nil:
		return greeting, f.Error
	case f.Event != "agent.hello":
		return greeting, fmt.Errorf("the agent's first frame is no agent.hello; is another program at %s?", c.conn.RemoteAddr())
	}
	if err := json.Unmarshal(f.Body, &greeting); err != nil {
		return greeting, fmt.Errorf("the agent's greeting can't be read: %w", err)
	}
	return greeting, nil
}

// Send writes a frame; it may be called from several goroutines.
func (c *Conn) Send(f protocol.Frame) error { return c.out.Write(f) }

// Receive returns the next whole frame. It is for one goroutine.
func (c *Conn) Receive() (protocol.Frame, error) { return c.in.Read() }

// ReceiveWire returns the next frame as it is on the wire, chunks included.
func (c *Conn) ReceiveWire() (protocol.Frame, error) { return c.in.ReadWire() }

// Stream is the connection itself, for bytes that follow the greetings and are no frames of this protocol.
func (c *Conn) Stream() net.Conn { return c.conn }

// Close ends the connection; a Receive that waits returns an error.
func (c *Conn) Close() error { return c.conn.Close() }

// dropped says whether the other side closed the connection.
func dropped(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isReset(err)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("the agent does not answer: %w", ctx.Err())
	case <-time.After(d):
		return nil
	}
}
