package kdbx

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20"

	"github.com/keyferry/keyferry/cxp/formats"
)

// Losses implements formats.Writer.
func (Format) Losses(ctx context.Context, d *formats.Document) ([]formats.Loss, error) {
	p, err := newPlan(ctx, d)
	if err != nil {
		return nil, err
	}
	return p.Losses(), nil
}

// defaultKDF costs about a second where KeePassXC's own default costs one.
func defaultKDF() formats.KDF {
	return formats.KDF{Memory: 64 << 10, Time: 10, Threads: uint8(min(4, max(2, runtime.NumCPU())))} // 2 to 4
}

// Write implements formats.Writer: KDBX 4.0 with Argon2id and ChaCha20.
func (Format) Write(ctx context.Context, w io.Writer, d *formats.Document, o formats.WriteOptions) (*formats.Written, error) {
	if len(o.Passphrase) == 0 {
		return nil, formats.ErrNoPassphrase
	}
	if o.KDF == (formats.KDF{}) {
		o.KDF = defaultKDF()
	}
	if err := formats.CheckArgon2(int64(o.KDF.Memory), int64(o.KDF.Time), int64(o.KDF.Threads)); err != nil {
		return nil, err
	}
	p, err := newPlan(ctx, d)
	if err != nil {
		return nil, err
	}
	composite, err := compositeKey(&formats.Secret{Password: o.Passphrase, HasPassword: true})
	if err != nil {
		return nil, err
	}
	defer clear(composite)
	s, err := newSealer(ctx, w, composite, o.KDF)
	if err != nil {
		return nil, err
	}
	if err := p.write(ctx, s, d, &o); err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return &formats.Written{Report: p.Report(), Losses: p.Losses()}, nil
}

// write writes the inner header and the XML.
func (p *plan) write(ctx context.Context, w io.Writer, d *formats.Document, o *formats.WriteOptions) error {
	key := make([]byte, 64)
	_, _ = rand.Read(key) // never fails
	stream, err := newStream(streamChaCha, key)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	field := func(id byte, length int, value []byte) error {
		head := append([]byte{id}, binary.LittleEndian.AppendUint32(nil, uint32(length))...) // bounded by MaxFile
		_, err := out.Write(append(head, value...))
		return err
	}
	if err := field(innerStreamID, 4, binary.LittleEndian.AppendUint32(nil, streamChaCha)); err != nil {
		return err
	}
	if err := field(innerStreamKey, len(key), key); err != nil {
		return err
	}
	for _, f := range p.files {
		// The 1 asks programs to protect the file in memory.
		if err := field(innerBinary, int(f.DecryptedSize)+1, []byte{1}); err != nil { // bounded by MaxFile
			return err
		}
		if err := content(ctx, d, f, out); err != nil {
			return fmt.Errorf("attached file: %w", err)
		}
	}
	if err := field(innerEnd, 0, nil); err != nil {
		return err
	}
	x := &xmlWriter{w: out, stream: stream, now: o.Time().Unix(), ctx: ctx}
	x.document(p)
	if x.err != nil {
		return x.err
	}
	return out.Flush()
}

// sealer compresses, encrypts and authenticates what is written to it.
type sealer struct {
	*gzip.Writer
	blocks *blockWriter
}

// newSealer writes the outer header.
func newSealer(ctx context.Context, w io.Writer, composite []byte, costs formats.KDF) (*sealer, error) {
	random := make([]byte, 32+32+12)
	_, _ = rand.Read(random) // never fails
	seed, salt, nonce := random[:32], random[32:64], random[64:]
	k := kdf{kind: kdfArgon2id, salt: salt, memory: uint64(costs.Memory) << 10, passes: uint64(costs.Time), lanes: uint64(costs.Threads)}
	transformed, err := k.derive(ctx, composite)
	if err != nil {
		return nil, err
	}
	defer clear(transformed)
	raw := outerHeader(&k, seed, nonce)
	keys := newHMACKeys(seed, transformed)
	sum := sha256.Sum256(raw)
	for _, part := range [][]byte{raw, sum[:], keys.header(raw)} {
		if _, err := w.Write(part); err != nil {
			return nil, err
		}
	}
	c, err := chacha20.NewUnauthenticatedCipher(masterKey(seed, transformed), nonce)
	if err != nil {
		return nil, err
	}
	b := &blockWriter{w: w, keys: keys}
	return &sealer{gzip.NewWriter(cipher.StreamWriter{S: c, W: b}), b}, nil
}

func (s *sealer) Close() error {
	if err := s.Writer.Close(); err != nil {
		return err
	}
	return s.blocks.close()
}

func outerHeader(k *kdf, seed, nonce []byte) []byte {
	raw := binary.LittleEndian.AppendUint32(nil, signature1)
	raw = binary.LittleEndian.AppendUint32(raw, signature2)
	raw = binary.LittleEndian.AppendUint32(raw, 4<<16)
	field := func(id byte, value []byte) {
		raw = append(raw, id)
		raw = binary.LittleEndian.AppendUint32(raw, uint32(len(value)))
		raw = append(raw, value...)
	}
	dict := newDictionary()
	dict.put(variantBytes, "$UUID", []byte(uuidArgon2id))
	dict.put(variantBytes, "S", k.salt)
	dict.uint32("P", uint32(k.lanes)) // checked
	dict.uint64("M", k.memory)
	dict.uint64("I", k.passes)
	dict.uint32("V", argon2.Version)
	field(fieldCipher, []byte(uuidChaCha))
	field(fieldCompression, []byte{1, 0, 0, 0})
	field(fieldMasterSeed, seed)
	field(fieldIV, nonce)
	field(fieldKDF, dict.done())
	field(fieldEnd, []byte("\r\n\r\n"))
	return raw
}

// blockWriter writes the blocks of KDBX 4.
type blockWriter struct {
	w     io.Writer
	keys  hmacKeys
	buf   []byte
	index uint64
}

const blockSize = 1 << 20

func (b *blockWriter) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		n := min(len(p), blockSize-len(b.buf))
		b.buf = append(b.buf, p[:n]...)
		p = p[n:]
		if len(b.buf) == blockSize {
			if err := b.flush(); err != nil {
				return 0, err
			}
		}
	}
	return total, nil
}

func (b *blockWriter) flush() error {
	m := hmac.New(sha256.New, b.keys.key(b.index))
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(b.buf))) // blockSize
	m.Write(binary.LittleEndian.AppendUint64(nil, b.index))
	m.Write(length)
	m.Write(b.buf)
	for _, part := range [][]byte{m.Sum(nil), length, b.buf} {
		if _, err := b.w.Write(part); err != nil {
			return err
		}
	}
	b.index++
	b.buf = b.buf[:0]
	return nil
}

// close writes the rest, and the empty block that is the last.
func (b *blockWriter) close() error {
	defer clear(b.keys[:])
	if len(b.buf) > 0 {
		if err := b.flush(); err != nil {
			return err
		}
	}
	return b.flush()
}
