package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
)

// A blob is something large that belongs to an item: an attached file. It is stored in pieces of at most 256 KiB, each sealed
// by itself and bound to its place, and read back piece by piece; no size of a blob takes memory.

// MaxBlob is the largest blob, in bytes.
const MaxBlob = 1 << 30

// Blob reads a stored blob. It implements io.Reader.
type Blob struct {
	ID    ID
	Owner ID
	Size  int64

	v      *Vault
	ctx    context.Context
	pieces uint32
	next   uint32
	read   int64
	rest   []byte
}

// PutBlob stores what r gives until io.EOF, for the item owner (zero: nobody's), and returns its ID and size. It is
// durable and visible when PutBlob returns, and not there at all after an error. When its owner is shredded from the
// trash, so is the blob.
func (v *Vault) PutBlob(ctx context.Context, owner ID, r io.Reader) (ID, int64, error) {
	s, err := v.Stage(ctx)
	if err != nil {
		return ID{}, 0, err
	}
	id, n, err := s.PutBlob(ctx, owner, r)
	if err == nil {
		err = s.Commit(ctx)
	}
	if err != nil {
		return ID{}, 0, errors.Join(err, s.Discard(context.WithoutCancel(ctx)))
	}
	return id, n, nil
}

// PutBlob adds a blob to the import.
func (s *Stage) PutBlob(ctx context.Context, owner ID, r io.Reader) (ID, int64, error) {
	id, size := NewID(), int64(0)
	pieces := uint32(0)
	for {
		buf := make([]byte, maxPieceSize)
		n, err := io.ReadFull(r, buf)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return ID{}, 0, fmt.Errorf("reading what is to be stored: %w", err)
		}
		if size += int64(n); size > MaxBlob {
			return ID{}, 0, fmt.Errorf("a blob of more than %d bytes: %w", int64(MaxBlob), ErrTooLarge)
		}
		if n > 0 {
			if perr := s.pushPiece(ctx, id, pieces, buf[:n]); perr != nil {
				return ID{}, 0, perr
			}
			pieces++
		}
		if err != nil {
			break
		}
	}
	b := Blob{ID: id, Owner: owner, Size: size, pieces: pieces}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ID{}, 0, ErrStageDone
	}
	return id, size, s.push(ctx, recordOverhead, func(t *tx) error {
		return t.create(keyOf(kindBlob, id), s.number, b.encode(), nil)
	})
}

func (s *Stage) pushPiece(ctx context.Context, id ID, n uint32, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrStageDone
	}
	return s.push(ctx, len(data)+recordOverhead, func(t *tx) error {
		var e encoder
		e.bytes(1, id[:])
		e.uint(2, uint64(n))
		return t.create(t.v.keys.pieceKey(id, n), s.number, e.b, data)
	})
}

func (k *keys) pieceKey(id ID, n uint32) recordKey {
	return k.indexKey(kindPiece, 0, string(id[:]), n)
}

func (b *Blob) encode() []byte {
	var e encoder
	if !b.Owner.IsZero() {
		e.bytes(1, b.Owner[:])
	}
	e.uint(2, uint64(b.Size))
	e.uint(3, uint64(b.pieces))
	return e.b
}

func decodeBlob(id ID, raw []byte) (*Blob, error) {
	b := &Blob{ID: id}
	d := newDecoder(raw)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			b.Owner = d.id()
		case 2:
			n := d.uint()
			if n > math.MaxInt64 {
				d.fail()
			}
			b.Size = int64(n)
		case 3:
			b.pieces = d.uint32()
		default:
			d.fail()
		}
	}
	return b, d.err
}

func decodePiece(raw []byte) (id ID, n uint32, err error) {
	d := newDecoder(raw)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			id = d.id()
		case 2:
			n = d.uint32()
		default:
			d.fail()
		}
	}
	return id, n, d.err
}

// Blob finds a blob; read it before ctx ends. ErrNotFound.
func (v *Vault) Blob(ctx context.Context, id ID) (*Blob, error) {
	var b *Blob
	err := v.lookup(ctx, func(r reader) (err error) {
		b, err = r.blob(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	b.v, b.ctx = v, ctx
	return b, nil
}

func (r reader) blob(id ID) (b *Blob, err error) {
	key := keyOf(kindBlob, id)
	err = r.raw(key, func(e envelope) error {
		if !r.visible(e.stage) {
			return errNoRecord
		}
		plain, err := r.v.epochs.open(nil, key, e, 0)
		if err == nil {
			b, err = decodeBlob(id, plain)
		}
		if err != nil {
			return &recordError{key: key, problem: "does not authenticate", cause: err}
		}
		return nil
	})
	return b, err
}

// Read implements io.Reader. A piece that is missing or changed is a *DamagedError, never an early end.
func (b *Blob) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.next == b.pieces {
			if b.read != b.Size {
				return 0, &DamagedError{Findings: []Finding{{Place: "attachment", ID: b.ID, Problem: "has the wrong size"}}}
			}
			return 0, io.EOF
		}
		if err := b.piece(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	b.read += int64(n)
	return n, nil
}

func (b *Blob) piece() error {
	err := b.v.view(b.ctx, func(r reader) error {
		key := r.v.keys.pieceKey(b.ID, b.next)
		return r.raw(key, func(e envelope) error {
			head, err := r.v.epochs.open(nil, key, e, 0)
			if err == nil {
				var id ID
				var n uint32
				if id, n, err = decodePiece(head); err == nil && (id != b.ID || n != b.next) {
					err = errCodec
				}
			}
			if err == nil {
				b.rest, err = r.v.epochs.open(nil, key, e, 1)
			}
			return err
		})
	})
	if errors.Is(err, errNoRecord) || errors.Is(err, errEnvelope) || errors.Is(err, errCodec) {
		return &DamagedError{Findings: []Finding{{Place: "attachment", ID: b.ID, Problem: fmt.Sprintf("piece %d is missing or changed", b.next+1)}}}
	}
	if err != nil {
		return b.v.readErr(err)
	}
	b.next++
	return nil
}

// DeleteBlob removes a blob. One that is not there is ErrNotFound.
func (v *Vault) DeleteBlob(ctx context.Context, id ID) error {
	return v.write(ctx, func(t *tx) error {
		b, err := t.reader().blob(id)
		if err != nil {
			return v.readErr(err)
		}
		if err := t.remove(keyOf(kindBlob, id)); err != nil {
			return err
		}
		for n := range b.pieces {
			if err := t.remove(v.keys.pieceKey(id, n)); err != nil {
				return v.readErr(err)
			}
		}
		return nil
	})
}
