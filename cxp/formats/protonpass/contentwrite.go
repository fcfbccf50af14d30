package protonpass

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// encodeContent is the inverse of decodeContent. ok is false for kinds of keys that Proton Pass does not know.
func encodeContent(p *cxf.Passkey) (content []byte, ok bool, err error) {
	key, err := cxf.ParsePrivateKey(p.Key)
	if err != nil {
		return nil, false, err
	}
	var kty, alg string
	var curve int64
	var x, y, d []byte
	switch k := key.Signer.(type) {
	case *ecdsa.PrivateKey:
		if key.Algorithm != cxf.ES256 {
			return nil, false, nil
		}
		public, err := k.PublicKey.Bytes()
		if err != nil {
			return nil, false, fmt.Errorf("encoding a public key: %w", err)
		}
		if d, err = k.Bytes(); err != nil {
			return nil, false, fmt.Errorf("encoding a private key: %w", err)
		}
		kty, alg, curve, x, y = "EC2", "ES256", curveP256, public[1:33], public[33:]
	case ed25519.PrivateKey:
		kty, alg, curve, x, d = "OKP", "EdDSA", curveEd25519, k[ed25519.SeedSize:], k.Seed()
	default:
		return nil, false, nil
	}
	inner := new(packer)
	inner.object(8)
	inner.text("key")
	inner.object(6)
	inner.text("kty")
	inner.tagged("assign", kty)
	inner.text("kid")
	inner.list(0)
	inner.text("alg")
	inner.tagged("assign", alg)
	inner.text("kops")
	inner.list(0)
	inner.text("biv")
	inner.list(0)
	inner.text("par")
	count := 4
	if y == nil {
		count--
	}
	inner.list(count)
	inner.label(coseCurve)
	inner.wide(curve)
	for _, part := range []struct {
		label int64
		value []byte
	}{{coseX, x}, {coseY, y}, {coseD, d}} {
		if part.value != nil {
			inner.label(part.label)
			inner.object(2)
			inner.text("t")
			inner.text("bytes")
			inner.text("c")
			inner.bytes(part.value)
		}
	}
	inner.rest(p)
	outer := new(packer)
	outer.object(2)
	outer.text("c")
	outer.bytes(inner.out)
	outer.text("v")
	outer.number(contentVersion)
	return outer.out, true, nil
}

// rest writes what follows the key.
func (p *packer) rest(k *cxf.Passkey) {
	p.text("cid")
	p.bytes(k.CredentialID)
	p.text("rid")
	p.text(k.RPID)
	p.text("uhd")
	if len(k.UserHandle) > 0 {
		p.bytes(k.UserHandle)
	} else {
		p.nothing()
	}
	p.text("cnt")
	if k.SignCount > 0 {
		p.number(int64(k.SignCount))
	} else {
		p.nothing()
	}
	p.text("ext")
	p.object(1)
	p.text("hmac_secret")
	if with, without, ok := k.PRF(); ok {
		p.object(2)
		p.text("cred_with_uv")
		p.bytes(with)
		p.text("cred_without_uv")
		p.bytes(without)
	} else {
		p.nothing()
	}
	p.text("udn")
	p.optional(k.UserDisplayName)
	p.text("un")
	p.optional(k.Username)
}

func (p *packer) optional(s string) {
	if s == "" {
		p.nothing()
	} else {
		p.text(s)
	}
}

// tagged writes {t: kind, c: value}.
func (p *packer) tagged(kind, value string) {
	p.object(2)
	p.text("t")
	p.text(kind)
	p.text("c")
	p.text(value)
}

// label begins a parameter: a list of label and value.
func (p *packer) label(n int64) {
	p.list(2)
	p.object(2)
	p.text("t")
	p.text("int")
	p.text("c")
	p.number(n)
}

// wide writes a small positive number as Rust writes a CBOR integer: its 128 bits, least significant byte first.
func (p *packer) wide(n int64) {
	p.object(2)
	p.text("t")
	p.text("int")
	p.text("c")
	p.object(1)
	p.text("inner")
	p.bytes(append([]byte{byte(n)}, make([]byte, 15)...))
}
