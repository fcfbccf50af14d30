package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
)

// socket looks at the agent's folder and socket, and talks to the agent that runs, if one does.
func (e *examination) socket() {
	if err := e.Profile.EnsureRunDir(); err != nil {
		var fix func() error
		if info, lerr := os.Lstat(e.Profile.RunDir); lerr == nil && info.IsDir() && owned(info) {
			fix = func() error { return os.Chmod(e.Profile.RunDir, 0o700) }
		}
		e.found("agent", "runtime-folder", Problem, err.Error(), "the folder has to be yours alone: chmod 700 '"+e.Profile.RunDir+"'", fix)
		return
	}
	ctx, cancel := context.WithTimeout(e.ctx, e.Timeout)
	defer cancel()
	hello := protocol.ClientHello{Protocol: protocol.Version, Version: e.Version, Role: "cli", Where: e.Where}
	conn, greeting, err := link.Dial(ctx, e.Profile, hello, nil)
	switch {
	case errors.Is(err, link.ErrNoAgent):
		e.stale()
		return
	case err != nil:
		e.found("agent", "agent-not-answering", Problem, fmt.Sprintf("something listens at %s, and does not answer as an agent: %v", e.Profile.SocketPath, err),
			"end that process, or log out and in again", nil)
		return
	}
	client := link.NewClient(conn, nil)
	defer client.Close()
	if greeting.Version != e.Version {
		e.found("agent", "agent-other-version", Problem, fmt.Sprintf("the agent that runs is version %.30q, this is %s", greeting.Version, e.Version),
			"`keyferry lock`, and if that changes nothing, end the agent; the next one is of this version", nil)
	} else {
		e.well("agent", "an agent runs (%s), the vault is %s", greeting.Version, greeting.Status.Vault)
	}
	e.held(client, greeting.Status.Vault)
}

// stale looks at what lies at the socket's place where nobody listens.
func (e *examination) stale() {
	if runtime.GOOS == "windows" {
		return // a pipe goes with its process
	}
	info, err := os.Lstat(e.Profile.SocketPath)
	switch {
	case errors.Is(err, os.ErrNotExist):
		e.well("agent", "no agent runs; a browser starts it")
	case err != nil:
		e.found("agent", "socket-unreadable", Problem, "the agent's socket can't be looked at: "+err.Error(), "remove "+e.Profile.SocketPath, nil)
	case info.Mode().Type() != os.ModeSocket:
		e.found("agent", "socket-is-no-socket", Problem, e.Profile.SocketPath+" is in the place of the agent's socket, and is none", "remove it", nil)
	default:
		e.found("agent", "socket-stale", Note, "an agent ended without cleaning up: nobody listens at "+e.Profile.SocketPath, "nothing: the next agent replaces it",
			func() error { return os.Remove(e.Profile.SocketPath) })
	}
}

// held asks the agent for the vault's health, if it has it open.
func (e *examination) held(client *link.Client, state string) {
	const do = "`keyferry doctor vault` says more, and saves what is whole"
	switch state {
	case "damaged":
		e.found("vault", "vault-damaged", Problem, "the agent found the vault damaged", do, nil)
	case "unlocked":
		var h protocol.Health
		if err := client.Call(e.ctx, "vault.health", protocol.Empty{}, &h); err != nil {
			e.found("vault", "vault-health-unknown", Note, "the agent did not say how the vault is: "+err.Error(), "`keyferry doctor vault` looks itself", nil)
		} else if h.State == "damaged" {
			e.found("vault", "vault-damaged", Problem, "the vault is damaged: "+strings.Join(h.Findings[:min(3, len(h.Findings))], "; "), do, nil)
		} else {
			e.well("vault", "the open vault is %s (%d records looked at)", h.State, h.Checked)
		}
	}
}
