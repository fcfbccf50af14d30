package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/keyferry/keyferry/host/bridge"
)

// version is set by the linker: -ldflags '-X main.version=1.2.3'.
var version = "0.0.0-dev"

func main() { os.Exit(run(os.Args[1:])) }

// run is main with an exit code: 0 done, 1 failed, 2 wrong usage.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	build, args, err := takeBuild(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyferry:", err)
		return 1
	}
	if caller, ok := bridge.Detect(args); ok {
		return runBridge(ctx, build, caller)
	}
	return runCLI(ctx, build, args)
}
