package cxf

import (
	"bytes"
	"encoding/asn1"
)

// pkcs8 is a PKCS#8 PrivateKeyInfo, or RFC 5958 OneAsymmetricKey, taken apart.
// The slices point into the input.
type pkcs8 struct {
	oid     []byte // content of the algorithm's object identifier
	params  []byte // the algorithm's parameters, whole; empty if there are none
	private []byte // content of the privateKey octets
	public  []byte // content of the publicKey bits, nil if there are none
}

// DER tags.
const (
	tagInteger     = 0x02
	tagBitString   = 0x03
	tagOctetString = 0x04
	tagOID         = 0x06
	tagSequence    = 0x30
	tagContext0    = 0x80
	tagContext1    = 0x81
	tagConstr0     = 0xa0
	tagConstr1     = 0xa1
)

// der reads one DER element with the given tag off the front of b.
func der(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	n, head := int(b[1]), 2
	if n >= 0x80 {
		size := n & 0x7f
		if size == 0 || size > 3 || len(b) < 2+size || b[2] == 0 {
			return nil, nil, false
		}
		n = 0
		for _, c := range b[2 : 2+size] {
			n = n<<8 | int(c)
		}
		if n < 0x80 {
			return nil, nil, false
		}
		head += size
	}
	if len(b)-head < n {
		return nil, nil, false
	}
	return b[head : head+n], b[head+n:], true
}

// parsePKCS8 takes a private key apart as far as all kinds of keys agree.
func parsePKCS8(b []byte) (k pkcs8, ok bool) {
	body, rest, ok := der(b, tagSequence)
	if !ok || len(rest) != 0 {
		return k, false
	}
	version, body, ok := der(body, tagInteger)
	if !ok || len(version) != 1 || version[0] > 1 {
		return k, false
	}
	algorithm, body, ok := der(body, tagSequence)
	if !ok {
		return k, false
	}
	if k.oid, k.params, ok = der(algorithm, tagOID); !ok {
		return k, false
	}
	if k.private, body, ok = der(body, tagOctetString); !ok {
		return k, false
	}
	if len(body) > 0 && body[0] == tagConstr0 { // attributes: nobody uses them
		if _, body, ok = der(body, tagConstr0); !ok {
			return k, false
		}
	}
	if len(body) > 0 && version[0] == 1 {
		var bits []byte
		if bits, body, ok = der(body, tagContext1); !ok || len(bits) < 1 || bits[0] != 0 {
			return k, false
		}
		k.public = bits[1:]
	}
	return k, len(body) == 0
}

// ecPublic returns the public point inside an RFC 5915 ECPrivateKey, nil if it has none.
func ecPublic(b []byte) (point []byte, ok bool) {
	body, rest, ok := der(b, tagSequence)
	if !ok || len(rest) != 0 {
		return nil, false
	}
	if _, body, ok = der(body, tagInteger); !ok {
		return nil, false
	}
	if _, body, ok = der(body, tagOctetString); !ok {
		return nil, false
	}
	if len(body) > 0 && body[0] == tagConstr0 {
		if _, body, ok = der(body, tagConstr0); !ok {
			return nil, false
		}
	}
	if len(body) == 0 {
		return nil, true
	}
	bits, body, ok := der(body, tagConstr1)
	if !ok || len(body) != 0 {
		return nil, false
	}
	bits, rest, ok = der(bits, tagBitString)
	if !ok || len(rest) != 0 || len(bits) < 1 || bits[0] != 0 {
		return nil, false
	}
	return bits[1:], true
}

// keyKind is a kind of key that WebAuthn uses and we can handle.
type keyKind uint8

const (
	otherKind keyKind = iota
	ecKind
	ed25519Kind
	rsaKind
	mldsa44Kind
	mldsa65Kind
)

func (k pkcs8) kind() keyKind {
	for kind, oid := range [...][]byte{
		ecKind:      {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01},             // 1.2.840.10045.2.1
		ed25519Kind: {0x2b, 0x65, 0x70},                                     // 1.3.101.112
		rsaKind:     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}, // 1.2.840.113549.1.1.1
		mldsa44Kind: {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11}, // 2.16.840.1.101.3.4.3.17
		mldsa65Kind: {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12}, // 2.16.840.1.101.3.4.3.18
	} {
		if oid != nil && bytes.Equal(oid, k.oid) {
			return keyKind(kind)
		}
	}
	return otherKind
}

func mldsaOID(kind keyKind) asn1.ObjectIdentifier {
	last := 17
	if kind == mldsa65Kind {
		last = 18
	}
	return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, last}
}
