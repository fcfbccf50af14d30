package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

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

// runBridge serves the browser that started the program.
func runBridge(ctx context.Context, b build, caller string) int {
	debug.SetGCPercent(collectAt)
	ignoreBrokenPipe() // a browser that is gone is seen as an error of the write
	b.loud()
	profile, err := b.profile(paths.DefaultProfile)
	if err != nil {
		return bridgeFailed(err)
	}
	known, err := b.extensions(profile)
	if err != nil {
		return bridgeFailed(err)
	}
	hello := protocol.ClientHello{
		Protocol: protocol.Version, Version: version, Role: "bridge",
		Caller: caller, Browser: bridge.Browser(), Where: bridge.Where(""),
	}
	err = bridge.Run(ctx, bridge.Config{
		In: os.Stdin, Out: os.Stdout, Caller: caller, Known: known.Knows,
		Large: func() { debug.SetMemoryLimit(memoryLimit) },
		Dial: func(ctx context.Context, start bool) (bridge.Agent, protocol.AgentHello, error) {
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

// bridgeFailed says why on stderr, which Chromium passes on and Firefox shows in its console.
func bridgeFailed(err error) int {
	fmt.Fprintln(os.Stderr, "keyferry:", err)
	return 1
}
