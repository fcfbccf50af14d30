//go:build !linux && !darwin

package agent

import "net"

// peerOf relies on the socket's folder (or the pipe's access list), which lets nobody else in.
func peerOf(net.Conn) (peer, error) { return peer{}, nil }
