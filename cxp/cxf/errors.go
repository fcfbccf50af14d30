package cxf

import (
	"errors"
	"fmt"
)

// Errors that end reading as a whole. Everything smaller is in the [Report].
var (
	// ErrNotCXF: the input is JSON, but neither a Header, an Account, nor a
	// wrapper around one.
	ErrNotCXF = errors.New("this is not a CXF document")
	// ErrVersion: the document is of a major version that this package cannot know.
	ErrVersion = errors.New("the document is of a newer, incompatible CXF version; update to read it")
	// ErrTooLarge: a limit of [ReadOptions] was passed.
	ErrTooLarge = errors.New("the CXF document is too large")
	// ErrTooDeep: arrays and objects nest deeper than [ReadOptions] allow.
	ErrTooDeep = errors.New("the CXF document is nested too deeply")
	// ErrKey: a private key cannot be used. See [ParsePrivateKey].
	ErrKey = errors.New("the private key cannot be used")
)

// SyntaxError says that the input is not JSON, or not such JSON as can be
// trusted to mean the same to everyone: duplicate member names and invalid UTF-8
// are refused, too. It names the place, never the content.
type SyntaxError struct {
	// Offset is the number of bytes before the error.
	Offset int64
	// Reason is what is wrong, e.g. "duplicate member name".
	Reason string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("the document is damaged or not JSON: %s at byte %d; export it again", e.Reason, e.Offset)
}
