package webauthn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxPKCS8 is the most bytes of a private key: RSA with 8192 bits has 4.7 KiB, and reading a longer one takes long.
const maxPKCS8 = 8 << 10

// parsePKCS8 reads a private key of any kind that passkeys have. Errors are [ErrKey].
func parsePKCS8(pkcs8 []byte) (any, error) {
	if len(pkcs8) > maxPKCS8 {
		return nil, fmt.Errorf("%w: it is too long", ErrKey)
	}
	if k := parseEC(pkcs8); k != nil {
		return k, nil
	}
	if k := parseMLDSA(pkcs8); k != nil {
		return k, nil
	}
	private, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil { // its text is not passed on: it may speak of what the key looks like
		return nil, fmt.Errorf("%w: no PKCS#8 of a known kind", ErrKey)
	}
	return private, nil
}

// parseEC reads an elliptic curve key from PKCS#8 (RFC 5958, RFC 5915) that names its curve and carries its public key,
// and gives nil for anything else, which crypto/x509 then reads.
//
// The standard library's parser computes the public key anew, which costs nearly half of a P-256 signature, for
// nothing: signing does not use it. That the two halves belong together is checked where keys come in
// ([CheckKey]); a pair that does not belong gives signatures that no site accepts, and reveals nothing.
func parseEC(pkcs8 []byte) *ecdsa.PrivateKey {
	var outer, algorithm, inner, ec, point cryptobyte.String
	var scalar, bits cryptobyte.String
	var version int
	var oid, named asn1.ObjectIdentifier
	in := cryptobyte.String(pkcs8)
	if !in.ReadASN1(&outer, cbasn1.SEQUENCE) || !in.Empty() ||
		!outer.ReadASN1Integer(&version) || version != 0 && version != 1 ||
		!outer.ReadASN1(&algorithm, cbasn1.SEQUENCE) ||
		!algorithm.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}) ||
		!algorithm.ReadASN1ObjectIdentifier(&named) || !algorithm.Empty() ||
		!outer.ReadASN1(&inner, cbasn1.OCTET_STRING) {
		return nil
	}
	curve := namedCurve(named)
	if curve == nil ||
		!inner.ReadASN1(&ec, cbasn1.SEQUENCE) || !inner.Empty() ||
		!ec.ReadASN1Integer(&version) || version != 1 ||
		!ec.ReadASN1(&scalar, cbasn1.OCTET_STRING) ||
		!ec.SkipOptionalASN1(cbasn1.Tag(0).Constructed().ContextSpecific()) ||
		!ec.ReadASN1(&bits, cbasn1.Tag(1).Constructed().ContextSpecific()) || !ec.Empty() ||
		!bits.ReadASN1(&point, cbasn1.BIT_STRING) || !bits.Empty() ||
		len(point) < 2 || point[0] != 0 || len(scalar) != (curve.Params().BitSize+7)/8 {
		return nil
	}
	public, err := ecdsa.ParseUncompressedPublicKey(curve, point[1:])
	if err != nil {
		return nil
	}
	d := new(big.Int).SetBytes(scalar)
	if d.Sign() == 0 || d.Cmp(curve.Params().N) >= 0 {
		return nil
	}
	return &ecdsa.PrivateKey{PublicKey: *public, D: d} //lint:ignore SA1019 the constructor would compute the public key
}

func namedCurve(oid asn1.ObjectIdentifier) elliptic.Curve {
	switch {
	case oid.Equal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}):
		return elliptic.P256()
	case oid.Equal(asn1.ObjectIdentifier{1, 3, 132, 0, 34}):
		return elliptic.P384()
	case oid.Equal(asn1.ObjectIdentifier{1, 3, 132, 0, 35}):
		return elliptic.P521()
	}
	return nil
}
