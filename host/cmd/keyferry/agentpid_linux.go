package main

import (
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
	err = raw.Control(func(fd uintptr) {
		var cred *unix.Ucred
		if cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); failed == nil {
			pid = int(cred.Pid)
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return 0, fmt.Errorf("can't find the agent's process: %w", err)
	}
	return pid, nil
}
