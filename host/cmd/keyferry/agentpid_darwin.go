package main

import "golang.org/x/sys/unix"

// pidAt asks the system who is at the other end of a socket.
func pidAt(fd int) (int, error) { return unix.GetsockoptInt(fd, unix.SOL_LOCAL, unix.LOCAL_PEERPID) }
