package cxf

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// MaxLargeBlob is the size up to which the reader and the writer accept large
// blobs, uncompressed. WebAuthn authenticators hold a few kilobytes at most.
const MaxLargeBlob = 64 << 10

// NewLargeBlob compresses a large blob as CXF §3.3.12.5 wants it: raw DEFLATE.
func NewLargeBlob(plain []byte) (*Fido2LargeBlob, error) {
	if len(plain) > MaxLargeBlob {
		return nil, fmt.Errorf("%w: a large blob of %d bytes; the limit is %d", ErrTooLarge, len(plain), MaxLargeBlob)
	}
	var buf bytes.Buffer
	w, err := flate.NewWriter(&buf, flate.DefaultCompression)
	if err != nil {
		return nil, fmt.Errorf("compressing a large blob: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("compressing a large blob: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compressing a large blob: %w", err)
	}
	return &Fido2LargeBlob{UncompressedSize: uint64(len(plain)), Data: buf.Bytes()}, nil
}

// Inflate returns the large blob uncompressed. It is an error where the result
// is not exactly UncompressedSize bytes long, or longer than limit.
func (b *Fido2LargeBlob) Inflate(limit int) ([]byte, error) {
	if limit < 0 || b.UncompressedSize > uint64(limit) {
		return nil, fmt.Errorf("the large blob is %d bytes, over the limit of %d", b.UncompressedSize, limit)
	}
	r := flate.NewReader(bytes.NewReader(b.Data))
	plain, err := io.ReadAll(io.LimitReader(r, int64(b.UncompressedSize)+1))
	if err != nil {
		return nil, errors.New("the large blob is not DEFLATE data")
	}
	if uint64(len(plain)) != b.UncompressedSize {
		return nil, errors.New("the large blob is not as long as it says")
	}
	return plain, nil
}

// ErrIntegrity: a file is not the one that its credential describes.
var ErrIntegrity = errors.New("the file is not the one that the document describes: it was damaged or exchanged")

// Verify reads the decrypted file and checks it against DecryptedSize and
// IntegrityHash, as an importer MUST (CXF §3.3); the error wraps [ErrIntegrity]
// where it is another file. It reads no further than DecryptedSize and one byte.
func (f *File) Verify(r io.Reader) error {
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(r, int64(min(f.DecryptedSize, 1<<62))+1))
	if err != nil {
		return fmt.Errorf("reading the file to verify it: %w", err)
	}
	if uint64(n) != f.DecryptedSize {
		return fmt.Errorf("%w (its size differs)", ErrIntegrity)
	}
	if subtle.ConstantTimeCompare(h.Sum(nil), f.IntegrityHash) != 1 {
		return ErrIntegrity
	}
	return nil
}
