package cxf

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// COSEAlgorithm is a COSE algorithm number, as WebAuthn uses them.
type COSEAlgorithm int

// The algorithms of the keys that this package can handle.
const (
	ES256   COSEAlgorithm = -7
	EdDSA   COSEAlgorithm = -8
	ES384   COSEAlgorithm = -35
	ES512   COSEAlgorithm = -36
	MLDSA44 COSEAlgorithm = -48
	MLDSA65 COSEAlgorithm = -49
	RS256   COSEAlgorithm = -257
)

const (
	maxKeyBytes = 8 << 10 // an RSA key of 8192 bits takes less than 5 KiB
	maxRSABits  = 8192    // more would make checking take seconds
)

// PrivateKey is a private key that was parsed and found sound.
type PrivateKey struct {
	// Signer is an *ecdsa.PrivateKey, ed25519.PrivateKey, *rsa.PrivateKey,
	// *mldsa44.PrivateKey or *mldsa65.PrivateKey (of cloudflare/circl).
	crypto.Signer
	// Algorithm follows from the kind of key; a PKCS#8 key does not say more.
	Algorithm COSEAlgorithm
}

// keyError is a reason why a key cannot be used; it wraps ErrKey.
type keyError string

func (e keyError) Error() string { return ErrKey.Error() + ": " + string(e) }
func (e keyError) Unwrap() error { return ErrKey }

const (
	errNotPKCS8 keyError = "the key is not PKCS#8"
	errKeyKind  keyError = "the key is of a kind that is not known here"
	errMismatch keyError = "the public key inside does not belong to the private key"
)

// keyReason is the part of a key's error that is for people.
func keyReason(err error) string {
	var k keyError
	if errors.As(err, &k) {
		return string(k)
	}
	return "the key cannot be used"
}

// ParsePrivateKey parses the private key of a passkey, PKCS#8 DER (CXF §3.3.12):
// EC P-256, P-384 and P-521, Ed25519, RSA up to 8192 bits, ML-DSA-44 and ML-DSA-65
// with their seed. A public key inside, where there is one, must belong to the
// private key. Every error wraps [ErrKey] and says nothing about the key's content.
func ParsePrivateKey(der []byte) (*PrivateKey, error) {
	k, kind, err := keyShape(der)
	if err != nil {
		return nil, err
	}
	if kind == mldsa44Kind || kind == mldsa65Kind {
		return k.mldsa(kind)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, keyError("the key is PKCS#8 but damaged, or on an unknown curve")
	}
	switch key := parsed.(type) {
	case *ecdsa.PrivateKey:
		return k.ec(key)
	case ed25519.PrivateKey:
		if k.public != nil && !bytes.Equal(k.public, key.Public().(ed25519.PublicKey)) {
			return nil, errMismatch
		}
		return &PrivateKey{key, EdDSA}, nil
	case *rsa.PrivateKey:
		return &PrivateKey{key, RS256}, nil
	}
	return nil, errKeyKind
}

// keyShape looks at what can be seen of a key without calculating.
func keyShape(der []byte) (pkcs8, keyKind, error) {
	if len(der) > maxKeyBytes {
		return pkcs8{}, otherKind, keyError(fmt.Sprintf("the key is larger than %d bytes", maxKeyBytes))
	}
	k, ok := parsePKCS8(der)
	if !ok {
		return k, otherKind, errNotPKCS8
	}
	kind := k.kind()
	if kind == otherKind {
		return k, kind, errKeyKind
	}
	if kind == rsaKind && rsaBits(k.private) > maxRSABits {
		return k, kind, keyError(fmt.Sprintf("the key is RSA of more than %d bits", maxRSABits))
	}
	return k, kind, nil
}

// rsaBits returns the size of an RSA key's modulus, before anything is done with it.
func rsaBits(private []byte) int {
	body, _, ok := der(private, tagSequence)
	if !ok {
		return 0
	}
	if _, body, ok = der(body, tagInteger); !ok {
		return 0
	}
	modulus, _, _ := der(body, tagInteger)
	return 8 * len(bytes.TrimLeft(modulus, "\x00"))
}

func (k pkcs8) ec(key *ecdsa.PrivateKey) (*PrivateKey, error) {
	point, ok := ecPublic(k.private)
	if !ok {
		return nil, keyError("the key is a damaged EC key")
	}
	for _, p := range [][]byte{point, k.public} {
		if p != nil && !samePoint(&key.PublicKey, p) {
			return nil, errMismatch
		}
	}
	switch key.Curve {
	case elliptic.P256():
		return &PrivateKey{key, ES256}, nil
	case elliptic.P384():
		return &PrivateKey{key, ES384}, nil
	case elliptic.P521():
		return &PrivateKey{key, ES512}, nil
	}
	return nil, errKeyKind
}

// samePoint compares a public key with a SEC 1 point, compressed or not.
func samePoint(key *ecdsa.PublicKey, point []byte) bool {
	want, err := key.Bytes()
	if err != nil {
		return false
	}
	if len(point) > 0 && (point[0] == 2 || point[0] == 3) {
		want = append([]byte{2 | want[len(want)-1]&1}, want[1:1+len(want)/2]...)
	}
	return bytes.Equal(want, point)
}

func (k pkcs8) mldsa(kind keyKind) (*PrivateKey, error) {
	signer, err := parseMLDSA(kind, k.private)
	if err != nil {
		return nil, err
	}
	key := &PrivateKey{signer, MLDSA44}
	if kind == mldsa65Kind {
		key.Algorithm = MLDSA65
	}
	if k.public != nil {
		if _, public, err := publicBytes(signer.Public()); err != nil || !bytes.Equal(public, k.public) {
			return nil, errMismatch
		}
	}
	return key, nil
}

// PublicKeyDER returns the public key as PKIX SubjectPublicKeyInfo DER, which is
// what [Passkey].PublicKey holds.
func (k *PrivateKey) PublicKeyDER() ([]byte, error) {
	kind, public, err := publicBytes(k.Public())
	if err == nil {
		return marshalMLDSAPublic(kind, public)
	}
	out, err := x509.MarshalPKIXPublicKey(k.Public())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return out, nil
}

// publicBytes returns the bytes of an ML-DSA public key.
func publicBytes(public crypto.PublicKey) (keyKind, []byte, error) {
	switch public := public.(type) {
	case *mldsa44.PublicKey:
		return mldsa44Kind, public.Bytes(), nil
	case *mldsa65.PublicKey:
		return mldsa65Kind, public.Bytes(), nil
	}
	return otherKind, nil, errKeyKind
}

// MarshalPrivateKey writes a private key as PKCS#8 DER, in the form that CXF wants
// and [ParsePrivateKey] reads: EC keys with their public key, ML-DSA keys as seed.
// key is one of the types that [PrivateKey].Signer holds, or a *PrivateKey.
func MarshalPrivateKey(key crypto.Signer) ([]byte, error) {
	switch k := key.(type) {
	case *PrivateKey:
		return MarshalPrivateKey(k.Signer)
	case *mldsa44.PrivateKey:
		return marshalMLDSA(mldsa44Kind, k.Seed())
	case *mldsa65.PrivateKey:
		return marshalMLDSA(mldsa65Kind, k.Seed())
	case *ecdsa.PrivateKey, ed25519.PrivateKey, *rsa.PrivateKey:
		out, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%w: %T is no kind of key that a passkey can have", ErrKey, key)
}

// checkKey checks a private key, or no more than its form.
func checkKey(der []byte, formOnly bool) error {
	if formOnly {
		_, _, err := keyShape(der)
		return err
	}
	_, err := ParsePrivateKey(der)
	return err
}
