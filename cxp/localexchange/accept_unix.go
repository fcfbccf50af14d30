//go:build unix

package localexchange

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// accept finds the socket on stdin, or two pipes.
func accept() (io.ReadWriteCloser, Starter, error) {
	info, err := os.Stdin.Stat()
	if err != nil {
		return nil, Starter{}, fmt.Errorf("finding the exchange: %w", err)
	}
	if info.Mode()&os.ModeSocket == 0 {
		return acceptPipes(info)
	}
	conn, err := net.FileConn(os.Stdin)
	if err != nil {
		return nil, Starter{}, fmt.Errorf("finding the exchange: %w", err)
	}
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, Starter{}, errors.Join(errors.New("the exchange is on a socket of another kind"), conn.Close())
	}
	pid, uid, ok := peerOf(u)
	if ok && uid != os.Getuid() {
		return nil, Starter{}, errors.Join(ErrOtherUser, conn.Close())
	}
	if !ok {
		pid = os.Getppid()
	}
	return conn, StarterOf(pid), nil
}

// acceptPipes takes two pipes that nobody else made.
func acceptPipes(in os.FileInfo) (io.ReadWriteCloser, Starter, error) {
	out, err := os.Stdout.Stat()
	if err != nil {
		return nil, Starter{}, fmt.Errorf("finding the exchange: %w", err)
	}
	for _, info := range []os.FileInfo{in, out} {
		if info.Mode()&os.ModeNamedPipe == 0 {
			return nil, Starter{}, ErrNotForPeople
		}
		if int(info.Sys().(*syscall.Stat_t).Uid) != os.Getuid() {
			return nil, Starter{}, ErrOtherUser
		}
	}
	return pipes{os.Stdin, os.Stdout}, StarterOf(os.Getppid()), nil
}
