//go:build unix

package bridge

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// hungUp waits until the other end of a pipe is closed, also while what it sent before has not been read yet. It
// returns at once, with false, for anything that is no file.
func hungUp(in io.Reader) bool {
	file, ok := in.(*os.File)
	if !ok {
		return false
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return false
	}
	closed := false
	err = raw.Control(func(fd uintptr) {
		for {
			fds := []unix.PollFd{{Fd: int32(fd)}}
			n, err := unix.Poll(fds, -1)
			if n > 0 {
				closed = fds[0].Revents&(unix.POLLHUP|unix.POLLERR) != 0
			}
			if !errors.Is(err, unix.EINTR) {
				return
			}
		}
	})
	return closed && err == nil
}
