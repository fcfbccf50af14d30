package cxf

import (
	"crypto"
	"crypto/subtle"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// ML-DSA private keys in PKCS#8 (RFC 9881): we write the 32-byte seed alone, which
// everything follows from, and read that or seed and expanded key together. The
// expanded key alone is refused: no seed can be had from it.

const mldsaSeedSize = 32

// parseMLDSA makes a key of the content of the privateKey octets.
func parseMLDSA(kind keyKind, private []byte) (crypto.Signer, error) {
	seed, rest, ok := der(private, tagContext0)
	if ok {
		if len(rest) != 0 || len(seed) != mldsaSeedSize {
			return nil, keyError("the key is a damaged ML-DSA key")
		}
		signer, _ := mldsaFromSeed(kind, seed)
		return signer, nil
	}
	if _, _, ok := der(private, tagOctetString); ok {
		return nil, keyError("the key is an ML-DSA key without its seed; export it with the seed")
	}
	both, rest, ok := der(private, tagSequence)
	if !ok || len(rest) != 0 {
		return nil, keyError("the key is a damaged ML-DSA key")
	}
	seed, both, ok = der(both, tagOctetString)
	if !ok || len(seed) != mldsaSeedSize {
		return nil, keyError("the key is a damaged ML-DSA key")
	}
	expanded, rest, ok := der(both, tagOctetString)
	if !ok || len(rest) != 0 {
		return nil, keyError("the key is a damaged ML-DSA key")
	}
	signer, ours := mldsaFromSeed(kind, seed)
	if subtle.ConstantTimeCompare(ours, expanded) != 1 {
		return nil, keyError("the two halves of the ML-DSA key do not belong together")
	}
	return signer, nil
}

// mldsaFromSeed makes the key of a seed, and the key's expanded form.
func mldsaFromSeed(kind keyKind, seed []byte) (crypto.Signer, []byte) {
	if kind == mldsa44Kind {
		_, key := mldsa44.NewKeyFromSeed((*[mldsa44.SeedSize]byte)(seed))
		return key, key.Bytes()
	}
	_, key := mldsa65.NewKeyFromSeed((*[mldsa65.SeedSize]byte)(seed))
	return key, key.Bytes()
}

// marshalMLDSA writes the seed form.
func marshalMLDSA(kind keyKind, seed []byte) ([]byte, error) {
	if len(seed) != mldsaSeedSize {
		return nil, fmt.Errorf("%w: the ML-DSA key was made without its seed", ErrKey)
	}
	return asn1.Marshal(struct {
		Version    int
		Algorithm  pkix.AlgorithmIdentifier
		PrivateKey []byte
	}{
		Algorithm:  pkix.AlgorithmIdentifier{Algorithm: mldsaOID(kind)},
		PrivateKey: append([]byte{tagContext0, mldsaSeedSize}, seed...),
	})
}

// marshalMLDSAPublic writes SubjectPublicKeyInfo, which crypto/x509 cannot for these keys.
func marshalMLDSAPublic(kind keyKind, public []byte) ([]byte, error) {
	return asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		PublicKey asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: mldsaOID(kind)},
		asn1.BitString{Bytes: public, BitLength: 8 * len(public)},
	})
}
