package localexchange

import (
	"io"
	"os"
)

// Accept is for a command that was started: it finds the exchange on stdin, or on stdin and stdout where these are pipes,
// and refuses a peer of another user.
func Accept(l Limits) (*Conn, Starter, error) {
	stream, starter, err := AcceptStream()
	if err != nil {
		return nil, starter, err
	}
	return New(stream, false, l), starter, nil
}

// AcceptStream is Accept for a command that hands the exchange on to another process of its own.
func AcceptStream() (io.ReadWriteCloser, Starter, error) {
	if os.Getenv("CREDENTIAL_EXCHANGE") != "1" {
		return nil, Starter{}, ErrNotForPeople
	}
	return accept()
}
