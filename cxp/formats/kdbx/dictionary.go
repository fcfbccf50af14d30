package kdbx

import (
	"encoding/binary"
	"errors"

	"github.com/keyferry/keyferry/cxp/formats"
)

// Types of the values of a variant dictionary, as far as key derivations use them.
const (
	variantEnd    = 0x00
	variantUint32 = 0x04
	variantUint64 = 0x05
	variantBytes  = 0x42
)

type variant struct {
	kind  byte
	value []byte
}

// dictionary is a variant dictionary of KDBX 4, the form in which the costs of the key derivation are kept.
type dictionary map[string]variant

func parseDictionary(data []byte) (dictionary, error) {
	damaged := func(what string) error { return formats.Damaged("header", errors.New("key derivation: "+what)) }
	if len(data) < 2 {
		return nil, damaged("cut short")
	}
	if data[1] != 1 { // the major version
		return nil, &formats.VersionError{Format: "KDBX", Found: "with an unknown key derivation", Newer: true}
	}
	data = data[2:]
	part := func() ([]byte, bool) {
		if len(data) < 4 {
			return nil, false
		}
		n := uint64(binary.LittleEndian.Uint32(data))
		if n > uint64(len(data)-4) {
			return nil, false
		}
		p := data[4 : 4+n]
		data = data[4+n:]
		return p, true
	}
	d := dictionary{}
	for {
		if len(data) == 0 {
			return nil, damaged("cut short")
		}
		kind := data[0]
		data = data[1:]
		if kind == variantEnd {
			return d, nil
		}
		name, ok := part()
		if !ok {
			return nil, damaged("cut short")
		}
		value, ok := part()
		if !ok {
			return nil, damaged("cut short")
		}
		if _, twice := d[string(name)]; twice {
			return nil, damaged("a parameter occurs twice")
		}
		d[string(name)] = variant{kind, value}
	}
}

func (d dictionary) bytes(name string) []byte {
	if v := d[name]; v.kind == variantBytes {
		return v.value
	}
	return nil
}

// number reads either width, since programs differ; ok is false where there is none.
func (d dictionary) number(name string) (n uint64, ok bool) {
	v := d[name]
	switch {
	case v.kind == variantUint32 && len(v.value) == 4:
		return uint64(binary.LittleEndian.Uint32(v.value)), true
	case v.kind == variantUint64 && len(v.value) == 8:
		return binary.LittleEndian.Uint64(v.value), true
	}
	return 0, false
}

// dictionaryWriter makes one.
type dictionaryWriter struct{ buf []byte }

func newDictionary() *dictionaryWriter { return &dictionaryWriter{[]byte{0, 1}} }

func (w *dictionaryWriter) put(kind byte, name string, value []byte) {
	w.buf = append(w.buf, kind)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(len(name)))
	w.buf = append(w.buf, name...)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(len(value)))
	w.buf = append(w.buf, value...)
}

func (w *dictionaryWriter) uint32(name string, v uint32) {
	w.put(variantUint32, name, binary.LittleEndian.AppendUint32(nil, v))
}

func (w *dictionaryWriter) uint64(name string, v uint64) {
	w.put(variantUint64, name, binary.LittleEndian.AppendUint64(nil, v))
}

func (w *dictionaryWriter) done() []byte { return append(w.buf, variantEnd) }
