//go:build unix

package agent

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Flags that [Run] adds to Config.Args when it re-executes the program; their values are descriptor numbers.
const (
	FlagListener = "--inherit-listener"
	FlagPIN      = "--inherit-pin"
)

// Handover is what one process of the agent hands to the next over a lock. Zero members: nothing was handed over.
type Handover struct {
	ListenerFD int // of the listening socket
	PINFD      int // of a socket that holds the PIN's sealed blob
}

// Listener takes the socket over, nil where none was handed over.
func (h Handover) Listener() (net.Listener, error) {
	if h.ListenerFD <= 2 {
		return nil, nil
	}
	f := os.NewFile(uintptr(h.ListenerFD), "listener")
	defer func() { _ = f.Close() }()
	ln, err := net.FileListener(f) // a duplicate
	if err != nil {
		return nil, fmt.Errorf("could not take the agent's socket over: %w", err)
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(true)
	}
	return ln, nil
}

// again starts the program anew in this process: memory goes, the process ID and the socket stay. Where that can't
// be done the process ends, which forgets as well.
func (a *agent) again(ln net.Listener, keepPIN bool) error {
	blob := a.keep.takePIN(keepPIN)
	if a.cfg.Args == nil {
		return errors.Join(ErrLocked, ln.Close())
	}
	syscall.ForkLock.RLock() // until exec: a dialog's program that was started now would inherit what is handed over
	defer syscall.ForkLock.RUnlock()
	args, err := a.handOver(ln, blob)
	if err != nil {
		return errors.Join(ErrLocked, err, ln.Close())
	}
	exe, err := os.Executable()
	if err != nil {
		return errors.Join(ErrLocked, fmt.Errorf("could not find the program to start again: %w", err), ln.Close())
	}
	err = syscall.Exec(exe, append([]string{exe}, args...), os.Environ())
	return errors.Join(ErrLocked, fmt.Errorf("could not start the program again: %w", err), ln.Close())
}

// handOver makes descriptors that survive exec, and the arguments that name them.
func (a *agent) handOver(ln net.Listener, blob []byte) ([]string, error) {
	u, ok := ln.(*net.UnixListener)
	if !ok {
		return nil, fmt.Errorf("a %T can't be handed over", ln)
	}
	u.SetUnlinkOnClose(false)
	f, err := u.File()
	if err != nil {
		return nil, fmt.Errorf("could not hand the socket over: %w", err)
	}
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD, 3) // without close-on-exec; f itself is closed by exec
	if err != nil {
		return nil, fmt.Errorf("could not hand the socket over: %w", err)
	}
	args := append(append([]string{}, a.cfg.Args...), FlagListener+"="+strconv.Itoa(fd))
	if blob == nil {
		return args, nil
	}
	mem, err := handedOver(blob)
	if err != nil {
		a.log.Warn().Err(err).Msg("the PIN is lost by this lock")
		return args, nil
	}
	return append(args, FlagPIN+"="+strconv.Itoa(mem)), nil
}
