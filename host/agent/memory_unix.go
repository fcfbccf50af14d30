//go:build unix

package agent

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// What is handed over lies in the buffer of a socket whose other end is closed: in the kernel's memory, which is never
// swapped out, and under no name. An exec makes the process readable to others of the same user until it has called
// [Harden] again, and a file in memory, a memfd or a pipe, can be opened then through /proc/PID/fd; a socket can not.

// handedOver puts bytes into such a socket, which stays open across exec. The caller holds syscall.ForkLock for reading.
func handedOver(b []byte) (fd int, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return 0, fmt.Errorf("could not make a socket to hand something over: %w", err)
	}
	if err = unix.SetNonblock(pair[0], true); err == nil {
		var n int
		if n, err = unix.Write(pair[0], b); err == nil && n != len(b) {
			err = io.ErrShortWrite
		}
	}
	if err = errors.Join(err, unix.Close(pair[0])); err != nil {
		return 0, errors.Join(fmt.Errorf("could not hand something over: %w", err), unix.Close(pair[1]))
	}
	return pair[1], nil
}

// readHandedOver reads and closes a descriptor.
func readHandedOver(fd int, limit int) ([]byte, error) {
	f := os.NewFile(uintptr(fd), "pin")
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err == nil && len(raw) > limit {
		err = errors.New("it is too long")
	}
	if err != nil {
		clear(raw)
		return nil, fmt.Errorf("could not take the PIN over: %w", err)
	}
	return raw, nil
}
