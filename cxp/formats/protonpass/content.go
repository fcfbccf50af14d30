package protonpass

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// maxContent is the longest content of a passkey that is read, in bytes: one with an RSA key has 10 KiB.
const maxContent = 256 << 10

// contentVersion is the version of the outer layer, the only one there is.
const contentVersion = 1

// Parameters of COSE keys (RFC 9053 §7, RFC 8230 §4).
const (
	coseCurve = -1
	coseX     = -2
	coseY     = -3
	coseD     = -4

	rsaN, rsaE, rsaD, rsaP, rsaQ = -1, -2, -3, -4, -5

	curveP256, curveP384, curveP521, curveEd25519 = 1, 2, 3, 6
)

// decodeContent decodes a passkey's content.
func decodeContent(data []byte) (*cxf.Passkey, error) {
	if len(data) > maxContent {
		return nil, errors.New("has content of impossible length")
	}
	outer, err := unpack(data)
	if err != nil {
		return nil, err
	}
	layer, ok := outer.(map[string]any)
	if !ok {
		return nil, errPack
	}
	if v, ok := layer["v"].(int64); !ok {
		return nil, errPack
	} else if v != contentVersion {
		return nil, fmt.Errorf("is of a version (%d) that Keyferry does not know yet", v)
	}
	inner, err := byteList(layer["c"])
	if err != nil {
		return nil, err
	}
	decoded, err := unpack(inner)
	if err != nil {
		return nil, err
	}
	m, ok := decoded.(map[string]any)
	if !ok {
		return nil, errPack
	}
	return passkeyOf(m)
}

// passkeyOf reads the inner layer, of any of the three versions.
func passkeyOf(m map[string]any) (*cxf.Passkey, error) {
	p := new(cxf.Passkey)
	var err error
	if p.CredentialID, err = byteList(m["cid"]); err != nil {
		return nil, err
	}
	var ok bool
	if p.RPID, ok = m["rid"].(string); !ok {
		return nil, errPack
	}
	if m["uhd"] != nil {
		if p.UserHandle, err = byteList(m["uhd"]); err != nil {
			return nil, err
		}
	}
	if n, ok := m["cnt"].(int64); ok && n > 0 && n < 1<<32 {
		p.SignCount = uint32(n)
	} else if m["cnt"] != nil && n != 0 {
		return nil, errors.New("has an impossible signature counter")
	}
	p.Username, _ = m["un"].(string)
	p.UserDisplayName, _ = m["udn"].(string)
	if p.Fido2Extensions, err = prfOf(m["ext"]); err != nil {
		return nil, err
	}
	key, ok := m["key"].(map[string]any)
	if !ok {
		return nil, errPack
	}
	if p.Key, err = privateKey(key); err != nil {
		return nil, err
	}
	return p, nil
}

// prfOf reads the secrets of the second version. A missing one for use without verification is the same as with it.
func prfOf(v any) (*cxf.Fido2Extensions, error) {
	ext, _ := v.(map[string]any)
	secrets, _ := ext["hmac_secret"].(map[string]any)
	if secrets == nil {
		return nil, nil
	}
	with, err := byteList(secrets["cred_with_uv"])
	if err != nil {
		return nil, err
	}
	without := with
	if secrets["cred_without_uv"] != nil {
		if without, err = byteList(secrets["cred_without_uv"]); err != nil {
			return nil, err
		}
	}
	return &cxf.Fido2Extensions{HMACCredentials: &cxf.Fido2HMACCredentials{
		Algorithm: cxf.HMACSHA256, CredWithUV: with, CredWithoutUV: append([]byte(nil), without...),
	}}, nil
}

// byteList reads bytes, which are a list of numbers.
func byteList(v any) ([]byte, error) {
	if b, ok := v.([]byte); ok {
		return b, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, errPack
	}
	out := make([]byte, len(list))
	for i, e := range list {
		n, ok := e.(int64)
		if !ok || n < 0 || n > 255 {
			return nil, errPack
		}
		out[i] = byte(n)
	}
	return out, nil
}

// privateKey rebuilds PKCS#8 from a COSE key.
func privateKey(key map[string]any) ([]byte, error) {
	params, err := parameters(key["par"])
	if err != nil {
		return nil, err
	}
	kty, _ := key["kty"].(map[string]any)
	switch kty["c"] {
	case "EC2", int64(2):
		return ecKey(params)
	case "OKP", int64(1):
		return okpKey(params)
	case "RSA", int64(3):
		return rsaKey(params)
	}
	return nil, errors.New("has a kind of key that is not known")
}

// parameters lists the key's parameters by number; those with text for a label mean nothing to us.
func parameters(v any) (map[int64]any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, errPack
	}
	out := make(map[int64]any, len(list))
	for _, e := range list {
		pair, ok := e.([]any)
		if !ok || len(pair) != 2 {
			return nil, errPack
		}
		label, err := number(pair[0])
		if err != nil {
			continue
		}
		if _, twice := out[label]; twice {
			return nil, errPack
		}
		out[label] = pair[1]
	}
	return out, nil
}

// number reads {t: "int", c: n}, where n is a number or the 16 bytes of one, least significant first.
func number(v any) (int64, error) {
	m, _ := v.(map[string]any)
	if m["t"] != "int" {
		return 0, errPack
	}
	if n, ok := m["c"].(int64); ok {
		return n, nil
	}
	wide, _ := m["c"].(map[string]any)
	raw, err := byteList(wide["inner"])
	if err != nil || len(raw) != 16 {
		return 0, errPack
	}
	n := int64(0)
	for i := range 8 {
		n |= int64(raw[i]) << (8 * i)
	}
	for _, b := range raw[8:] {
		if b != byte(n>>63) {
			return 0, errPack
		}
	}
	return n, nil
}

// parameter reads {t: "bytes", c: [...]}.
func parameter(params map[int64]any, label int64) ([]byte, error) {
	m, _ := params[label].(map[string]any)
	if m["t"] != "bytes" {
		return nil, errors.New("has a key with a part missing")
	}
	return byteList(m["c"])
}

var errPair = errors.New("has a private key that does not belong to its public key")

func ecKey(params map[int64]any) ([]byte, error) {
	crv, err := number(params[coseCurve])
	if err != nil {
		return nil, err
	}
	curve := map[int64]elliptic.Curve{curveP256: elliptic.P256(), curveP384: elliptic.P384(), curveP521: elliptic.P521()}[crv]
	if curve == nil {
		return nil, errors.New("has a key on a curve that is not known")
	}
	size := (curve.Params().BitSize + 7) / 8
	d, err := parameter(params, coseD)
	if err != nil {
		return nil, err
	}
	if len(d) > size {
		return nil, errors.New("has a private key of impossible length")
	}
	key, err := ecdsa.ParseRawPrivateKey(curve, append(make([]byte, size-len(d), size), d...))
	if err != nil {
		return nil, errors.New("has an impossible private key")
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, errors.New("has an impossible private key")
	}
	for _, half := range []struct {
		label int64
		want  []byte
	}{{coseX, public[1 : 1+size]}, {coseY, public[1+size:]}} {
		got, err := parameter(params, half.label)
		if err != nil {
			return nil, err
		}
		if subtle.ConstantTimeCompare(got, half.want) != 1 {
			return nil, errPair
		}
	}
	return cxf.MarshalPrivateKey(key)
}

func okpKey(params map[int64]any) ([]byte, error) {
	crv, err := number(params[coseCurve])
	if err != nil {
		return nil, err
	}
	if crv != curveEd25519 {
		return nil, errors.New("has a key on a curve that is not known")
	}
	d, err := parameter(params, coseD)
	if err != nil {
		return nil, err
	}
	if len(d) != ed25519.SeedSize {
		return nil, errors.New("has a private key of impossible length")
	}
	key := ed25519.NewKeyFromSeed(d)
	x, err := parameter(params, coseX)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(x, key[ed25519.SeedSize:]) != 1 {
		return nil, errPair
	}
	return cxf.MarshalPrivateKey(key)
}

func rsaKey(params map[int64]any) ([]byte, error) {
	var n [5]*big.Int
	for i, label := range []int64{rsaN, rsaE, rsaD, rsaP, rsaQ} {
		raw, err := parameter(params, label)
		if err != nil {
			return nil, err
		}
		if len(raw) > 1024 {
			return nil, errors.New("has a private key of impossible length")
		}
		n[i] = new(big.Int).SetBytes(raw)
	}
	if !n[1].IsInt64() || n[1].Int64() > 1<<31-1 || n[0].BitLen() < 1024 {
		return nil, errors.New("has an impossible private key")
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n[0], E: int(n[1].Int64())}, D: n[2], Primes: []*big.Int{n[3], n[4]}}
	if err := key.Validate(); err != nil {
		return nil, errors.New("has an impossible private key")
	}
	key.Precompute()
	return cxf.MarshalPrivateKey(key)
}

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
