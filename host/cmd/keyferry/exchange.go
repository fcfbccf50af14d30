package main

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/agent"
	"github.com/keyferry/keyferry/host/bridge"
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// exchangeCmd is what other apps start to exchange credentials with this vault (cxp/LOCAL.md). It passes their bytes to
// the agent, which asks the person, and knows nothing itself.
type exchangeCmd struct{}

// Run implements the command. It ends when either side does.
func (exchangeCmd) Run(a *app) error {
	ignoreBrokenPipe()
	stream, starter, err := localexchange.AcceptStream()
	if err != nil {
		return err
	}
	defer stream.Close()
	hello := protocol.ClientHello{
		Protocol: protocol.Version, Version: version, Role: "exchange", Starter: starter.PID, Where: bridge.Where(""),
	}
	conn, _, err := link.Dial(a.ctx, a.profile, hello, link.StartSelf())
	if err != nil {
		// The other app is told that nothing comes of it, and its person finds out why here.
		return errors.Join(err, localexchange.New(stream, false, localexchange.Limits{}).Refuse(cxp.CodeForbiddenAction))
	}
	defer conn.Close()
	return splice(a.ctx, stream, conn.Stream())
}

// splice passes bytes both ways until one side ends. What the agent said last still arrives.
func splice(ctx context.Context, one, other io.ReadWriteCloser) error {
	stop := context.AfterFunc(ctx, func() { _ = errors.Join(one.Close(), other.Close()) })
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(one, other) // how it ends is the two sides' business
		_ = one.Close()
	}()
	_, _ = io.Copy(other, one)
	_ = other.Close()
	<-ended
	return ctx.Err()
}

// exchangeCommand is how others start the exchange of a profile.
func exchangeCommand(program string, p paths.Profile) []string {
	return append(append([]string{program}, p.Args()...), "exchange")
}

// exchangePlace is a vault's place among the apps that take part in direct exchange.
func (b build) exchangePlace(p paths.Profile) (agent.Exchange, error) {
	folders, err := b.exchangeFolders(p)
	if err != nil {
		return agent.Exchange{}, err
	}
	program, err := ownPath()
	if err != nil {
		return agent.Exchange{}, err
	}
	return agent.Exchange{
		RPID: transfer.ProfileRPID(p.Name), DisplayName: transfer.ProfileDisplayName(p.Name), Folders: folders, Command: exchangeCommand(program, p),
		Socket: func(command []string) (string, bool) { return b.exchangeSocket(program, command) },
	}, nil
}

// exchangeSocket is that of the agent which a registered command serves, if that is a command of this very binary.
func (b build) exchangeSocket(program string, command []string) (string, bool) {
	ours, err := os.Stat(program)
	if err != nil || len(command) < 2 || command[len(command)-1] != "exchange" {
		return "", false
	}
	theirs, err := os.Stat(command[0])
	if err != nil || !os.SameFile(ours, theirs) {
		return "", false
	}
	args := command[1 : len(command)-1]
	name := paths.DefaultProfile
	if n := len(args); n >= 2 && args[n-2] == "--profile" {
		name, args = args[n-1], args[:n-2]
	}
	other, args, err := takeBuild(slices.Clone(args))
	if err != nil || len(args) > 0 {
		return "", false
	}
	p, err := other.profile(name)
	return p.SocketPath, err == nil
}
