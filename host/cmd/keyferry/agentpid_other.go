//go:build !linux && !darwin

package main

import (
	"errors"
	"net"
)

// peerPID is not known here; the agent ends by itself when it is locked and idle.
func peerPID(*net.UnixConn) (int, error) { return 0, errors.ErrUnsupported }
