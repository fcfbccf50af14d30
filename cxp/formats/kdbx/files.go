package kdbx

import (
	"bytes"
	"encoding/hex"
	"io"
	"strings"

	"github.com/keyferry/keyferry/cxp/formats"
)

// content opens an attached file of an entry.
func (r *reader) content(a attachment) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		switch {
		case a.err != nil:
			return nil, a.err
		case a.id != "":
			return r.files.open(a.id)
		case len(a.inline) > formats.MaxFile:
			return nil, errFileTooLarge
		}
		return io.NopCloser(bytes.NewReader(a.inline)), nil
	}
}

// fingerprint reads a SHA-256 as programs show it: hexadecimal, with or without colons.
func fingerprint(text string) ([]byte, bool) {
	sum, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(text), ":", ""))
	return sum, err == nil && len(sum) == 32
}
