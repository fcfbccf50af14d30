package link

import (
	"context"
	"errors"
	"net"

	"github.com/keyferry/keyferry/host/paths"
)

// ErrRunning: another agent serves this vault already.
var ErrRunning = errors.New("an agent is already running for this vault")

// Listen opens a profile's socket for its agent. A socket that a killed agent left behind is replaced; one behind which
// an agent answers gives [ErrRunning]. Closing the listener removes the socket.
func Listen(ctx context.Context, p paths.Profile) (net.Listener, error) {
	if err := p.EnsureRunDir(); err != nil {
		return nil, err
	}
	unlock, err := lockFile(ctx, lockPath(p, "listen"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if conn, err := dialSocket(ctx, p.SocketPath); err == nil {
		conn.Close()
		return nil, ErrRunning
	}
	return listenSocket(p.SocketPath)
}
