package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/installers"
)

// host starts a manifest's program as its browser would, waits for the agent's greeting, and sends a ping over the whole road.
func (e *examination) host(f installers.Family, program, manifest string) {
	if e.started[program] {
		return
	}
	e.started[program] = true
	if !e.rightVersion(program) {
		return
	}
	ctx, cancel := context.WithTimeout(e.ctx, e.Timeout)
	defer cancel()
	args := []string{e.ownIDs(f)[0]}
	if f == installers.Firefox {
		args = []string{manifest, args[0]}
	}
	greeting, err := talk(ctx, program, args, e.Profile.Name)
	var refusal *protocol.Error
	switch {
	case err == nil:
		e.well("host", "%s answers as a browser would hear it (agent %s, protocol %d)", program, greeting.Version, greeting.Protocol)
	case errors.As(err, &refusal) && refusal.Code == protocol.CodeUnknownCaller:
		e.found("host", "host-refuses-extension", Problem, program+" does not know this version's extension: "+refusal.Message,
			"install host and extension of the same version", nil)
	case errors.As(err, &refusal):
		e.found("host", "host-refuses", Problem, program+" refuses: "+refusal.Message, "do what it says; its log may have more: "+e.Profile.LogFile, nil)
	case ctx.Err() != nil:
		e.found("host", "host-silent", Problem, fmt.Sprintf("%s was started and did not answer within %s", program, e.Timeout),
			"reinstall Keyferry; the log may say why: "+e.Profile.LogFile, nil)
	case errors.Is(err, errNotOurs):
		e.found("host", "host-not-keyferry", Problem, program+" is not Keyferry's host: "+err.Error(), "reinstall Keyferry, then `keyferry install`", nil)
	default:
		e.found("host", "host-does-not-start", Problem, program+" does not start: "+err.Error(), "reinstall Keyferry, then `keyferry install`", nil)
	}
}

// rightVersion asks the program for its version. Its own is right already.
func (e *examination) rightVersion(program string) bool {
	if sameFile(program, e.Installer.Program) {
		return true
	}
	ctx, cancel := context.WithTimeout(e.ctx, e.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "version", "--json")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	var said struct {
		Version string `json:"version"`
	}
	if err != nil || json.Unmarshal(out, &said) != nil {
		return true // what it is shows when it is talked to
	}
	if said.Version != e.Version {
		e.found("host", "program-other-version", Problem,
			fmt.Sprintf("browsers start %s, which is version %.30q; this is %s (%s)", program, said.Version, e.Version, e.Installer.Program),
			"`keyferry install` with the one that you want to keep", nil)
		return false
	}
	return true
}

func sameFile(a, b string) bool {
	x, errX := filepath.EvalSymlinks(a)
	y, errY := filepath.EvalSymlinks(b)
	return errX == nil && errY == nil && x == y
}

// errNotOurs: something came back that is no frame of ours.
var errNotOurs = errors.New("what it says is not Keyferry's protocol")

// talk speaks native messaging with a host: a greeting, a ping, the end.
func talk(ctx context.Context, program string, args []string, profile string) (protocol.AgentHello, error) {
	var greeting protocol.AgentHello
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = time.Second
	var complaints limited
	cmd.Stderr = &complaints
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return greeting, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return greeting, err
	}
	if err := cmd.Start(); err != nil {
		return greeting, err
	}
	// A program's children may hold its end of the pipe; closing ours ends the read below in any case.
	stop := context.AfterFunc(ctx, func() { stdout.Close() })
	defer stop()
	greeting, err = converse(frame.NewWriter(stdin), frame.NewReader(stdout, protocol.MaxMessage), profile)
	stdin.Close()
	if err != nil {
		cmd.Cancel()
	}
	ended := cmd.Wait()
	var refusal *protocol.Error
	switch {
	case err == nil:
		return greeting, ended
	case errors.As(err, &refusal), errors.Is(err, errNotOurs), ctx.Err() != nil:
		return greeting, err
	case complaints.String() != "":
		return greeting, fmt.Errorf("%s", complaints.String())
	}
	return greeting, err
}

func converse(out *frame.Writer, in *frame.Reader, profile string) (greeting protocol.AgentHello, err error) {
	background := &protocol.Sender{Kind: protocol.SenderBackground}
	chosen, err := json.Marshal(protocol.BridgeProfile{Profile: profile})
	if err != nil {
		return greeting, err
	}
	_ = out.Write(protocol.Frame{ID: "profile", Type: "bridge.profile", Sender: background, Body: chosen}) // a program that does not listen shows in what it says
	first, err := in.Read()
	if err == nil && first.Re == "bridge.profile" && first.Error == nil {
		first, err = in.Read()
	}
	switch {
	case errors.Is(err, frame.ErrTooLarge), errors.Is(err, frame.ErrMalformed), err == nil && first.Event == "":
		return greeting, fmt.Errorf("%w (%v)", errNotOurs, err)
	case err != nil:
		return greeting, err
	case first.Error != nil:
		return greeting, first.Error
	}
	if err := json.Unmarshal(first.Body, &greeting); err != nil || first.Event != "agent.hello" {
		return greeting, fmt.Errorf("%w: its first event is %.40q", errNotOurs, first.Event)
	}
	ping := protocol.Frame{ID: "doctor", Type: "ping", Sender: background, Body: json.RawMessage(`{"data":"doctor"}`)}
	if err := out.Write(ping); err != nil {
		return greeting, err
	}
	for {
		f, err := in.Read()
		switch {
		case err != nil:
			return greeting, err
		case f.ID == "doctor" && f.Error != nil:
			return greeting, f.Error
		case f.ID == "doctor":
			return greeting, nil
		}
	}
}

// limited keeps the beginning of what a program complains about.
type limited struct{ b bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	l.b.Write(p[:min(len(p), 500-min(l.b.Len(), 500))])
	return len(p), nil
}

func (l *limited) String() string { return strings.Join(strings.Fields(l.b.String()), " ") }
