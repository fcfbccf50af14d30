package agent

import (
	"context"
	"errors"
	"os"
	"time"
)

// An update replaces the binary while the agent runs. A lock executes the binary anew, whatever it is by then, so that
// an agent of the old version is gone at the next lock, and no sign-in is ever asked to wait for an update. Two cases
// don't wait for that lock: a vault that is locked already (look hands over as soon as nobody waits for an answer), and
// a caller whose protocol this version does not speak (greet; the caller comes again, and meets the successor).

// errReplaced: a connection was closed so that its caller meets the agent of the newer version.
var errReplaced = errors.New("the agent makes room for a newer version")

// successorWithin bounds how long a caller of a newer protocol waits for the ceremonies under way; whoever dials gives up
// after 15 seconds, and is to be told why before that.
const successorWithin = 10 * time.Second

// programFile is the binary as it lies on the disk now; nil where that can't be told.
func programFile() os.FileInfo {
	path, err := os.Executable()
	if err != nil {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil // between the old one's removal and the new one's coming
	}
	return info
}

// replaced reports whether the binary is another one than this process began as. Without that a hand-over would end at
// the same version, for ever.
func (a *agent) replaced() bool {
	now := programFile()
	return a.program != nil && now != nil && !os.SameFile(a.program, now)
}

// idleOfWork reports whether nobody waits: for a ceremony, or for the answer to a request.
func (a *agent) idleOfWork() bool {
	if len(a.ceremonies.live(func(*ceremony) bool { return true })) > 0 {
		return false
	}
	busy := false
	a.each(func(c *conn) {
		c.mu.Lock()
		busy = busy || len(c.requests) > 0
		c.mu.Unlock()
	})
	return !busy
}

// awaitSuccessor hands over to a newer binary for a caller that this one can't serve, as soon as nobody waits. False:
// there is no other binary, or it took too long.
func (a *agent) awaitSuccessor(ctx context.Context) bool {
	if !a.replaced() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, successorWithin)
	defer cancel()
	for !a.idleOfWork() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	a.end(ending{reason: "a newer version is installed, and asked for", lock: true, keepPIN: true})
	return true
}
