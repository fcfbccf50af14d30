package agent

import "errors"

// errPeer: the other end of a connection is not who may be there.
var errPeer = errors.New("the peer belongs to another user or has ended already")

// peer is the process at the other end of a connection. The executable is for display and the log: it is no identity,
// since any program can hand its socket to another one.
type peer struct {
	PID        int
	Executable string // path, "" where it can't be read (a process that closed itself to others)
}
