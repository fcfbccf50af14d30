package agent

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// peerOf checks the peer's user (LOCAL_PEERCRED).
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
	err = raw.Control(func(fd uintptr) {
		cred, err := unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
		if err != nil {
			failed = fmt.Errorf("could not read the peer's credentials: %w", err)
			return
		}
		if int(cred.Uid) != os.Getuid() {
			failed = fmt.Errorf("user %d: %w", cred.Uid, errPeer)
			return
		}
		p.PID, failed = unix.GetsockoptInt(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERPID)
	})
	if err != nil {
		return peer{}, fmt.Errorf("could not get at the socket: %w", err)
	}
	return p, failed
}
