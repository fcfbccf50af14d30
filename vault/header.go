package vault

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// The header file says how the vault opens. Layout:
//
//	"keyferry" | version 2 | body's length 4 | body | SHA-256 of all before | HMAC-SHA-256 of all before, under a key from the root
//
// The plain hash tells a damaged file from a wrong secret before any slot was tried; the HMAC, checked as soon as a
// slot has given the root, tells that nobody without the root wrote it. The body is in the vault's own encoding.
const (
	headerMagic   = "keyferry"
	headerVersion = 1
	maxHeader     = 1 << 20
	maxSlots      = 32
	maxEpochs     = 4
)

var errHeader = errors.New("not a vault header")

type header struct {
	vault    ID
	revision uint64 // counts the header's changes
	created  time.Time
	gen      uint32 // which store-N folder holds the records
	epochs   []epochKey
	slots    []slot
	rewrite  *rewriteMark // an emptying of the trash that has not ended
}

type epochKey struct {
	epoch   uint32
	wrapped []byte
}

// rewriteMark: the records of generation gen are being re-sealed under epoch, without what was trashed before cutoff.
// An open that finds it starts that again.
type rewriteMark struct {
	gen    uint32
	epoch  uint32
	cutoff time.Time
}

type slot struct {
	id      ID
	kind    SlotKind
	label   string
	created time.Time
	cost    Cost // passphrase slots only
	salt    []byte
	public  []byte // X-Wing public key of the slot: re-wrapping needs no secret
	wrapped []byte // the root key, HPKE-sealed to it: enc | ciphertext
	binder  []byte // what else the sealing takes, sealed under the root: see slot.go
}

func (h *header) encode(macKey []byte) []byte {
	e := &encoder{}
	e.bytes(1, h.vault[:])
	e.uint(2, h.revision)
	e.time(3, h.created)
	e.uint(4, uint64(h.gen))
	e.list(5, len(h.epochs), func(i int, e *encoder) {
		e.uint(1, uint64(h.epochs[i].epoch))
		e.bytes(2, h.epochs[i].wrapped)
	})
	e.list(6, len(h.slots), func(i int, e *encoder) {
		s := &h.slots[i]
		e.bytes(1, s.id[:])
		e.uint(2, uint64(s.kind))
		e.str(3, s.label)
		e.time(4, s.created)
		e.uint(5, uint64(s.cost.MemoryKiB))
		e.uint(6, uint64(s.cost.Passes))
		e.uint(7, uint64(s.cost.Lanes))
		e.bytes(8, s.salt)
		e.bytes(9, s.public)
		e.bytes(10, s.wrapped)
		e.bytes(11, s.binder)
	})
	if r := h.rewrite; r != nil {
		e.list(7, 1, func(_ int, e *encoder) {
			e.uint(1, uint64(r.gen))
			e.uint(2, uint64(r.epoch))
			e.time(3, r.cutoff)
		})
	}
	b := append([]byte(headerMagic), 0, headerVersion)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.b)))
	b = append(b, e.b...)
	sum := sha256.Sum256(b)
	b = append(b, sum[:]...)
	m := hmac.New(sha256.New, macKey)
	m.Write(b)
	return m.Sum(b)
}

// decodeHeader reads a header without believing it: authenticate says whether it is genuine.
func decodeHeader(b []byte) (*header, error) {
	const fixed = len(headerMagic) + 2 + 4
	if len(b) < fixed+2*sha256.Size || len(b) > maxHeader || !bytes.HasPrefix(b, []byte(headerMagic)) {
		return nil, errHeader
	}
	if v := binary.BigEndian.Uint16(b[len(headerMagic):]); v != headerVersion {
		return nil, fmt.Errorf("header version %d: %w", v, ErrNewer)
	}
	n := binary.BigEndian.Uint32(b[len(headerMagic)+2:])
	if int64(n) != int64(len(b)-fixed-2*sha256.Size) {
		return nil, errHeader
	}
	end := fixed + int(n)
	if sum := sha256.Sum256(b[:end]); !bytes.Equal(sum[:], b[end:end+sha256.Size]) {
		return nil, errHeader
	}
	return decodeHeaderBody(b[fixed:end])
}

func decodeHeaderBody(b []byte) (*header, error) {
	h := &header{}
	d := newDecoder(b)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			h.vault = d.id()
		case 2:
			h.revision = d.uint()
		case 3:
			h.created = d.time()
		case 4:
			h.gen = d.uint32()
		case 5:
			d.list(maxEpochs, func(d *decoder) { h.epochs = append(h.epochs, decodeEpoch(d)) })
		case 6:
			d.list(maxSlots, func(d *decoder) { h.slots = append(h.slots, decodeSlot(d)) })
		case 7:
			d.list(1, func(d *decoder) { h.rewrite = decodeRewrite(d) })
		default:
			d.fail()
		}
	}
	if d.err != nil {
		return nil, fmt.Errorf("%w: %w", errHeader, d.err)
	}
	if h.vault.IsZero() || h.gen == 0 || len(h.epochs) == 0 || len(h.slots) == 0 {
		return nil, errHeader
	}
	return h, nil
}

func decodeEpoch(d *decoder) (k epochKey) {
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			k.epoch = d.uint32()
		case 2:
			k.wrapped = bytes.Clone(d.bytes())
		default:
			d.fail()
		}
	}
	return k
}

func decodeRewrite(d *decoder) *rewriteMark {
	r := &rewriteMark{}
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			r.gen = d.uint32()
		case 2:
			r.epoch = d.uint32()
		case 3:
			r.cutoff = d.time()
		default:
			d.fail()
		}
	}
	return r
}

func decodeSlot(d *decoder) (s slot) {
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			s.id = d.id()
		case 2:
			s.kind = SlotKind(d.uint8())
		case 3:
			s.label = d.str()
		case 4:
			s.created = d.time()
		case 5:
			s.cost.MemoryKiB = d.uint32()
		case 6:
			s.cost.Passes = d.uint32()
		case 7:
			s.cost.Lanes = d.uint8()
		case 8:
			s.salt = bytes.Clone(d.bytes())
		case 9:
			s.public = bytes.Clone(d.bytes())
		case 10:
			s.wrapped = bytes.Clone(d.bytes())
		case 11:
			s.binder = bytes.Clone(d.bytes())
		default:
			d.fail()
		}
	}
	return s
}

// headerAuthentic says whether the root's owner wrote these bytes.
func headerAuthentic(b, macKey []byte) bool {
	if len(b) < sha256.Size {
		return false
	}
	end := len(b) - sha256.Size
	m := hmac.New(sha256.New, macKey)
	m.Write(b[:end])
	return hmac.Equal(m.Sum(nil), b[end:])
}
