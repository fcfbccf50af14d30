package agent

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// peerOf finds out who is at the other end, in an order that a reused process ID does not fool: a handle on the
// process first, then its user, then its executable, then whether the handle's process is still there.
func peerOf(c net.Conn) (peer, error) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return peer{}, fmt.Errorf("a connection that is no unix socket: %w", errPeer)
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return peer{}, fmt.Errorf("could not get at the socket: %w", err)
	}
	var p peer
	var failed error
	err = raw.Control(func(fd uintptr) { p, failed = readPeer(int(fd)) })
	if err != nil {
		return peer{}, fmt.Errorf("could not get at the socket: %w", err)
	}
	return p, failed
}

func readPeer(fd int) (peer, error) {
	handle, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PEERPIDFD)
	if err != nil {
		handle = -1 // Linux before 6.5
	} else {
		defer func() { _ = unix.Close(handle) }()
	}
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return peer{}, fmt.Errorf("could not read the peer's credentials: %w", err)
	}
	if int(cred.Uid) != os.Getuid() {
		return peer{}, fmt.Errorf("user %d: %w", cred.Uid, errPeer)
	}
	p := peer{PID: int(cred.Pid)}
	exe, exeErr := os.Readlink("/proc/" + strconv.Itoa(p.PID) + "/exe")
	if handle >= 0 {
		// Refused permission is a sign of life as well.
		if err := unix.PidfdSendSignal(handle, 0, nil, 0); err != nil && !errors.Is(err, unix.EPERM) {
			return peer{}, fmt.Errorf("process %d: %w", p.PID, errPeer)
		}
	}
	if exeErr == nil {
		p.Executable = exe
	}
	return p, nil
}
