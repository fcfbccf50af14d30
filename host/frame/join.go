package frame

import (
	"fmt"

	"github.com/keyferry/keyferry/host/protocol"
)

// maxJoins is how many messages may be incomplete at a time.
const maxJoins = 32

// joiner puts chunks together. All that it holds stays within max bytes.
type joiner struct {
	max   int
	held  int
	parts map[string]*part
}

type part struct {
	next int // the sequence number that has to come
	data []byte
}

// add takes a chunk and returns the message that it completes. An error drops the message that the chunk belongs to.
func (j *joiner) add(c protocol.Chunk) (whole []byte, done bool, err error) {
	p := j.parts[c.Of]
	switch {
	case c.Of == "" || len(c.Of) > 64 || len(c.Data) > protocol.MaxFrame:
		return nil, false, fmt.Errorf("%w: no name, or a name or piece that is too long", ErrChunk)
	case p == nil && c.Seq != 0, p != nil && c.Seq != p.next:
		j.drop(c.Of)
		return nil, false, fmt.Errorf("%w: piece %d is not the next one", ErrChunk, c.Seq)
	case j.held+len(c.Data) > j.max:
		j.drop(c.Of)
		return nil, false, fmt.Errorf("%w: chunks add up to more than %d bytes", ErrTooLarge, j.max)
	case p == nil && len(j.parts) == maxJoins:
		return nil, false, fmt.Errorf("%w: more than %d messages are incomplete", ErrTooLarge, maxJoins)
	case len(c.Data) == 0 && !c.Last:
		j.drop(c.Of)
		return nil, false, fmt.Errorf("%w: an empty piece", ErrChunk)
	}
	if p == nil {
		if j.parts == nil {
			j.parts = map[string]*part{}
		}
		p = &part{}
		j.parts[c.Of] = p
	}
	p.data = append(p.data, c.Data...)
	p.next++
	j.held += len(c.Data)
	if !c.Last {
		return nil, false, nil
	}
	delete(j.parts, c.Of)
	j.held -= len(p.data)
	return p.data, true, nil
}

func (j *joiner) drop(of string) {
	if p := j.parts[of]; p != nil {
		j.held -= len(p.data)
		clear(p.data)
		delete(j.parts, of)
	}
}
