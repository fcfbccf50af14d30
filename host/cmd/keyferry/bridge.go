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

// memoryLimit makes the garbage collector work when large messages pass through, rather than let the heap grow: a
// bridge holds next to nothing itself, and one runs for each browser profile.
const memoryLimit = 6 << 20

// runBridge serves the browser that started the program.
func runBridge(ctx context.Context, b build, caller string) int {
	debug.SetMemoryLimit(memoryLimit)
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
