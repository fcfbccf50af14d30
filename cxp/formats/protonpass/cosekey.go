package protonpass

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"math/big"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Parameters of COSE keys (RFC 9053 §7, RFC 8230 §4).
const (
	coseCurve = -1
	coseX     = -2
	coseY     = -3
	coseD     = -4

	rsaN, rsaE, rsaD, rsaP, rsaQ = -1, -2, -3, -4, -5

	curveP256, curveP384, curveP521, curveEd25519 = 1, 2, 3, 6
)

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
