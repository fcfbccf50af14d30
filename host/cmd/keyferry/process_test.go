//go:build linux && !keyferrytest

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/installers"
)

// process is the real binary, started as a browser starts it, with a real agent behind it.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	run    string // the runtime folder
	stdin  io.WriteCloser
	stdout io.ReadCloser
	out    *frame.Writer
	in     *frame.Reader
}

// startBridge starts the binary with a browser's arguments, in a home of its own.
func startBridge(t *testing.T, args ...string) *process {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "keyferry-cmd")
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	if err := os.Mkdir(run, 0o700); err != nil {
		t.Fatal(err)
	}
	// Under its own name this test binary is keyferry, also when it starts itself as the agent (see TestMain).
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "keyferry")
	if err := copyFile(exe, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + run, "PATH=" + os.Getenv("PATH"), "DBUS_SESSION_BUS_ADDRESS=disabled:"}
	cmd.Stderr = os.Stderr
	p := &process{t: t, cmd: cmd, run: run}
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if p.stdout, err = cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	p.out, p.in = frame.NewWriter(p.stdin), frame.NewReader(p.stdout, protocol.MaxMessage)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		endAgents(run)
		os.RemoveAll(dir)
	})
	return p
}

func copyFile(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o700)
}

func (p *process) send(f protocol.Frame) {
	p.t.Helper()
	if err := p.out.Write(f); err != nil {
		p.t.Fatal(err)
	}
}

// next is the next frame that is no status event.
func (p *process) next() protocol.Frame {
	p.t.Helper()
	for {
		f, err := p.in.Read()
		if err != nil {
			p.t.Fatal(err)
		}
		if f.Event != "status.changed" {
			return f
		}
	}
}

func (p *process) ping(id string) {
	p.t.Helper()
	p.send(protocol.Frame{ID: id, Type: "ping", Sender: &protocol.Sender{Kind: protocol.SenderBackground}, Body: json.RawMessage(`{"data":"x"}`)})
}

func (p *process) hello() protocol.AgentHello {
	p.t.Helper()
	f := p.next()
	var hello protocol.AgentHello
	if err := json.Unmarshal(f.Body, &hello); f.Event != "agent.hello" || err != nil {
		p.t.Fatalf("got %+v, want agent.hello (%v)", f, err)
	}
	return hello
}

// ended waits for the process and returns its exit code; -1 means that a signal ended it.
func (p *process) ended() int {
	p.t.Helper()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// running counts the agents, which answers whether one is there without disturbing it.
func (p *process) running() int { return signalAgents(p.run, 0) }

var (
	chromiumArgs = []string{installers.Ours().Origins()[0]}
	firefoxArgs  = []string{"/tmp/app.keyferry.host.json", installers.Ours().Firefox[0]}
)

func TestBridgeProcess(t *testing.T) {
	for name, args := range map[string][]string{"chromium": chromiumArgs, "firefox": firefoxArgs} {
		t.Run(name, func(t *testing.T) {
			p := startBridge(t, args...)
			hello := p.hello()
			if len(hello.Nonce) != 32 || hello.Status.Vault != "none" || hello.Test || hello.Version != version {
				t.Errorf("greeting %+v", hello)
			}
			p.ping("1")
			if f := p.next(); f.ID != "1" || f.Re != "ping" || string(f.Body) != `{"data":"x"}` {
				t.Errorf("answer %+v", f)
			}
			p.stdin.Close()
			if code := p.ended(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if p.running() != 1 {
				t.Error("the agent went with the bridge")
			}
		})
	}
}

// A release serves nobody but the released extension, the test build's included.
func TestBridgeRefusesStrangers(t *testing.T) {
	for _, args := range [][]string{
		{"chrome-extension://abcdefghijklmnopabcdefghijklmnop/"},
		{"chrome-extension://pjieknbidepfjbgeaocakdicnnnipmap/"},
		{"/tmp/app.keyferry.host.json", "keyferry-test@keyferry.app"},
		{"/tmp/app.keyferry.host.json", "other@example.org"},
	} {
		p := startBridge(t, args...)
		if f := p.next(); f.Event != "bridge.error" || f.Error == nil || f.Error.Code != protocol.CodeUnknownCaller {
			t.Errorf("%q: got %+v", args, f)
		}
		if code := p.ended(); code != 1 {
			t.Errorf("%q: exit code %d", args, code)
		}
		if p.running() != 0 {
			t.Errorf("%q: an agent was started", args)
		}
	}
}

// Any program can run the bridge and claim to be the extension; without a paired session it gets nothing.
func TestImpostorGetsNoSignature(t *testing.T) {
	p := startBridge(t, chromiumArgs...)
	p.hello()
	body := json.RawMessage(`{"request":"AAAAAAAAAAAAAAAAAAAAAA","options":{"challenge":"AAAA","rpId":"bank.example"},"visible":true,"delegated":true}`)
	for i, sender := range []*protocol.Sender{
		{Kind: protocol.SenderContent, Origin: "https://bank.example", TabID: 1},
		{Kind: protocol.SenderPage, Page: "approve"},
		{Kind: protocol.SenderCLI},
		{Kind: "agent"},
		nil,
	} {
		id := strconv.Itoa(i)
		p.send(protocol.Frame{ID: id, Type: "webauthn.get", Sender: sender, Body: body})
		if f := p.next(); f.ID != id || f.Error == nil {
			t.Errorf("sender %+v: got %+v", sender, f)
		}
	}
	// The command line's rights are not a browser's to claim.
	p.send(protocol.Frame{ID: "list", Type: "list", Sender: &protocol.Sender{Kind: protocol.SenderCLI}, Body: json.RawMessage(`{}`)})
	if f := p.next(); f.ID != "list" || f.Error == nil {
		t.Errorf("as the command line: got %+v", f)
	}
}

// The agent outlives the browser's process group and session.
func TestAgentHasASessionOfItsOwn(t *testing.T) {
	p := startBridge(t, chromiumArgs...)
	p.hello()
	agents := childrenNamed(t, p.cmd.Process.Pid)
	if len(agents) != 1 {
		t.Fatalf("%d children", len(agents))
	}
	stat := strings.Fields(agents[0][strings.LastIndex(agents[0], ")")+2:])
	pid, _, _ := strings.Cut(agents[0], " ")
	if group, session := stat[2], stat[3]; group != pid || session != pid {
		t.Errorf("process %s is in group %s of session %s", pid, group, session)
	}
	if err := syscall.Kill(p.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.ended(); code != 0 {
		t.Errorf("exit code %d after SIGTERM", code)
	}
	if p.running() != 1 {
		t.Error("the agent went with the bridge")
	}
}

// childrenNamed returns /proc/PID/stat of a process's children.
func childrenNamed(t *testing.T, parent int) (stats []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		text := string(raw)
		after := strings.Fields(text[strings.LastIndex(text, ")")+2:])
		if after[1] == strconv.Itoa(parent) {
			stats = append(stats, text)
		}
	}
	return stats
}

func TestKilledAgentIsReplaced(t *testing.T) {
	p := startBridge(t, chromiumArgs...)
	first := p.hello()
	if n := signalAgents(p.run, syscall.SIGKILL); n != 1 {
		t.Fatalf("%d agents", n)
	}
	p.ping("1")
	f := p.next()
	for f.Error != nil && f.Error.Code == protocol.CodeAgentGone {
		p.ping("1") // it was on its way while the agent died
		f = p.next()
	}
	var second protocol.AgentHello
	if err := json.Unmarshal(f.Body, &second); f.Event != "agent.hello" || err != nil {
		t.Fatalf("got %+v before a new greeting", f)
	}
	if string(second.Nonce) == string(first.Nonce) {
		t.Error("the same nonce again")
	}
	if f = p.next(); f.ID != "1" || f.Error != nil {
		t.Errorf("got %+v", f)
	}
}

// A browser that no longer reads ends the bridge by an error of the write, not by a signal.
func TestBrokenPipe(t *testing.T) {
	p := startBridge(t, chromiumArgs...)
	p.hello()
	p.stdout.Close()
	p.ping("1")
	if code := p.ended(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A message as long as Firefox lets through is refused at its length.
func TestLongFrameIsRefused(t *testing.T) {
	p := startBridge(t, firefoxArgs...)
	p.hello()
	go func() {
		_, _ = p.stdin.Write([]byte{0, 0, 0x10, 0x04}) // 65 MiB
		piece := make([]byte, 1<<20)
		for range 65 {
			if _, err := p.stdin.Write(piece); err != nil {
				return // the bridge has ended
			}
		}
	}()
	if f := p.next(); f.Event != "bridge.error" || f.Error == nil || f.Error.Code != protocol.CodeTooLarge {
		t.Errorf("got %+v", f)
	}
	if code := p.ended(); code != 1 {
		t.Errorf("exit code %d", code)
	}
}

// Chunks pass through one by one: much traffic does not make the bridge grow.
func TestRelayMemoryIsBounded(t *testing.T) {
	p := startBridge(t, chromiumArgs...)
	p.hello()
	body := json.RawMessage(`{"data":"` + strings.Repeat("x", 1_500_000) + `"}`)
	relay := func() {
		p.send(protocol.Frame{ID: "1", Type: "ping", Sender: &protocol.Sender{Kind: protocol.SenderBackground}, Body: body})
		if f := p.next(); f.ID != "1" || len(f.Body) != len(body) {
			t.Fatalf("%d bytes came back: %+v", len(f.Body), f.Error)
		}
	}
	for range 3 {
		relay()
	}
	before := peakMemory(t, p.cmd.Process.Pid)
	for range 30 {
		relay()
	}
	if grown := peakMemory(t, p.cmd.Process.Pid) - before; grown > 8<<10 {
		t.Errorf("45 MB of traffic each way made the bridge grow by %d KiB", grown)
	}
}

// peakMemory is a process's peak resident memory in KiB.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no VmHWM")
	return 0
}
