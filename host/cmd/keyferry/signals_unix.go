//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreBrokenPipe makes a write to a closed stdout an error instead of the end of the process.
func ignoreBrokenPipe() { signal.Ignore(syscall.SIGPIPE) }

// detached lets a program live on when this one and its terminal end.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
