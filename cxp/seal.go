package cxp

import (
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// sealer turns one compressed entry into a JWE. There are two: to an importer's key, and under a
// backup's passphrase.
type sealer interface {
	seal(name string, packed []byte) (*jweText, error)
}

// entryType is the cty of an entry.
func entryType(name string) string {
	if name == indexName {
		return typeIndex
	}
	return typeFile
}

// hpkeSealer seals to one offer of one request (PROFILE.md §2): every entry gets a fresh
// encapsulation, so entries share no key.
type hpkeSealer struct {
	suite  Suite
	public []byte
	digest [32]byte
	rand   io.Reader
}

func (s *hpkeSealer) seal(name string, packed []byte) (*jweText, error) {
	digest := base64.RawURLEncoding.EncodeToString(s.digest[:])
	h := jweHeader{Alg: s.suite.Alg(), Typ: typeJWE, Zip: zipDeflate, Cty: entryType(name), Path: name, CRQ: &digest}
	aad, err := h.encode()
	if err != nil {
		return nil, err
	}
	enc, err := s.suite.encapsulate(s.rand, s.public, hpkeInfo(s.digest))
	if err != nil {
		return nil, err
	}
	ciphertext, err := enc.sealer.Seal(packed, []byte(aad))
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return &jweText{
		prefix:     aad + "." + base64.RawURLEncoding.EncodeToString(enc.key) + "..",
		ciphertext: ciphertext,
		suffix:     ".",
	}, nil
}

// backupSealer seals under a key derived from a passphrase (PROFILE.md §4).
type backupSealer struct {
	aead cipher.AEAD
	kdf  []byte // the encoded parameters, the same in every entry
	bid  string
	rand io.Reader
}

func (s *backupSealer) seal(name string, packed []byte) (*jweText, error) {
	enc := encA256GCM
	h := jweHeader{Alg: algDirect, Enc: &enc, KDF: s.kdf, Typ: typeJWE, Zip: zipDeflate, Cty: entryType(name), Path: name, BID: &s.bid}
	aad, err := h.encode()
	if err != nil {
		return nil, err
	}
	iv := make([]byte, ivSize)
	if _, err := io.ReadFull(s.rand, iv); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	sealed := s.aead.Seal(nil, iv, packed, []byte(aad))
	b64 := base64.RawURLEncoding.EncodeToString
	var prefix strings.Builder
	prefix.WriteString(aad)
	prefix.WriteString("..")
	prefix.WriteString(b64(iv))
	prefix.WriteString(".")
	cut := len(sealed) - tagSize
	return &jweText{prefix: prefix.String(), ciphertext: sealed[:cut], suffix: "." + b64(sealed[cut:])}, nil
}

// unsealer is the other direction. check judges a header before the rest of the entry is read.
type unsealer interface {
	check(h *jweHeader) error
	sizes() (key, iv, tag int)
	unseal(e *jwe) ([]byte, error)
}

// hpkeUnsealer opens entries of an answer to one of our requests.
type hpkeUnsealer struct {
	pending *Pending
	suite   Suite
}

func (u *hpkeUnsealer) check(h *jweHeader) error {
	if h.Alg != u.suite.Alg() {
		return fmt.Errorf("%w: alg is not that of the response's suite", ErrPayload)
	}
	digest, err := decodeSized(*h.CRQ, 32)
	if err != nil {
		return fmt.Errorf("%w: crq: %w", ErrPayload, err)
	}
	if [32]byte(digest) != u.pending.request.digest {
		return ErrOtherRequest
	}
	return nil
}

func (u *hpkeUnsealer) sizes() (key, iv, tag int) {
	in, _ := u.suite.info()
	return in.encSize, 0, 0
}

func (u *hpkeUnsealer) unseal(e *jwe) ([]byte, error) {
	return u.pending.decrypt(u.suite, e.key, e.aad, e.ciphertext)
}

// backupUnsealer opens entries of one backup. The index's kdf and bid are the ones that count: every
// other entry must repeat them byte for byte.
type backupUnsealer struct {
	aead cipher.AEAD
	kdf  string
	bid  string
}

func (u *backupUnsealer) check(h *jweHeader) error {
	if h.Alg != algDirect || *h.Enc != encA256GCM {
		return fmt.Errorf("%w: a backup's entries have alg dir and enc A256GCM", ErrPayload)
	}
	if string(h.KDF) != u.kdf || *h.BID != u.bid {
		return fmt.Errorf("%w: an entry of another backup: %w", ErrPayload, ErrKDF)
	}
	return nil
}

func (u *backupUnsealer) sizes() (key, iv, tag int) { return 0, ivSize, tagSize }

func (u *backupUnsealer) unseal(e *jwe) ([]byte, error) {
	e.ciphertext = append(e.ciphertext, e.tag...)
	plain, err := u.aead.Open(e.ciphertext[:0], e.iv, e.ciphertext, e.aad)
	if err != nil {
		return nil, ErrDecrypt
	}
	return plain, nil
}
