package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
)

// Client makes calls over a [Conn], one at a time, as the command line does.
type Client struct {
	conn  *Conn
	calls int
	event func(protocol.Frame)
}

// NewClient returns a Client; events that arrive during a call go to event, which may be nil.
func NewClient(conn *Conn, event func(protocol.Frame)) *Client {
	return &Client{conn: conn, event: event}
}

// Call sends a request and decodes its answer into out (nil: the answer's body is not wanted). A refusal is a
// [*protocol.Error]; one with [protocol.CodeAgentGone] says that the agent ended or locked meanwhile. When ctx ends the
// request is cancelled at the agent.
func (c *Client) Call(ctx context.Context, typ string, body, out any) error {
	c.calls++
	id := strconv.Itoa(c.calls)
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("can't ask for %s: %w", typ, err)
	}
	defer clear(raw)
	stop := context.AfterFunc(ctx, func() {
		c.conn.Send(protocol.Frame{ID: id, Cancel: true}) // best effort: the deadline below ends the call anyway
		c.conn.conn.SetReadDeadline(time.Now().Add(time.Second))
	})
	defer stop()
	if err := c.conn.Send(protocol.Frame{ID: id, Type: typ, Sender: &protocol.Sender{Kind: protocol.SenderCLI}, Body: raw}); err != nil {
		return c.gone(ctx, err)
	}
	for {
		f, err := c.conn.Receive()
		switch {
		case err != nil && frame.Recoverable(err):
			return fmt.Errorf("the agent's answer can't be read: %w", err)
		case err != nil:
			return c.gone(ctx, err)
		case f.Event != "" && c.event != nil:
			c.event(f)
		case f.Re == "" || f.ID != id:
			continue // an event that nobody wants, or the late answer to an earlier call that was cancelled
		case f.Error != nil:
			return f.Error
		case out == nil:
			return nil
		default:
			err := json.Unmarshal(f.Body, out)
			clear(f.Body)
			if err != nil {
				return fmt.Errorf("the answer to %s can't be read: %w", typ, err)
			}
			return nil
		}
	}
}

func (c *Client) gone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if dropped(err) {
		return protocol.Errorf(protocol.CodeAgentGone, "the agent ended before it answered; ask again")
	}
	return err
}

// Closed waits until the agent closes the connection, as it does when it locks: from then on no process that knows
// anything takes requests.
func (c *Client) Closed(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { c.conn.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for {
		_, err := c.conn.Receive()
		switch {
		case err == nil || frame.Recoverable(err):
			continue
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			return nil
		}
	}
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// IsCode says whether an error is a refusal with this code.
func IsCode(err error, code protocol.Code) bool {
	var refusal *protocol.Error
	return errors.As(err, &refusal) && refusal.Code == code
}
