package protonpass

import (
	"encoding/binary"
	"errors"
	"math"
)

// MessagePack, as much of it as Rust's encoder writes. A reader of its own, since the input is a stranger's: every count is
// held against the bytes that are left before memory is taken, and nothing nests deeper than maxNesting.

// maxNesting is how deep a passkey's content may nest; Proton's own needs 8.
const maxNesting = 32

var errPack = errors.New("has damaged content")

// unpack decodes one value: nil, bool, int64, float64, string, []byte, []any or map[string]any.
func unpack(data []byte) (any, error) {
	p := &unpacker{data}
	v, err := p.value(0)
	if err == nil && len(p.rest) > 0 {
		err = errPack
	}
	return v, err
}

type unpacker struct{ rest []byte }

func (p *unpacker) take(n uint64) ([]byte, error) {
	if n > uint64(len(p.rest)) {
		return nil, errPack
	}
	out := p.rest[:n]
	p.rest = p.rest[n:]
	return out, nil
}

// number reads a big-endian number of 1, 2, 4 or 8 bytes.
func (p *unpacker) number(size uint64) (uint64, error) {
	b, err := p.take(size)
	if err != nil {
		return 0, err
	}
	var full [8]byte
	copy(full[8-size:], b)
	return binary.BigEndian.Uint64(full[:]), nil
}

func (p *unpacker) value(depth int) (any, error) {
	if depth > maxNesting {
		return nil, errPack
	}
	head, err := p.take(1)
	if err != nil {
		return nil, err
	}
	switch c := head[0]; {
	case c <= 0x7f:
		return int64(c), nil
	case c >= 0xe0:
		return int64(int8(c)), nil
	case c <= 0x8f:
		return p.object(uint64(c&0xf), depth)
	case c <= 0x9f:
		return p.list(uint64(c&0xf), depth)
	case c <= 0xbf:
		return p.text(uint64(c & 0x1f))
	case c == 0xc0:
		return nil, nil
	case c == 0xc2, c == 0xc3:
		return c == 0xc3, nil
	default:
		return p.long(c, depth)
	}
}

// long reads what has a length or a number after its first byte.
func (p *unpacker) long(c byte, depth int) (any, error) {
	size := func(base byte) uint64 { return 1 << (c - base) } // 1, 2, 4, 8
	switch {
	case c >= 0xc4 && c <= 0xc6: // bin
		n, err := p.number(size(0xc4))
		if err != nil {
			return nil, err
		}
		return p.take(n)
	case c == 0xca:
		n, err := p.number(4)
		return float64(math.Float32frombits(uint32(n))), err
	case c == 0xcb:
		n, err := p.number(8)
		return math.Float64frombits(n), err
	case c >= 0xcc && c <= 0xcf: // unsigned
		n, err := p.number(size(0xcc))
		if err == nil && n > math.MaxInt64 {
			err = errPack
		}
		return int64(n), err // bounded
	case c >= 0xd0 && c <= 0xd3: // signed
		n, err := p.number(size(0xd0))
		unused := 64 - 8*size(0xd0)
		return int64(n<<unused) >> unused, err // meant as two's complement
	case c >= 0xd9 && c <= 0xdb:
		n, err := p.number(size(0xd9))
		if err != nil {
			return nil, err
		}
		return p.text(n)
	case c == 0xdc, c == 0xdd:
		n, err := p.number(2 * size(0xdc))
		if err != nil {
			return nil, err
		}
		return p.list(n, depth)
	case c == 0xde, c == 0xdf:
		n, err := p.number(2 * size(0xde))
		if err != nil {
			return nil, err
		}
		return p.object(n, depth)
	}
	return nil, errPack // extensions, and what is not assigned
}

func (p *unpacker) text(n uint64) (any, error) {
	b, err := p.take(n)
	return string(b), err
}

func (p *unpacker) list(n uint64, depth int) (any, error) {
	if n > uint64(len(p.rest)) { // an element has a byte at least
		return nil, errPack
	}
	out := make([]any, n)
	for i := range out {
		var err error
		if out[i], err = p.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *unpacker) object(n uint64, depth int) (any, error) {
	if 2*n > uint64(len(p.rest)) {
		return nil, errPack
	}
	out := make(map[string]any, n)
	for range n {
		key, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if _, twice := out[name]; !ok || twice {
			return nil, errPack
		}
		if out[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// packer encodes in the shortest form, but for lists of bytes: Rust writes a Vec<u8> as a list of numbers, not as bin.
type packer struct{ out []byte }

func (p *packer) nothing() { p.out = append(p.out, 0xc0) }

func (p *packer) object(n int) { p.out = append(p.out, 0x80|byte(n)) } // up to 15

func (p *packer) list(n int) {
	switch {
	case n < 16:
		p.out = append(p.out, 0x90|byte(n))
	case n < 1<<16:
		p.out = binary.BigEndian.AppendUint16(append(p.out, 0xdc), uint16(n)) // bounded
	default:
		p.out = binary.BigEndian.AppendUint32(append(p.out, 0xdd), uint32(n)) // a passkey's
	}
}

func (p *packer) text(s string) {
	switch n := len(s); {
	case n < 32:
		p.out = append(p.out, 0xa0|byte(n))
	case n < 1<<8:
		p.out = append(p.out, 0xd9, byte(n))
	case n < 1<<16:
		p.out = binary.BigEndian.AppendUint16(append(p.out, 0xda), uint16(n)) // bounded
	default:
		p.out = binary.BigEndian.AppendUint32(append(p.out, 0xdb), uint32(n)) // a passkey's
	}
	p.out = append(p.out, s...)
}

// number writes from -32 up to 32 bits.
func (p *packer) number(n int64) {
	switch {
	case n >= -32 && n < 128:
		p.out = append(p.out, byte(n))
	case n < 1<<8:
		p.out = append(p.out, 0xcc, byte(n))
	case n < 1<<16:
		p.out = binary.BigEndian.AppendUint16(append(p.out, 0xcd), uint16(n)) // bounded
	default:
		p.out = binary.BigEndian.AppendUint32(append(p.out, 0xce), uint32(n)) // the counter has 32 bits
	}
}

func (p *packer) bytes(b []byte) {
	p.list(len(b))
	for _, c := range b {
		p.number(int64(c))
	}
}
