package cxp

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
)

// Progress is told how many bytes of the message have passed and how many there are in all (0 when
// that is unknown). It is called on the goroutine that does the work and should return quickly.
type Progress func(done, total int64)

// EntryInfo is what can be seen of a payload's entry without a key.
type EntryInfo struct {
	Name string // as in the zip; safe to show
	Size int64  // of the encrypted entry, in bytes
}

// Response is an ExportResponse or a backup as far as it can be read without a key. Nothing in it is
// authenticated.
type Response struct {
	suite    Suite // 0 in a backup
	exporter string
	digest   [32]byte
	size     int64
	entries  []EntryInfo
	request  [32]byte // the crq of the index
	backup   *backupParams
}

// ScanResponse reads a response of any size to its end, in constant memory but for the list of its
// entries, and checks all that can be checked without a key: JSON, base64url, the zip's structure and
// checksums, the index's header. An error response is *PeerError. Show Fingerprint (or ask for its
// groups), then give the same bytes to Pending.Open or OpenBackup.
func ScanResponse(ctx context.Context, r io.Reader, progress Progress) (*Response, error) {
	in := newMessage(ctx, r, 0, progress)
	out := &Response{}
	found, err := in.split.next()
	if err != nil {
		return nil, err
	}
	if found {
		if err := out.scanPayload(in); err != nil {
			return nil, err
		}
	}
	env, err := in.finish()
	if err != nil {
		return nil, err
	}
	if out.suite, err = env.suite(); err != nil {
		return nil, err
	}
	if (out.suite == 0) != (out.backup != nil) {
		return nil, fmt.Errorf("response: %w: hpke member and entries disagree on what this is", ErrPayload)
	}
	out.exporter = env.Exporter
	out.digest = in.digest()
	out.size = in.n
	return out, nil
}

func (p *Response) scanPayload(in *message) error {
	z := newZipReader(newB64Reader(in.split, true))
	for {
		e, body, err := z.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if e.name == indexName {
			if err := p.scanIndex(body); err != nil {
				return &EntryError{e.name, err}
			}
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return err
		}
		p.entries = append(p.entries, EntryInfo{e.name, e.size})
	}
	if len(p.entries) == 0 {
		return zipError("no index")
	}
	return nil
}

func (p *Response) scanIndex(body io.Reader) error {
	m, err := newJWEReader(body).readHeader(indexName)
	if err != nil {
		return err
	}
	if m.header.Alg == algDirect {
		p.backup, err = parseBackupParams(&m.header)
		return err
	}
	digest, err := decodeSized(*m.header.CRQ, 32)
	if err != nil {
		return fmt.Errorf("%w: crq: %w", ErrPayload, err)
	}
	p.request = [32]byte(digest)
	return nil
}

// Suite is the HPKE suite used; 0 in a backup.
func (p *Response) Suite() Suite { return p.suite }

// Backup says whether this is a backup (self mode), to be opened with a passphrase.
func (p *Response) Backup() bool { return p.backup != nil }

// KDF gives a backup's key derivation parameters, and whether this is one.
func (p *Response) KDF() (KDF, bool) {
	if p.backup == nil {
		return KDF{}, false
	}
	return p.backup.kdf, true
}

// Exporter is the name the exporter claims. In a backup too anybody may have written it.
func (p *Response) Exporter() Claim { return Claim{raw: p.exporter, domain: true} }

// Digest is the SHA-256 of the response's exact bytes.
func (p *Response) Digest() [32]byte { return p.digest }

// Fingerprint is what the exporter's screen shows for this response.
func (p *Response) Fingerprint() Fingerprint { return fingerprintOf(p.digest) }

// RequestDigest says which request the response claims to answer: the name under which a Store finds
// the keys. Zero in a backup.
func (p *Response) RequestDigest() [32]byte { return p.request }

// Size is the size of the whole message, in bytes.
func (p *Response) Size() int64 { return p.size }

// Entries lists the payload: the index, then the attached files.
func (p *Response) Entries() []EntryInfo { return slices.Clone(p.entries) }

// message is a response being read: hashed, counted, cancellable, and split into envelope and payload.
type message struct {
	split    *splitter
	hash     hash.Hash
	n, total int64
	progress Progress
}

func newMessage(ctx context.Context, r io.Reader, total int64, progress Progress) *message {
	in := &message{hash: sha256.New(), total: total, progress: progress}
	in.split = newSplitter(io.TeeReader(withContext(ctx, r), in))
	return in
}

// Write sees every byte of the message once.
func (in *message) Write(p []byte) (int, error) {
	if in.n += int64(len(p)); in.n > MaxResponseSize {
		return 0, fmt.Errorf("response of over %d bytes: %w", int64(MaxResponseSize), ErrTooLarge)
	}
	if in.progress != nil {
		in.progress(in.n, in.total)
	}
	return in.hash.Write(p)
}

// finish reads what follows the payload and decodes the envelope.
func (in *message) finish() (*envelope, error) {
	if _, err := in.split.next(); err != nil {
		return nil, err
	}
	return parseEnvelope(in.split.rest)
}

func (in *message) digest() [32]byte { return [32]byte(in.hash.Sum(nil)) }
