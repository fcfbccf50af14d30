package localexchange

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	json "github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/cxp"
)

// MaxFrame is the largest frame, in bytes of JSON (LOCAL.md §3).
const MaxFrame = 1 << 20

// maxProgressFrame is the largest frame that only tells progress: many of them are borne.
const maxProgressFrame = 4 << 10

// payloadPiece is how many payload bytes go into one frame.
const payloadPiece = 512 << 10

// Frame types (LOCAL.md §4).
const (
	typeHello    = "hello"
	typeOffer    = "offer"
	typeRequest  = "request"
	typeResponse = "response"
	typePayload  = "payload"
	typeResult   = "result"
	typeError    = "error"
	typeProgress = "progress"
)

// frame is every message; which members count follows from Type. Unknown members are ignored.
type frame struct {
	Type string `json:"type"`

	Version     int    `json:"version,omitzero"`
	RPID        string `json:"rpId,omitzero"`
	DisplayName string `json:"displayName,omitzero"`
	Role        Role   `json:"role,omitzero"`

	CredentialTypes []string       `json:"credentialTypes,omitempty"`
	Counts          map[string]int `json:"counts,omitempty"`

	CXP string `json:"cxp,omitzero"`

	Seq  int    `json:"seq,omitzero"`
	Last bool   `json:"last,omitzero"`
	Data string `json:"data,omitzero"`

	Accepted int       `json:"accepted,omitzero"`
	Skipped  []Skipped `json:"skipped,omitempty"`

	Error cxp.Code `json:"error,omitzero"`

	Done  int64 `json:"done,omitzero"`
	Total int64 `json:"total,omitzero"`
}

// ProtocolError says that the peer broke the transport's rules, and how.
type ProtocolError struct{ Reason string }

// Error implements error.
func (e *ProtocolError) Error() string {
	return "the other app does not keep to the protocol: " + e.Reason
}

func broken(format string, args ...any) error { return &ProtocolError{fmt.Sprintf(format, args...)} }

// ErrStalled: the peer did not send anything in time.
var ErrStalled = errors.New("the other app does not answer; nothing was changed")

// ErrClosed: the peer ended the exchange without a word.
var ErrClosed = errors.New("the other app ended the exchange; nothing was changed")

// Limits bound what a peer can make this side wait for.
type Limits struct {
	// Hello is how long the greeting may take; zero: 10 seconds.
	Hello time.Duration
	// Person is how long a person on the other side may think, between two frames; zero: 10 minutes. A peer that works
	// sends progress meanwhile.
	Person time.Duration
	// Piece is how long the next piece of a payload may take; zero: 60 seconds.
	Piece time.Duration
	// Payload is how many bytes of a payload are taken; zero: cxp.MaxResponseSize.
	Payload int64
	// Progress is how many frames that only tell progress are borne; zero: 100,000, a day of one a second.
	Progress int
	// Whole is how long an exchange may take from its greeting on, however busy the peer says it is; zero:
	// cxp.DirectLifetime, after which nothing can be stored any more, and the time of a person before the request.
	Whole time.Duration
}

func (l Limits) withDefaults() Limits {
	if l.Hello == 0 {
		l.Hello = 10 * time.Second
	}
	if l.Person == 0 {
		l.Person = 10 * time.Minute
	}
	if l.Piece == 0 {
		l.Piece = time.Minute
	}
	if l.Payload == 0 {
		l.Payload = cxp.MaxResponseSize
	}
	if l.Progress == 0 {
		l.Progress = 100_000
	}
	if l.Whole == 0 {
		l.Whole = cxp.DirectLifetime + l.Person
	}
	return l
}

// writeWithin is how long a peer may take to read a frame.
const writeWithin = time.Minute

// wire reads and writes frames: a 32-bit little-endian length, then JSON. One goroutine reads ahead, a frame at most, so
// that a peer's end and its refusal are noticed also while this side is busy with something else.
type wire struct {
	rw io.ReadWriteCloser

	writing sync.Mutex

	reading sync.Once
	frames  chan frame
	ended   chan struct{} // closed when nothing more comes; then err says why
	err     error

	closing sync.Once
	closed  chan struct{}
	failure error // of closing
}

func newWire(rw io.ReadWriteCloser) *wire {
	return &wire{rw: rw, frames: make(chan frame), ended: make(chan struct{}), closed: make(chan struct{})}
}

// close may be called any number of times.
func (w *wire) close() error {
	w.closing.Do(func() {
		close(w.closed)
		w.failure = w.rw.Close()
	})
	return w.failure
}

func (w *wire) write(f frame) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if len(raw) > MaxFrame {
		return fmt.Errorf("a frame of %d bytes is too large to send", len(raw))
	}
	out := append(binary.LittleEndian.AppendUint32(make([]byte, 0, 4+len(raw)), uint32(len(raw))), raw...)
	w.writing.Lock()
	defer w.writing.Unlock()
	var late atomic.Bool
	timer := time.AfterFunc(writeWithin, func() { // a peer that does not read loses its connection
		late.Store(true)
		_ = w.close()
	})
	defer timer.Stop()
	if _, err := w.rw.Write(out); err != nil {
		if late.Load() {
			return ErrStalled
		}
		return errors.Join(ErrClosed, err)
	}
	return nil
}

// come is where frames arrive.
func (w *wire) come() <-chan frame {
	w.reading.Do(func() {
		go func() {
			defer close(w.ended)
			for {
				f, err := readFrame(w.rw)
				if err != nil {
					w.err = err
					return
				}
				select {
				case w.frames <- f:
				case <-w.closed:
					w.err = ErrClosed
					return
				}
			}
		}()
	})
	return w.frames
}

// read waits for the next frame at most for the given time. A peer that is late loses its connection.
func (w *wire) read(within time.Duration) (frame, error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case f := <-w.come():
		return f, nil
	case <-w.ended:
		return frame{}, w.err
	case <-timer.C:
		_ = w.close()
		return frame{}, ErrStalled
	}
}

func readFrame(r io.Reader) (frame, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, errors.Join(ErrClosed, err)
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n == 0 || n > MaxFrame {
		return frame{}, broken("a frame of %d bytes", n)
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(r, raw); err != nil {
		return frame{}, errors.Join(ErrClosed, err)
	}
	var f frame
	if err := json.Unmarshal(raw, &f); err != nil {
		return frame{}, broken("a frame that is no such JSON")
	}
	if f.Type == typeProgress && n > maxProgressFrame {
		return frame{}, broken("%d bytes to say how far it is", n)
	}
	return f, nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, broken("data that is no base64url")
	}
	return b, nil
}
