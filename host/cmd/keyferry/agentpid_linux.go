package main

import "golang.org/x/sys/unix"

// pidAt asks the system who is at the other end of a socket.
func pidAt(fd int) (int, error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(cred.Pid), nil
}
