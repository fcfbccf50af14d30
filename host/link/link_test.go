//go:build unix

package link

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// profile is one in a folder short enough for a socket.
func profile(t *testing.T) paths.Profile {
	dir, err := os.MkdirTemp("/tmp", "keyferry-link")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return paths.Profile{Name: "test", RunDir: dir, SocketPath: filepath.Join(dir, "a.sock"), LogFile: filepath.Join(dir, "log")}
}

// fakeAgent greets and answers each request by its type until the listener closes.
func fakeAgent(t *testing.T, ln net.Listener, answer func(*Conn, protocol.Frame)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			wg.Go(func() {
				defer conn.Close()
				c := newConn(conn)
				for {
					f, err := c.Receive()
					if err != nil {
						return
					}
					answer(c, f)
				}
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
}

func greetAndEcho(c *Conn, f protocol.Frame) {
	switch f.Type {
	case "client.hello":
		body, _ := json.Marshal(protocol.AgentHello{Protocol: protocol.Version, Nonce: make([]byte, 32)})
		c.Send(protocol.Frame{Event: "agent.hello", Body: body})
	case "ping":
		c.Send(protocol.Frame{Event: "status.changed", Body: json.RawMessage(`{}`)})
		c.Send(protocol.Frame{ID: f.ID, Re: f.Type, Body: f.Body})
	case "lock":
		c.Close()
	case "list":
		c.Send(protocol.Frame{ID: f.ID, Re: f.Type, Error: protocol.Errorf(protocol.CodeLocked, "locked")})
	}
}

func listen(t *testing.T, p paths.Profile) net.Listener {
	t.Helper()
	ln, err := Listen(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

func TestCall(t *testing.T) {
	p := profile(t)
	fakeAgent(t, listen(t, p), greetAndEcho)
	conn, greeting, err := Dial(t.Context(), p, protocol.ClientHello{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if len(greeting.Nonce) != 32 {
		t.Errorf("greeting %+v", greeting)
	}
	var events []string
	c := NewClient(conn, func(f protocol.Frame) { events = append(events, f.Event) })
	var out protocol.Ping
	if err := c.Call(t.Context(), "ping", protocol.Ping{Data: "x"}, &out); err != nil || out.Data != "x" {
		t.Errorf("%+v, %v", out, err)
	}
	if !slices.Equal(events, []string{"status.changed"}) {
		t.Errorf("events %q", events)
	}
	if err := c.Call(t.Context(), "list", protocol.ListRequest{}, nil); !IsCode(err, protocol.CodeLocked) {
		t.Errorf("refusal: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Call(ctx, "never", protocol.Empty{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	conn.conn.SetReadDeadline(time.Time{})
	if err := c.Call(t.Context(), "lock", protocol.Lock{}, nil); !IsCode(err, protocol.CodeAgentGone) {
		t.Errorf("agent gone: %v", err)
	}
}

func TestClosed(t *testing.T) {
	p := profile(t)
	fakeAgent(t, listen(t, p), greetAndEcho)
	conn, _, err := Dial(t.Context(), p, protocol.ClientHello{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := NewClient(conn, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Closed(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("an open connection: %v", err)
	}
	conn.conn.SetReadDeadline(time.Time{})
	if err := conn.Send(protocol.Frame{ID: "1", Type: "lock"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Closed(t.Context()); err != nil {
		t.Error(err)
	}
}

// Many callers at once start one agent between them.
func TestOneAgentIsStarted(t *testing.T) {
	p := profile(t)
	var started atomic.Int32
	start := func(p paths.Profile) (<-chan error, error) {
		started.Add(1)
		fakeAgent(t, listen(t, p), greetAndEcho)
		return make(chan error), nil
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			conn, _, err := Dial(t.Context(), p, protocol.ClientHello{}, start)
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
		})
	}
	wg.Wait()
	if n := started.Load(); n != 1 {
		t.Errorf("%d agents were started", n)
	}
}

func TestDialErrors(t *testing.T) {
	p := profile(t)
	if _, _, err := Dial(t.Context(), p, protocol.ClientHello{}, nil); !errors.Is(err, ErrNoAgent) {
		t.Errorf("nobody there: %v", err)
	}
	broken := errors.New("no such program")
	if _, _, err := Dial(t.Context(), p, protocol.ClientHello{}, func(paths.Profile) (<-chan error, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("can't be started: %v", err)
	}
	ends := func(paths.Profile) (<-chan error, error) {
		ended := make(chan error, 1)
		ended <- broken
		return ended, nil
	}
	if _, _, err := Dial(t.Context(), p, protocol.ClientHello{}, ends); !errors.Is(err, broken) {
		t.Errorf("ends at once: %v", err)
	}
	fakeAgent(t, listen(t, p), func(c *Conn, f protocol.Frame) {
		c.Send(protocol.Frame{ID: f.ID, Re: f.Type, Error: protocol.Errorf(protocol.CodeVersion, "too old")})
	})
	if _, _, err := Dial(t.Context(), p, protocol.ClientHello{}, nil); !IsCode(err, protocol.CodeVersion) {
		t.Errorf("refused: %v", err)
	}
	if err := os.Chmod(p.RunDir, 0o755); err != nil {
		t.Fatal(err)
	}
	var unsafe *paths.UnsafeDirError
	if _, _, err := Dial(t.Context(), p, protocol.ClientHello{}, nil); !errors.As(err, &unsafe) {
		t.Errorf("a socket in a folder of everybody's: %v", err)
	}
}

// An agent that starts anew drops connections it has just taken; the caller does not notice.
func TestDialOutlivesARestart(t *testing.T) {
	p := profile(t)
	var taken atomic.Int32
	fakeAgent(t, listen(t, p), func(c *Conn, f protocol.Frame) {
		if taken.Add(1) <= 3 {
			c.Close()
			return
		}
		greetAndEcho(c, f)
	})
	conn, _, err := Dial(t.Context(), p, protocol.ClientHello{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestListen(t *testing.T) {
	p := profile(t)
	ln := listen(t, p)
	if _, err := Listen(t.Context(), p); !errors.Is(err, ErrRunning) {
		t.Errorf("a second agent: %v", err)
	}
	info, err := os.Stat(p.SocketPath)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", info.Mode(), err)
	}
	// Killed: the socket stays behind.
	ln.(*net.UnixListener).SetUnlinkOnClose(false)
	ln.Close()
	if _, err := os.Stat(p.SocketPath); err != nil {
		t.Fatal(err)
	}
	ln = listen(t, p)
	ln.Close()
	if _, err := os.Stat(p.SocketPath); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stayed behind: %v", err)
	}
}

func TestAgentEnvironment(t *testing.T) {
	got := agentEnv([]string{"HOME=/h", "LD_PRELOAD=/evil.so", "XDG_RUNTIME_DIR=/r", "LC_ALL=C", "KEYFERRY_VAULT=/v", "GODEBUG=x", "PINENTRY_USER_DATA=x"})
	if want := []string{"HOME=/h", "XDG_RUNTIME_DIR=/r", "LC_ALL=C"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
