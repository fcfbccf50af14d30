package cxp

import (
	"fmt"
	"io"

	"github.com/cloudflare/circl/hpke"
)

// The seam to circl: keys and ciphertexts go in and out as bytes, so that nothing else in the
// package knows which library does the HPKE (RFC 9180, base mode, one message per context).

// generateKey makes a key pair from 32 bytes of rnd (RFC 9180 §7.1.3). The private key is the scalar,
// for X-Wing the 32-byte seed that its draft calls the decapsulation key.
func (s Suite) generateKey(rnd io.Reader) (private, public []byte, err error) {
	in, ok := s.info()
	if !ok {
		return nil, nil, fmt.Errorf("making a key: %w", ErrNoSuite)
	}
	scheme := in.kem.Scheme()
	seed := make([]byte, scheme.SeedSize())
	defer clear(seed)
	if _, err := io.ReadFull(rnd, seed); err != nil {
		return nil, nil, fmt.Errorf("reading randomness: %w", err)
	}
	pk, sk := scheme.DeriveKeyPair(seed)
	if private, err = sk.MarshalBinary(); err != nil {
		return nil, nil, fmt.Errorf("encoding the private key: %w", err)
	}
	if public, err = pk.MarshalBinary(); err != nil {
		return nil, nil, fmt.Errorf("encoding the public key: %w", err)
	}
	return private, public, nil
}

// checkKey says whether public is a key of this suite.
func (s Suite) checkKey(public []byte) error {
	in, ok := s.info()
	if !ok {
		return ErrNoSuite
	}
	if len(public) != in.keySize {
		return fmt.Errorf("%w: %d bytes instead of %d", ErrBadKey, len(public), in.keySize)
	}
	if _, err := in.kem.Scheme().UnmarshalBinaryPublicKey(public); err != nil {
		return fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	return nil
}

// encapsulation is a sender's HPKE context before its one message, so that the message can be sealed
// after the header, which does not depend on it, has been encoded.
type encapsulation struct {
	key    []byte // the encapsulated key
	sealer hpke.Sealer
}

func (s Suite) encapsulate(rnd io.Reader, public, info []byte) (*encapsulation, error) {
	in, ok := s.info()
	if !ok {
		return nil, ErrNoSuite
	}
	pk, err := in.kem.Scheme().UnmarshalBinaryPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	sender, err := hpke.NewSuite(in.kem, hpke.KDF_HKDF_SHA256, in.aead).NewSender(pk, info)
	if err != nil {
		return nil, fmt.Errorf("setting up HPKE: %w", err)
	}
	enc, sealer, err := sender.Setup(rnd)
	if err != nil {
		// An all-zero X25519 key parses and is refused only here.
		return nil, fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	return &encapsulation{key: enc, sealer: sealer}, nil
}

// open decrypts the one message of an HPKE context. Whatever fails is ErrDecrypt: a peer that could
// tell the reasons apart would have an oracle.
func (s Suite) open(private, enc, info, aad, ciphertext []byte) ([]byte, error) {
	in, ok := s.info()
	if !ok {
		return nil, ErrNoSuite
	}
	if len(enc) != in.encSize {
		return nil, fmt.Errorf("%w: encapsulated key of %d bytes instead of %d", ErrPayload, len(enc), in.encSize)
	}
	sk, err := in.kem.Scheme().UnmarshalBinaryPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("reading our own private key: %w", err)
	}
	receiver, err := hpke.NewSuite(in.kem, hpke.KDF_HKDF_SHA256, in.aead).NewReceiver(sk, info)
	if err != nil {
		return nil, fmt.Errorf("setting up HPKE: %w", err)
	}
	opener, err := receiver.Setup(enc)
	if err != nil {
		return nil, ErrDecrypt
	}
	plain, err := opener.Open(ciphertext, aad)
	if err != nil {
		return nil, ErrDecrypt
	}
	return plain, nil
}

// hpkeInfo binds every message to the profile and to the request it answers (PROFILE.md §2).
func hpkeInfo(digest [32]byte) []byte {
	info := make([]byte, 0, len(ProfileLabel)+1+len(digest))
	info = append(info, ProfileLabel...)
	info = append(info, 0)
	return append(info, digest[:]...)
}
