package localexchange

import (
	"errors"
	"io"
)

// Starter is the process that started a command, as far as the system tells. Among one user's processes it is a hint and
// no proof.
type Starter struct {
	PID     int
	Program string   // path of its executable; "" where it can't be told, since the process hides it, for one
	Command []string // its command line
}

// Errors of starting and of being started.
var (
	// ErrChanged: the provider is not what was listed or pinned.
	ErrChanged = errors.New("the other app has changed since it was looked at")
	// ErrOtherName: an app greets by another name than it is registered by, or answers by another one than it greeted by.
	ErrOtherName = errors.New("the other app goes by two names; nothing was exchanged")
	// ErrNotStarted: the provider's command could not be run.
	ErrNotStarted = errors.New("the other app could not be started")
	// ErrOtherUser: the exchange comes from a process of another user.
	ErrOtherUser = errors.New("the program that started this belongs to another user")
	// ErrNotForPeople: the command was started without an exchange.
	ErrNotForPeople = errors.New("this command is for other apps to start")
)

// pipes are stdin and stdout where there is no socket.
type pipes struct {
	io.Reader
	io.WriteCloser
}

// Close implements io.Closer.
func (p pipes) Close() error {
	err := p.WriteCloser.Close()
	if c, ok := p.Reader.(io.Closer); ok {
		err = errors.Join(err, c.Close())
	}
	return err
}
