//go:build linux || darwin

package main

import (
	"errors"
	"fmt"
	"net"
)

// peerPID is the process that listens at the other end of a connection.
func peerPID(conn *net.UnixConn) (pid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { pid, failed = pidAt(int(fd)) })
	if err = errors.Join(err, failed); err != nil {
		return 0, fmt.Errorf("can't find the agent's process: %w", err)
	}
	return pid, nil
}
