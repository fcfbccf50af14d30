package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/keyferry/keyferry/host/bridge"
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

// A bridge holds next to nothing itself, and one runs for each browser profile, so it is kept small: the collector
// begins early, and works harder from the first large message on, but not before, since the start has to be quick.
const (
	collectAt   = 50      // percent
	memoryLimit = 6 << 20 // bytes
)

// firstFrame is how long a bridge waits for what its browser says first: whose profile it is. Ours says so at once.
const firstFrame = time.Second

// runBridge serves the browser that started the program.
func runBridge(ctx context.Context, b build, caller string) int {
	debug.SetGCPercent(collectAt)
	ignoreBrokenPipe() // a browser that is gone is seen as an error of the write
	b.loud()
	standard, err := b.profile(paths.DefaultProfile)
	if err != nil {
		return bridgeFailed(err)
	}
	known, err := b.extensions(standard)
	if err != nil {
		return bridgeFailed(err)
	}
	hello := protocol.ClientHello{
		Protocol: protocol.Version, Version: version, Role: "bridge",
		Caller: caller, Browser: bridge.Browser(), Where: bridge.Where(""),
	}
	err = bridge.Run(ctx, bridge.Config{
		In: os.Stdin, Out: os.Stdout, Caller: caller, Known: known.Knows,
		Large:    func() { debug.SetMemoryLimit(memoryLimit) },
		Patience: firstFrame,
		Exists:   func(name string) error { return checkChosen(standard, name) },
		Dial: func(ctx context.Context, name string, start bool) (bridge.Agent, protocol.AgentHello, error) {
			profile, err := b.profile(name)
			if err != nil {
				return nil, protocol.AgentHello{}, err
			}
			var starter link.Starter
			if start {
				starter = link.StartSelf()
			}
			conn, greeting, err := link.Dial(ctx, profile, hello, starter)
			if err != nil {
				return nil, greeting, err
			}
			return conn, greeting, nil
		},
	})
	if err != nil {
		return bridgeFailed(err)
	}
	return 0
}

// checkChosen refuses a profile that a browser has chosen and that is not there: its vault may be on a disk that is not
// mounted, and a new one in its place would be a surprise. The default profile is there also before its vault is made.
func checkChosen(standard paths.Profile, name string) error {
	names, err := standard.Names()
	if err != nil {
		return err
	}
	if name != paths.DefaultProfile && !slices.Contains(names, name) {
		return protocol.Errorf(protocol.CodeNoProfile, "there is no profile %.40q on this computer", name)
	}
	return nil
}

// bridgeFailed says why on stderr, which Chromium passes on and Firefox shows in its console.
func bridgeFailed(err error) int {
	fmt.Fprintln(os.Stderr, "keyferry:", err)
	return 1
}
