package main

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// peerPID is the process that listens at the other end of a connection.
func peerPID(conn *net.UnixConn) (pid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { pid, failed = unix.GetsockoptInt(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERPID) })
	if err = errors.Join(err, failed); err != nil {
		return 0, fmt.Errorf("can't find the agent's process: %w", err)
	}
	return pid, nil
}
