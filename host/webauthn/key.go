package webauthn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"math/big"
)

// key is a private key ready to sign by one algorithm: an *ecdsa.PrivateKey, ed25519.PrivateKey, *rsa.PrivateKey or
// *mldsaKey. Call erase when done.
type key struct {
	alg     int64
	private any
}

// errAlgorithm: the key is of another algorithm, or of one that we have not.
var errAlgorithm = errors.New("the key is not of this algorithm")

// parseKey reads a PKCS#8 private key. Errors are [ErrKey] and hold nothing of the key.
func parseKey(alg int64, pkcs8 []byte) (*key, error) {
	private, err := parsePKCS8(pkcs8)
	if err != nil {
		return nil, err
	}
	k := &key{alg: alg, private: private}
	if !fits(alg, private) {
		k.erase()
		return nil, fmt.Errorf("%w: %w (%s)", ErrKey, errAlgorithm, AlgorithmName(alg))
	}
	return k, nil
}

// fits: the key is of the kind, curve and strength that the algorithm wants.
func fits(alg int64, private any) bool {
	switch k := private.(type) {
	case *ecdsa.PrivateKey:
		return alg == curveAlgorithm(k.Curve)
	case ed25519.PrivateKey:
		return alg == AlgEdDSA
	case *rsa.PrivateKey:
		// Go refuses to sign below 1024 bits; far above is a way to burn time.
		return alg == AlgRS256 && k.N.BitLen() >= 1024 && k.N.BitLen() <= 8192
	case *mldsaKey:
		return alg == k.alg
	}
	return false
}

func curveAlgorithm(c elliptic.Curve) int64 {
	switch c {
	case elliptic.P256():
		return AlgES256
	case elliptic.P384():
		return AlgES384
	case elliptic.P521():
		return AlgES512
	}
	return 0
}

// sign signs a message as WebAuthn §6.5.5 wants it: ECDSA in ASN.1 DER, EdDSA and ML-DSA over the message itself, RSA
// by PKCS #1 v1.5. Randomness is the system's.
func (k *key) sign(message []byte) ([]byte, error) {
	var sig []byte
	var err error
	switch signer := k.private.(type) {
	case *ecdsa.PrivateKey:
		sig, err = ecdsa.SignASN1(rand.Reader, signer, digest(k.alg, message))
	case ed25519.PrivateKey:
		sig = ed25519.Sign(signer, message)
	case *rsa.PrivateKey:
		sig, err = rsa.SignPKCS1v15(nil, signer, crypto.SHA256, digest(k.alg, message))
	case *mldsaKey:
		sig, err = signer.sign(message)
	default:
		err = errAlgorithm
	}
	if err != nil {
		return nil, fmt.Errorf("signing with %s: %w", AlgorithmName(k.alg), err)
	}
	return sig, nil
}

// public is the public half, as crypto/x509 wants it.
func (k *key) public() (crypto.PublicKey, error) {
	if signer, ok := k.private.(crypto.Signer); ok {
		return signer.Public(), nil
	}
	return nil, fmt.Errorf("%w: no public key form for %s", errAlgorithm, AlgorithmName(k.alg))
}

func digest(alg int64, message []byte) []byte {
	switch alg {
	case AlgES384:
		d := sha512.Sum384(message)
		return d[:]
	case AlgES512:
		d := sha512.Sum512(message)
		return d[:]
	}
	d := sha256.Sum256(message)
	return d[:]
}

// erase overwrites the private half where Go lets us reach it. What the standard library keeps inside itself goes with
// the agent's process when the vault locks.
func (k *key) erase() {
	switch signer := k.private.(type) {
	case *ecdsa.PrivateKey:
		//lint:ignore SA1019 overwriting is the one thing that only the raw value allows
		eraseInt(signer.D)
	case ed25519.PrivateKey:
		clear(signer)
	case *rsa.PrivateKey:
		eraseInt(signer.D)
		for _, p := range signer.Primes {
			eraseInt(p)
		}
		eraseInt(signer.Precomputed.Dp)
		eraseInt(signer.Precomputed.Dq)
		eraseInt(signer.Precomputed.Qinv)
	case *mldsaKey:
		signer.erase()
	}
}

func eraseInt(n *big.Int) {
	if n != nil {
		clear(n.Bits())
	}
}
