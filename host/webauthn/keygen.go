package webauthn

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// rsaBits is the size of new RSA keys: sites that still ask for RS256 alone are older than larger ones.
const rsaBits = 2048

// generate makes a key pair and its PKCS#8 form. Both are secrets: erase and clear.
func generate(alg int64) (*key, []byte, error) {
	var signer crypto.Signer
	var err error
	switch alg {
	case AlgES256:
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case AlgES384:
		signer, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case AlgEdDSA:
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	case AlgRS256:
		signer, err = rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		err = errAlgorithm
	}
	if err != nil {
		return nil, nil, fmt.Errorf("making a key for %s: %w", AlgorithmName(alg), err)
	}
	k := &key{alg: alg, private: signer}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		k.erase()
		return nil, nil, fmt.Errorf("encoding a key for %s: %w", AlgorithmName(alg), err)
	}
	return k, pkcs8, nil
}

// KeyAlgorithm tells which algorithm a PKCS#8 private key is for; imports bring keys without saying. Errors are [ErrKey].
func KeyAlgorithm(pkcs8 []byte) (int64, error) {
	private, err := parsePKCS8(pkcs8)
	if err != nil {
		return 0, err
	}
	defer (&key{private: private}).erase()
	for _, alg := range []int64{AlgES256, AlgEdDSA, AlgRS256, AlgES384, AlgES512, AlgMLDSA44, AlgMLDSA65} {
		if fits(alg, private) {
			return alg, nil
		}
	}
	return 0, fmt.Errorf("%w: passkeys have no keys of this kind", ErrKey)
}

// CheckKey says whether a private key that came from outside can sign by an algorithm, both halves of it belonging
// together. It costs a signature or two; an import asks once. Errors are [ErrKey].
func CheckKey(alg int64, pkcs8 []byte) error {
	k, err := parseKey(alg, pkcs8)
	if err != nil {
		return err
	}
	defer k.erase()
	if private, ok := k.private.(*ecdsa.PrivateKey); ok {
		scalar, err := private.Bytes()
		if err != nil {
			return fmt.Errorf("%w (%s): %w", ErrKey, AlgorithmName(alg), err)
		}
		defer clear(scalar)
		whole, err := ecdsa.ParseRawPrivateKey(private.Curve, scalar)
		if err != nil || !whole.PublicKey.Equal(&private.PublicKey) {
			return fmt.Errorf("%w (%s): its public half is another key's", ErrKey, AlgorithmName(alg))
		}
	}
	if private, ok := k.private.(ed25519.PrivateKey); ok && !bytes.Equal(ed25519.NewKeyFromSeed(private.Seed()), private) {
		return fmt.Errorf("%w (%s): its public half is another key's", ErrKey, AlgorithmName(alg))
	}
	if _, err := k.sign([]byte("keyferry key check")); err != nil {
		return errors.Join(ErrKey, err)
	}
	return nil
}
