package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	host "github.com/rickypc/native-messaging-host"

	"github.com/keyferry/keyferry/host/protocol"
)

// Reader reads frames. It is for one goroutine. It holds at most one frame, and the chunks of messages that are not
// complete yet, which together stay under the limit it was made with.
type Reader struct {
	r     io.Reader
	host  *host.Host
	buf   []byte // header and body of the frame at hand; kept for the next one
	skip  int64  // bytes of a refused frame that are still in the stream
	joins joiner
}

// NewReader returns a Reader whose messages, joined from chunks, are at most max bytes long.
func NewReader(r io.Reader, max int) *Reader {
	return &Reader{r: r, host: newHost(), joins: joiner{max: max}}
}

// Read returns the next whole frame, joined where it came in chunks. See [ErrEmpty] and its neighbours for errors.
func (r *Reader) Read() (protocol.Frame, error) {
	for {
		f, err := r.ReadWire()
		if err != nil || f.Chunk == nil {
			return f, err
		}
		whole, done, err := r.joins.add(*f.Chunk)
		clear(f.Chunk.Data)
		if err != nil {
			return protocol.Frame{ID: f.ID}, err
		}
		if done {
			joined, err := decode(whole)
			clear(whole)
			if err == nil && joined.Chunk != nil {
				err = fmt.Errorf("%w: a chunk within chunks", ErrMalformed)
			}
			return joined, err
		}
	}
}

// ReadWire returns the next frame as it is on the wire, chunks included. With [ErrMalformed] it returns a frame of which
// only the ID is set, if one could be made out, so that the request can be refused by name.
func (r *Reader) ReadWire() (protocol.Frame, error) {
	if err := r.skipRest(); err != nil {
		return protocol.Frame{}, err
	}
	var header [headerSize]byte
	if _, err := io.ReadFull(r.r, header[:]); err != nil {
		return protocol.Frame{}, err // io.EOF here, and only here, is the regular end
	}
	size := binary.LittleEndian.Uint32(header[:])
	if size == 0 {
		return protocol.Frame{}, ErrEmpty
	}
	if size > protocol.MaxFrame {
		r.skip = int64(size)
		return protocol.Frame{}, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, size, protocol.MaxFrame)
	}
	if need := headerSize + int(size); cap(r.buf) < need {
		r.buf = make([]byte, need)
	}
	whole := r.buf[:headerSize+int(size)]
	defer clear(whole)
	copy(whole, header[:])
	if _, err := io.ReadFull(r.r, whole[headerSize:]); err != nil {
		return protocol.Frame{}, cut(err)
	}
	// The library's decoder would pass over what follows the first value, so the whole is checked first.
	if err := check(whole[headerSize:]); err != nil {
		return protocol.Frame{ID: salvageID(whole[headerSize:])}, err
	}
	var body borrowed
	if err := r.host.OnMessage(bytes.NewReader(whole), &body); err != nil {
		return protocol.Frame{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	defer clear(body)
	f, err := unmarshal(body)
	if err != nil {
		f = protocol.Frame{ID: salvageID(body)}
	}
	return f, err
}

// skipRest passes over what is left of a frame that was refused for its length, in small pieces.
func (r *Reader) skipRest() error {
	if r.skip == 0 {
		return nil
	}
	n, err := io.CopyN(io.Discard, r.r, r.skip)
	r.skip -= n
	if err != nil {
		return cut(err)
	}
	return nil
}

// cut turns an end within a frame into io.ErrUnexpectedEOF, since a regular end lies between frames.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func decode(whole []byte) (protocol.Frame, error) {
	if err := check(whole); err != nil {
		return protocol.Frame{}, err
	}
	return unmarshal(whole)
}

// check takes exactly one JSON value, in valid UTF-8 and without duplicate names.
func check(body []byte) error {
	if !jsontext.Value(body).IsValid() {
		return fmt.Errorf("%w: not one valid JSON value", ErrMalformed)
	}
	return nil
}

// unmarshal is strict about names, where encoding/json would take "ID" for "id". The error names the place, not the
// value, which may be a secret.
func unmarshal(body []byte) (protocol.Frame, error) {
	var f protocol.Frame
	if jsontext.Value(body).Kind() != '{' {
		return f, fmt.Errorf("%w: not an object", ErrMalformed)
	}
	if err := json.Unmarshal(body, &f); err != nil {
		var semantic *json.SemanticError
		if errors.As(err, &semantic) {
			return protocol.Frame{}, fmt.Errorf("%w: at %q", ErrMalformed, string(semantic.JSONPointer))
		}
		return protocol.Frame{}, ErrMalformed
	}
	if len(f.ID) > maxID {
		return protocol.Frame{}, fmt.Errorf("%w: an id over %d bytes", ErrMalformed, maxID)
	}
	if kinds(f) != 1 {
		return protocol.Frame{}, fmt.Errorf("%w: exactly one of type, re, event, cancel and chunk must be set", ErrMalformed)
	}
	return f, nil
}

func kinds(f protocol.Frame) int {
	n := 0
	for _, set := range []bool{f.Type != "", f.Re != "", f.Event != "", f.Cancel, f.Chunk != nil} {
		if set {
			n++
		}
	}
	return n
}

// salvageID reads a bad frame as leniently as possible for the id of the request that has to be refused.
func salvageID(body []byte) string {
	var f struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(body, &f, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil || len(f.ID) > maxID {
		return ""
	}
	return f.ID
}

// borrowed takes a value from a decoder without copying it; the decoder is not used again.
type borrowed []byte

func (b *borrowed) UnmarshalJSON(value []byte) error { *b = value; return nil }

const (
	headerSize = 4
	maxID      = 128 // bytes
)

// newHost is the library with nothing but its byte order: no name, no update address, no executable path.
func newHost() *host.Host { return &host.Host{ByteOrder: binary.LittleEndian} }
