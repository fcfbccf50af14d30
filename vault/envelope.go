package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Every value in the store is an envelope:
//
//	schema 1 | epoch 4 | stage 4 | version 8 | first part's length 4 | nonce 24 | first part | second part (may be absent)
//
// Both parts are sealed by XChaCha20-Poly1305 under the epoch's record key. The associated data is the store key
// (kind and ID) and the whole head with the part's number, so that no envelope opens in another's place, as another
// version or as the other part. Badger encrypts its files too, but without authentication: nothing read from it is believed before
// its envelope has opened.
//
// version is the number of the commit that wrote the record. stage is 0, or the number of the import the record came
// with: it is visible once the vault's state lists that stage as committed.
const (
	schemaState    = 2 // 1 had no header count
	schemaOther    = 1
	nonceSize      = chacha20poly1305.NonceSizeX
	envelopeHead   = 1 + 4 + 4 + 8 + 4
	envelopeMin    = envelopeHead + nonceSize + chacha20poly1305.Overhead
	recordKeySize  = 17 // kind and ID, or kind and keyed hash
	maxPieceSize   = 256 << 10
	recordOverhead = 512       // more than an envelope, a record's fixed members and its tags take
	maxRecordPlain = 400 << 10 // a record must fit one of Badger's transactions (15 % of the memtable)
)

// The kinds of records: the first byte of a store key.
const (
	kindPasskey = 'P'
	kindItem    = 'I'
	kindIndex   = 'X'
	kindBlob    = 'B'
	kindPiece   = 'D' // of a blob
	kindSetting = 'S'
	kindAudit   = 'A'
	kindState   = 'M'
)

var errEnvelope = errors.New("does not authenticate")

type recordKey = [recordKeySize]byte

func keyOf(kind byte, id ID) recordKey {
	var k recordKey
	k[0] = kind
	copy(k[1:], id[:])
	return k
}

// schemaOf is the newest schema version of a kind of record, the one that is written. Older ones are read.
func schemaOf(key recordKey) byte {
	if key[0] == kindState {
		return schemaState
	}
	return schemaOther
}

type envelope struct {
	schema  byte
	epoch   uint32
	stage   uint32
	version uint64
	first   uint32
	raw     []byte
}

func parseEnvelope(value []byte) (envelope, error) {
	if len(value) < envelopeMin {
		return envelope{}, errEnvelope
	}
	e := envelope{
		schema: value[0], epoch: binary.BigEndian.Uint32(value[1:]), stage: binary.BigEndian.Uint32(value[5:]),
		version: binary.BigEndian.Uint64(value[9:]), first: binary.BigEndian.Uint32(value[17:]), raw: value,
	}
	body := len(value) - envelopeHead - nonceSize
	if int64(e.first) > int64(body) || e.first < chacha20poly1305.Overhead {
		return envelope{}, errEnvelope
	}
	if rest := body - int(e.first); rest != 0 && rest < chacha20poly1305.Overhead {
		return envelope{}, errEnvelope
	}
	return e, nil
}

// keyring of the live epochs' record keys.
type epochs struct {
	current uint32
	aeads   map[uint32]cipher.AEAD
}

func newEpochs(n uint32, key []byte) *epochs {
	return &epochs{current: n, aeads: map[uint32]cipher.AEAD{n: newAEAD(key)}}
}

// seal makes an envelope under the current epoch. second may be nil: then there is no second part.
func (ep *epochs) seal(key recordKey, stage uint32, version uint64, first, second []byte) []byte {
	n := envelopeMin + len(first)
	if second != nil {
		n += len(second) + chacha20poly1305.Overhead
	}
	out := make([]byte, envelopeHead+nonceSize, n)
	out[0] = schemaOf(key)
	binary.BigEndian.PutUint32(out[1:], ep.current)
	binary.BigEndian.PutUint32(out[5:], stage)
	binary.BigEndian.PutUint64(out[9:], version)
	binary.BigEndian.PutUint32(out[17:], uint32(len(first)+chacha20poly1305.Overhead))
	rand.Read(out[envelopeHead:])
	a := ep.aeads[ep.current]
	nonce, ad := partNonce(out, 0), partAAD(out, key, 0)
	out = a.Seal(out, nonce[:], first, ad[:])
	if second != nil {
		nonce, ad = partNonce(out, 1), partAAD(out, key, 1)
		out = a.Seal(out, nonce[:], second, ad[:])
	}
	return out
}

// open unseals one part (0 or 1) into dst.
func (ep *epochs) open(dst []byte, key recordKey, e envelope, part byte) ([]byte, error) {
	if e.schema > schemaOf(key) {
		return nil, fmt.Errorf("record schema %d: %w", e.schema, ErrNewer)
	}
	a := ep.aeads[e.epoch]
	if a == nil || e.schema == 0 {
		return nil, errEnvelope
	}
	body := e.raw[envelopeHead+nonceSize:]
	if part == 0 {
		body = body[:e.first]
	} else if body = body[e.first:]; len(body) == 0 {
		return nil, errEnvelope
	}
	nonce, ad := partNonce(e.raw, part), partAAD(e.raw, key, part)
	out, err := a.Open(dst, nonce[:], body, ad[:])
	if err != nil {
		return nil, errEnvelope
	}
	return out, nil
}

// partNonce is the envelope's random nonce with the part's number mixed into its last byte: 192 bits leave room.
func partNonce(raw []byte, part byte) (n [nonceSize]byte) {
	copy(n[:], raw[envelopeHead:])
	n[len(n)-1] ^= part
	return n
}

func partAAD(raw []byte, key recordKey, part byte) (ad [recordKeySize + envelopeHead + 1]byte) {
	copy(ad[:], key[:])
	copy(ad[recordKeySize:], raw[:envelopeHead])
	ad[len(ad)-1] = part
	return ad
}
