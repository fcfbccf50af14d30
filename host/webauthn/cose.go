package webauthn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"math/big"

	"github.com/fxamacker/cbor/v2"
)

// COSE algorithm identifiers (IANA "COSE Algorithms") that Keyferry has keys for.
const (
	AlgES256   int64 = -7
	AlgEdDSA   int64 = -8
	AlgES384   int64 = -35
	AlgES512   int64 = -36
	AlgMLDSA44 int64 = -48
	AlgMLDSA65 int64 = -49
	AlgRS256   int64 = -257
)

// creatable are the algorithms that new keys are made for. Others are signed with when an import brought them.
func creatable() []int64 { return []int64{AlgES256, AlgEdDSA, AlgRS256, AlgES384} }

// AlgorithmName gives the algorithm's registered name ("ES256"), or "COSE -12345" for one that Keyferry does not know.
func AlgorithmName(alg int64) string {
	switch alg {
	case AlgES256:
		return "ES256"
	case AlgEdDSA:
		return "EdDSA"
	case AlgES384:
		return "ES384"
	case AlgES512:
		return "ES512"
	case AlgMLDSA44:
		return "ML-DSA-44"
	case AlgMLDSA65:
		return "ML-DSA-65"
	case AlgRS256:
		return "RS256"
	}
	return fmt.Sprintf("COSE %d", alg)
}

// COSE_Key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4, WebAuthn §6.5.1.1) as CTAP2 canonical CBOR maps.
type coseEC2 struct {
	Kty int64  `cbor:"1,keyasint"`
	Alg int64  `cbor:"3,keyasint"`
	Crv int64  `cbor:"-1,keyasint"`
	X   []byte `cbor:"-2,keyasint"`
	Y   []byte `cbor:"-3,keyasint"`
}

type coseOKP struct {
	Kty int64  `cbor:"1,keyasint"`
	Alg int64  `cbor:"3,keyasint"`
	Crv int64  `cbor:"-1,keyasint"`
	X   []byte `cbor:"-2,keyasint"`
}

type coseRSA struct {
	Kty int64  `cbor:"1,keyasint"`
	Alg int64  `cbor:"3,keyasint"`
	N   []byte `cbor:"-1,keyasint"`
	E   []byte `cbor:"-2,keyasint"`
}

// coseKey encodes a public key.
func coseKey(alg int64, public crypto.PublicKey) ([]byte, error) {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		crv := map[int64]int64{AlgES256: 1, AlgES384: 2, AlgES512: 3}[alg]
		point, err := k.Bytes() // 4 ‖ x ‖ y
		if err != nil {
			return nil, fmt.Errorf("encoding the public key: %w", err)
		}
		size := (len(point) - 1) / 2
		return encodeCBOR(coseEC2{Kty: 2, Alg: alg, Crv: crv, X: point[1 : 1+size], Y: point[1+size:]})
	case ed25519.PublicKey:
		return encodeCBOR(coseOKP{Kty: 1, Alg: alg, Crv: 6, X: k})
	case *rsa.PublicKey:
		return encodeCBOR(coseRSA{Kty: 3, Alg: alg, N: k.N.Bytes(), E: big.NewInt(int64(k.E)).Bytes()})
	}
	return nil, fmt.Errorf("no COSE key for a %T", public)
}

// encodeCBOR is CTAP2 canonical (CTAP 2.1 §8).
func encodeCBOR(v any) ([]byte, error) {
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		return nil, fmt.Errorf("cbor: %w", err)
	}
	b, err := mode.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("cbor: %w", err)
	}
	return b, nil
}
