//go:build keyferrytest && !linux

package main

import (
	"errors"
	"net"
)

// peerPID is only known on Linux; elsewhere the testbed's agent ends by itself when it is locked and idle.
func peerPID(*net.UnixConn) (int, error) { return 0, errors.ErrUnsupported }
