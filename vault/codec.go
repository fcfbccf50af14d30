package vault

import (
	"encoding/binary"
	"errors"
	"time"
)

// The vault's own encoding, for records, header and anchor alike: a sequence of fields, each a tag byte and a value,
// in strictly ascending tag order. A value is an unsigned varint, or a varint length and that many bytes; the tag's
// owner knows which. Zero values are left out. There is exactly one encoding of any content, and decoding costs no
// reflection: an assertion has to unseal and decode a passkey in a few microseconds.

var errCodec = errors.New("malformed encoding")

type encoder struct{ b []byte }

func (e *encoder) uint(tag byte, v uint64) {
	if v != 0 {
		e.b = binary.AppendUvarint(append(e.b, tag), v)
	}
}

// int zigzags, so that small negative numbers (COSE algorithms) stay short.
func (e *encoder) int(tag byte, v int64) { e.uint(tag, uint64(v<<1)^uint64(v>>63)) }

func (e *encoder) bool(tag byte, v bool) {
	if v {
		e.uint(tag, 1)
	}
}

func (e *encoder) time(tag byte, t time.Time) {
	if !t.IsZero() {
		e.int(tag, t.UnixMilli())
	}
}

func (e *encoder) bytes(tag byte, v []byte) {
	if len(v) != 0 {
		e.b = append(binary.AppendUvarint(append(e.b, tag), uint64(len(v))), v...)
	}
}

func (e *encoder) str(tag byte, v string) {
	if len(v) != 0 {
		e.b = append(binary.AppendUvarint(append(e.b, tag), uint64(len(v))), v...)
	}
}

// decoder reads what encoder wrote. The first error sticks; next returns false at the end or after an error. Byte
// values alias the input.
type decoder struct {
	b    []byte
	last int
	err  error
}

func newDecoder(b []byte) *decoder { return &decoder{b: b, last: -1} }

func (d *decoder) next() (byte, bool) {
	if d.err != nil || len(d.b) == 0 {
		return 0, false
	}
	tag := d.b[0]
	if int(tag) <= d.last {
		d.err = errCodec
		return 0, false
	}
	d.last, d.b = int(tag), d.b[1:]
	return tag, true
}

func (d *decoder) varint() uint64 {
	if d.err != nil {
		return 0
	}
	v, n := binary.Uvarint(d.b)
	if n <= 0 || n > 1 && d.b[n-1] == 0 { // cut short, too long, or not the shortest form
		d.err = errCodec
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) uint() uint64 {
	v := d.varint()
	if v == 0 {
		d.fail()
	}
	return v
}

func (d *decoder) int() int64 {
	v := d.uint()
	return int64(v>>1) ^ -int64(v&1)
}

func (d *decoder) bool() bool {
	if d.varint() != 1 {
		d.fail()
	}
	return d.err == nil
}

func (d *decoder) time() time.Time {
	if ms := d.int(); d.err == nil {
		return time.UnixMilli(ms)
	}
	return time.Time{}
}

func (d *decoder) bytes() []byte {
	n := d.varint()
	if d.err != nil || n == 0 || n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	v := d.b[:n:n]
	d.b = d.b[n:]
	return v
}

func (d *decoder) str() string { return string(d.bytes()) }

func (d *decoder) id() ID {
	var id ID
	if b := d.bytes(); len(b) == len(id) {
		copy(id[:], b)
	} else {
		d.fail()
	}
	return id
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = errCodec
	}
}

// list writes n nested sequences under one tag: their number, and each with its length.
func (e *encoder) list(tag byte, n int, each func(i int, e *encoder)) {
	if n == 0 {
		return
	}
	out := &encoder{b: binary.AppendUvarint(nil, uint64(n))}
	for i := range n {
		in := &encoder{}
		each(i, in)
		out.b = append(binary.AppendUvarint(out.b, uint64(len(in.b))), in.b...)
	}
	e.bytes(tag, out.b)
}

// list reads at most limit nested sequences.
func (d *decoder) list(limit int, each func(*decoder)) {
	in := &decoder{b: d.bytes()}
	n := in.varint()
	if d.err != nil || in.err != nil || n == 0 || n > uint64(limit) {
		d.fail()
		return
	}
	for range n {
		size := in.varint()
		if in.err != nil || size > uint64(len(in.b)) {
			d.fail()
			return
		}
		one := newDecoder(in.b[:size])
		each(one)
		if one.err != nil || len(one.b) != 0 {
			d.fail()
			return
		}
		in.b = in.b[size:]
	}
	if len(in.b) != 0 {
		d.fail()
	}
}

func (d *decoder) uint32() uint32 {
	v := d.uint()
	if v > 1<<32-1 {
		d.fail()
	}
	return uint32(v)
}

func (d *decoder) uint8() uint8 {
	v := d.uint()
	if v > 1<<8-1 {
		d.fail()
	}
	return uint8(v)
}
