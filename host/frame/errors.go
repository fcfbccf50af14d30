package frame

import (
	"errors"

	"github.com/keyferry/keyferry/host/protocol"
)

// What can be wrong with a frame. After any of these the stream is still in step: the next Read goes on behind the bad
// frame. Other errors (io.EOF between frames, io.ErrUnexpectedEOF within one, errors of the stream) are final.
var (
	ErrEmpty     = errors.New("empty frame: the length is 0")
	ErrTooLarge  = errors.New("frame or message over its limit")
	ErrMalformed = errors.New("frame is not one JSON object as the protocol has it")
	ErrChunk     = errors.New("chunk out of order")
)

// Recoverable says whether reading can go on after this error.
func Recoverable(err error) bool {
	return errors.Is(err, ErrEmpty) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrMalformed) || errors.Is(err, ErrChunk)
}

// Refusal is the answer to a frame that could not be read: an error that belongs to no request.
func Refusal(err error) *protocol.Error {
	code := protocol.CodeBadRequest
	if errors.Is(err, ErrTooLarge) {
		code = protocol.CodeTooLarge
	}
	return protocol.Errorf(code, "%s", err.Error())
}
