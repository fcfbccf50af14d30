//go:build unix

package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

// stage is a bridge between a browser (the test, over real pipes) and a fake agent on a real socket.
type stage struct {
	t       *testing.T
	profile paths.Profile
	toHost  *frame.Writer
	stdin   *os.File
	stdout  *os.File
	answers *frame.Reader
	ended   chan error
	cancel  context.CancelFunc

	mu     sync.Mutex
	agents int // started so far
	ln     net.Listener
	conns  []net.Conn
	seen   []protocol.Frame // requests that reached an agent, greetings apart
	answer func(out *frame.Writer, f protocol.Frame)
	refuse *protocol.Error // what a greeting gets; nil: the agent's own
}

// newStage begins with the browser silent and without patience for it.
func newStage(t *testing.T, who string) *stage { return newPatientStage(t, who, 0) }

func newPatientStage(t *testing.T, who string, patience time.Duration) *stage {
	dir, err := os.MkdirTemp("/tmp", "keyferry-bridge")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &stage{
		t: t, profile: paths.Profile{RunDir: dir, SocketPath: filepath.Join(dir, "a.sock")},
		toHost: frame.NewWriter(inW), stdin: inW, stdout: outR, answers: frame.NewReader(outR, protocol.MaxMessage),
		ended: make(chan error, 1), cancel: cancel, answer: echo,
	}
	go func() {
		s.ended <- Run(ctx, Config{
			In: inR, Out: outW, Caller: who, Known: func(c string) bool { return c == caller },
			Patience: patience, Exists: func(profile string) error {
				if profile == "work" || profile == paths.DefaultProfile {
					return nil
				}
				return protocol.Errorf(protocol.CodeNoProfile, "no profile %q", profile)
			},
			Dial: func(ctx context.Context, profile string, start bool) (Agent, protocol.AgentHello, error) {
				var starter link.Starter
				if start {
					starter = s.startAgent
				}
				return link.Dial(ctx, s.of(profile), protocol.ClientHello{Role: "bridge", Caller: who}, starter)
			},
		})
		outW.Close()
	}()
	t.Cleanup(func() {
		cancel()
		inW.Close()
		s.killAgent()
	})
	return s
}

// of returns a profile's paths; all but the default one's have the profile's name in them.
func (s *stage) of(profile string) paths.Profile {
	p := s.profile
	if p.Name = profile; profile != paths.DefaultProfile {
		p.SocketPath = filepath.Join(p.RunDir, profile+".sock")
	}
	return p
}

// startAgent is a link.Starter.
func (s *stage) startAgent(p paths.Profile) (<-chan error, error) {
	ln, err := net.Listen("unix", p.SocketPath)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.agents++
	s.ln = ln
	s.mu.Unlock()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			go s.serve(conn, p.Name)
		}
	}()
	return make(chan error), nil
}

func (s *stage) serve(conn net.Conn, profile string) {
	in, out := frame.NewReader(conn, protocol.MaxMessage), frame.NewWriter(conn)
	for {
		f, err := in.Read()
		if err != nil {
			return
		}
		s.mu.Lock()
		refuse := s.refuse
		s.mu.Unlock()
		if f.Type == "client.hello" && refuse != nil {
			out.Write(protocol.Frame{ID: f.ID, Re: f.Type, Error: refuse})
			continue
		}
		if f.Type == "client.hello" {
			body, _ := json.Marshal(protocol.AgentHello{Protocol: protocol.Version, Nonce: []byte{1}, Status: protocol.Status{Profile: profile}})
			out.Write(protocol.Frame{Event: "agent.hello", Body: body})
			continue
		}
		s.mu.Lock()
		s.seen = append(s.seen, f)
		s.mu.Unlock()
		s.answer(out, f)
	}
}

func echo(out *frame.Writer, f protocol.Frame) {
	if f.Type != "hang" && !f.Cancel {
		out.Write(protocol.Frame{ID: f.ID, Re: f.Type, Body: f.Body})
	}
}

// dropAgent closes the agent's connections, as locking does; killAgent takes its socket away too.
func (s *stage) dropAgent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
	s.conns = nil
}

func (s *stage) killAgent() {
	s.mu.Lock()
	if s.ln != nil {
		s.ln.Close()
	}
	s.mu.Unlock()
	s.dropAgent()
}

func (s *stage) send(f protocol.Frame) {
	s.t.Helper()
	if err := s.toHost.Write(f); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) ask(id, typ string) {
	s.t.Helper()
	s.send(protocol.Frame{ID: id, Type: typ})
}

// want reads the next frame and checks what it is: an event's name, or "id type" for an answer, with " code" for an error.
func (s *stage) want(want string) protocol.Frame {
	s.t.Helper()
	f, err := s.answers.Read()
	if err != nil {
		s.t.Fatalf("want %s: %v", want, err)
	}
	got := f.Event
	if got == "" {
		got = f.ID + " " + f.Re
	}
	if f.Error != nil {
		got += " " + f.Error.Name
	}
	if got != want {
		s.t.Fatalf("got %s (%v), want %s", got, f.Error, want)
	}
	return f
}

func (s *stage) wantEnd(want error) {
	s.t.Helper()
	if _, err := s.answers.Read(); err != io.EOF {
		s.t.Errorf("more came: %v", err)
	}
	if err := <-s.ended; !errors.Is(err, want) {
		s.t.Errorf("ended with %v, want %v", err, want)
	}
}

func (s *stage) reached(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.seen {
		if f.ID == id && !f.Cancel {
			n++
		}
	}
	return n
}

func TestRelayBothWays(t *testing.T) {
	s := newStage(t, caller)
	s.want("agent.hello")
	body := json.RawMessage(`{"data":"` + strings.Repeat("long ", 200_000) + `"}`) // chunked both ways
	s.send(protocol.Frame{ID: "1", Type: "ping", Body: body})
	if f := s.want("1 ping"); string(f.Body) != string(body) {
		t.Errorf("%d bytes came back of %d", len(f.Body), len(body))
	}
	s.ask("2", "hang")
	s.send(protocol.Frame{ID: "2", Cancel: true})
	s.ask("3", "ping")
	s.want("3 ping")
	s.stdin.Close()
	s.wantEnd(nil)
}

func TestUnknownCallerIsRefused(t *testing.T) {
	for _, who := range []string{"chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", "other@example.org"} {
		s := newStage(t, who)
		s.want("bridge.error unknown-caller")
		s.wantEnd(ErrUnknownCaller)
		if s.agents > 0 {
			t.Error("an agent was started for a stranger")
		}
	}
}

// The agent dies: what it had is answered, and the next request starts another, greeted before anything is answered.
func TestAgentGone(t *testing.T) {
	s := newStage(t, caller)
	s.want("agent.hello")
	s.ask("1", "hang")
	s.ask("2", "ping")
	s.want("2 ping")
	s.killAgent()
	s.want("1 hang agent-gone")
	s.ask("3", "ping")
	s.want("agent.hello")
	s.want("3 ping")
	if s.agents != 2 {
		t.Errorf("%d agents were started", s.agents)
	}
}

// The agent locks and comes back as a newer version, whose protocol this bridge does not speak: the bridge says so and
// ends, so that the extension starts the new binary's.
func TestNewerAgent(t *testing.T) {
	s := newStage(t, caller)
	s.want("agent.hello")
	newer := protocol.Errorf(protocol.CodeVersion, "the agent speaks protocol 2")
	s.mu.Lock()
	s.refuse = newer
	s.mu.Unlock()
	s.dropAgent()
	s.want("bridge.error version")
	s.wantEnd(newer)
}

// The agent locks by starting anew: the bridge is back without being asked, and what crosses the greeting waits for
// the new session.
func TestReconnectionWaitsForTheSession(t *testing.T) {
	s := newStage(t, caller)
	s.want("agent.hello")
	s.ask("s1", "session")
	s.want("s1 session")
	s.dropAgent()
	s.want("agent.hello")
	if s.agents != 1 {
		t.Errorf("%d agents were started", s.agents)
	}
	s.ask("1", "webauthn.get") // sent before the extension had read the greeting
	s.ask("2", "webauthn.get")
	s.send(protocol.Frame{ID: "2", Cancel: true})
	s.want("2 webauthn.get canceled")
	if s.reached("1") > 0 {
		t.Error("a request overtook the session that it needs")
	}
	s.ask("s2", "session")
	s.want("s2 session")
	s.want("1 webauthn.get")
	if s.reached("1") != 1 || s.reached("2") != 0 {
		t.Error("requests were lost or doubled")
	}
}

// A session signed for an agent that is gone is refused here, since the next agent would take it for a forgery.
func TestStaleSession(t *testing.T) {
	s := newStage(t, caller)
	s.want("agent.hello")
	s.ask("1", "hang")
	s.ask("2", "ping")
	s.want("2 ping")
	s.killAgent()
	s.want("1 hang agent-gone")
	s.ask("s1", "session")
	s.want("s1 session agent-gone")
	if s.reached("s1") > 0 {
		t.Error("a stale session reached an agent")
	}
}

func TestChunksOfALostRequest(t *testing.T) {
	s := newStage(t, caller)
	s.want("agent.hello")
	s.send(protocol.Frame{ID: "1", Chunk: &protocol.Chunk{Of: "x", Seq: 0, Data: []byte(`{"id":"1",`)}})
	s.ask("2", "ping")
	s.want("2 ping")
	s.dropAgent()
	s.want("1 unknown agent-gone")
	s.want("agent.hello")
	s.send(protocol.Frame{ID: "1", Chunk: &protocol.Chunk{Of: "x", Seq: 1, Last: true, Data: []byte(`"type":"ping"}`)}})
	s.ask("3", "ping")
	s.want("3 ping")
	if s.reached("1") > 0 {
		t.Error("the second half of a lost request reached the next agent")
	}
}

// wire is a frame of up to 255 bytes as it stands in the stream.
func wire(body string) string { return string([]byte{byte(len(body)), 0, 0, 0}) + body }

func TestBadFrames(t *testing.T) {
	for name, c := range map[string]struct{ raw, want string }{
		"empty":           {wire(""), "bridge.error bad-request"},
		"4 GiB":           {"\xff\xff\xff\xff", "bridge.error too-large"},
		"two values":      {wire(`{}{}`), "bridge.error bad-request"},
		"an answer":       {wire(`{"id":"1","re":"lock"}`), "bridge.error bad-request"},
		"without an id":   {wire(`{"type":"lock"}`), "bridge.error bad-request"},
		"half of a frame": {"\xff\x00\x00\x00{", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, caller)
			s.want("agent.hello")
			if _, err := s.stdin.WriteString(c.raw); err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				s.stdin.Close()
				s.wantEnd(nil)
				return
			}
			s.want(c.want)
			if _, err := s.answers.Read(); err != io.EOF {
				t.Errorf("more came: %v", err)
			}
			if err := <-s.ended; err == nil {
				t.Error("the bridge ended as if all were well")
			}
		})
	}
	t.Run("refused by its id", func(t *testing.T) {
		s := newStage(t, caller)
		s.want("agent.hello")
		if _, err := s.stdin.WriteString(wire(`{"id":"1","type":"ping","type":"lock"}`)); err != nil {
			t.Fatal(err)
		}
		s.want("1 unknown bad-request")
		s.ask("2", "client.hello")
		s.want("2 client.hello not-allowed")
		s.ask("3", "ping")
		s.want("3 ping")
		if s.reached("1") > 0 || s.reached("2") > 0 {
			t.Error("a refused frame reached the agent")
		}
	})
}

// No agent, and none can be started: the browser is told, and the bridge ends so that the next one can try.
func TestAgentCannotBeStarted(t *testing.T) {
	s := newStage(t, caller)
	s.want("agent.hello")
	s.killAgent()
	if err := os.Chmod(s.profile.RunDir, 0o777); err != nil {
		t.Fatal(err)
	}
	s.ask("1", "ping")
	s.want("1 ping agent-gone")
	if err := os.Chmod(s.profile.RunDir, 0o700); err != nil {
		t.Fatal(err)
	}
	s.ask("2", "ping")
	s.want("agent.hello")
	s.want("2 ping")
}

// The browser closes its pipe while an agent that does not read holds everything up: the bridge still ends.
func TestEndsThoughTheAgentIsStuck(t *testing.T) {
	s := newStage(t, caller)
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	s.answer = func(*frame.Writer, protocol.Frame) { <-stuck }
	s.want("agent.hello")
	done := make(chan struct{})
	go func() {
		defer close(done)
		body := json.RawMessage(`"` + strings.Repeat("x", 200_000) + `"`)
		for range 100 { // until both pipes are full and the write fails
			if err := s.toHost.Write(protocol.Frame{ID: "1", Type: "ping", Body: body}); err != nil {
				return
			}
		}
	}()
	for s.reached("1") == 0 {
		if len(s.ended) > 0 {
			t.Fatal("ended early")
		}
		time.Sleep(time.Millisecond)
	}
	s.stdin.Close()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
	<-done
}

// The browser no longer reads: the bridge ends by the broken pipe, not by a signal or a panic.
func TestBrowserClosesItsEnd(t *testing.T) {
	s := newStage(t, caller)
	s.want("agent.hello")
	s.stdout.Close()
	s.ask("1", "ping")
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}
