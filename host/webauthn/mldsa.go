package webauthn

import (
	"encoding/asn1"

	"github.com/cloudflare/circl/sign"
	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// mldsaKey is an ML-DSA key (FIPS 204) by its seed. Keyferry makes none yet; it signs with those that an import brought.
type mldsaKey struct {
	alg    int64
	scheme sign.Scheme
	seed   []byte
}

// parseMLDSA reads the seed from PKCS#8 as RFC 9881 §6 has it: the seed alone, or the seed and the expanded key. A key
// that comes expanded only, and anything else, gives nil.
func parseMLDSA(pkcs8 []byte) *mldsaKey {
	var outer, algorithm, inner, both, seed cryptobyte.String
	var version int
	var oid asn1.ObjectIdentifier
	in := cryptobyte.String(pkcs8)
	if !in.ReadASN1(&outer, cbasn1.SEQUENCE) || !in.Empty() ||
		!outer.ReadASN1Integer(&version) || version != 0 && version != 1 ||
		!outer.ReadASN1(&algorithm, cbasn1.SEQUENCE) ||
		!algorithm.ReadASN1ObjectIdentifier(&oid) || !algorithm.Empty() ||
		!outer.ReadASN1(&inner, cbasn1.OCTET_STRING) {
		return nil
	}
	k := &mldsaKey{}
	switch {
	case oid.Equal(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 17}):
		k.alg, k.scheme = AlgMLDSA44, mldsa44.Scheme()
	case oid.Equal(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 18}):
		k.alg, k.scheme = AlgMLDSA65, mldsa65.Scheme()
	default:
		return nil
	}
	if inner.PeekASN1Tag(cbasn1.SEQUENCE) {
		if !inner.ReadASN1(&both, cbasn1.SEQUENCE) || !inner.Empty() || !both.ReadASN1(&seed, cbasn1.OCTET_STRING) {
			return nil
		}
	} else if !inner.ReadASN1(&seed, cbasn1.Tag(0).ContextSpecific()) || !inner.Empty() {
		return nil
	}
	if len(seed) != k.scheme.SeedSize() {
		return nil
	}
	k.seed = append([]byte(nil), seed...)
	return k
}

// sign makes a randomised signature with an empty context (draft-ietf-cose-dilithium).
func (k *mldsaKey) sign(message []byte) ([]byte, error) {
	_, private := k.scheme.DeriveKey(k.seed)
	switch private := private.(type) {
	case *mldsa44.PrivateKey:
		sig := make([]byte, mldsa44.SignatureSize)
		return sig, mldsa44.SignTo(private, message, nil, true, sig)
	case *mldsa65.PrivateKey:
		sig := make([]byte, mldsa65.SignatureSize)
		return sig, mldsa65.SignTo(private, message, nil, true, sig)
	}
	return nil, errAlgorithm
}

func (k *mldsaKey) erase() { clear(k.seed) }
