package bridge

import (
	"github.com/keyferry/keyferry/host/protocol"
)

// Bounds on what a browser can make the bridge keep.
const (
	maxOpen      = 1024
	maxName      = 64 // bytes of a chunked frame's name
	maxHeld      = 64
	maxHeldBytes = 4 << 20
	unknownType  = "unknown" // the Re of an answer to a request whose type was hidden in chunks
)

// requests are those that have not been answered: open ones are with the agent, held ones wait here.
type requests struct {
	open      map[string]string // id -> type
	chunks    map[string]bool   // names of chunked frames whose first piece went to this agent
	held      []protocol.Frame
	heldBytes int
}

func newRequests() *requests {
	return &requests{open: map[string]string{}, chunks: map[string]bool{}}
}

// hold keeps a frame for later, or says that there is no room.
func (r *requests) hold(f protocol.Frame) bool {
	size := len(f.Body)
	if f.Chunk != nil {
		size += len(f.Chunk.Data)
	}
	if len(r.held) == maxHeld || r.heldBytes+size > maxHeldBytes {
		return false
	}
	r.held = append(r.held, f)
	r.heldBytes += size
	return true
}

// release returns the held frames in their order.
func (r *requests) release() []protocol.Frame {
	held := r.held
	r.held, r.heldBytes = nil, 0
	return held
}

// unhold takes a request that was cancelled out of the held ones.
func (r *requests) unhold(id string) (typ string, ok bool) {
	held := r.release()
	for _, f := range held {
		if f.ID == id {
			typ, ok = typeOf(f), true
		} else {
			r.hold(f)
		}
	}
	return typ, ok
}

// sent notes a frame that goes to the agent. It returns false for one that must not: a later piece of a chunked frame
// whose beginning went to an agent that is gone.
func (r *requests) sent(f protocol.Frame) bool {
	if c := f.Chunk; c != nil {
		if c.Seq > 0 && !r.chunks[c.Of] {
			return false
		}
		if c.Last {
			delete(r.chunks, c.Of)
		} else {
			r.chunks[c.Of] = true
		}
	}
	if f.ID != "" && !f.Cancel {
		if _, known := r.open[f.ID]; !known {
			r.open[f.ID] = typeOf(f)
		}
	}
	return true
}

// answered notes a frame that comes from the agent, whole or a last piece.
func (r *requests) answered(f protocol.Frame) {
	if f.Re != "" || f.Chunk != nil && f.Chunk.Last {
		delete(r.open, f.ID)
	}
}

// lost empties the open requests, and returns the answer for each.
func (r *requests) lost(err *protocol.Error) []protocol.Frame {
	var answers []protocol.Frame
	for id, typ := range r.open {
		answers = append(answers, protocol.Frame{ID: id, Re: typ, Error: err})
	}
	clear(r.open)
	clear(r.chunks)
	return answers
}

func typeOf(f protocol.Frame) string {
	if f.Type != "" {
		return f.Type
	}
	return unknownType
}
