//go:build unix

package link

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	rootDir    = "/"
	keepAllEnv = false
)

// ownSession keeps the agent alive when the browser's process group or terminal ends.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// closeOnExec keeps descriptors that this process itself was given, by a browser or a shell, from the agent: it would
// hold them open long after their owner is gone.
func closeOnExec() {
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // nothing to go by; those of our own are closed anyway
	}
	for _, entry := range open {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "unix", path)
}

func listenSocket(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("can't remove the socket of an agent that is gone: %w", err)
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("can't open the agent's socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // its folder is closed to others anyway
		ln.Close()
		return nil, fmt.Errorf("can't close the agent's socket to others: %w", err)
	}
	return ln, nil
}

// tryLock takes an exclusive lock that goes with the process, or returns false where somebody else has it.
func tryLock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR) {
		return false, nil
	}
	return err == nil, err
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}
