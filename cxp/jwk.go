package cxp

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// jwk is a public key as an offer carries it: RFC 8037 for X25519, RFC 7518 for P-256, and the
// profile's own form for X-Wing (PROFILE.md §1).
type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv,omitzero"`
	Alg string `json:"alg,omitzero"`
	X   string `json:"x,omitzero"`
	Y   string `json:"y,omitzero"`
	Pub string `json:"pub,omitzero"`
}

const algXWing = "X-Wing"

func (s Suite) encodeKey(public []byte) jwk {
	b64 := base64.RawURLEncoding.EncodeToString
	switch s {
	case XWingAES256GCM:
		return jwk{Kty: "AKP", Alg: algXWing, Pub: b64(public)}
	case P256AES256GCM, P256AES128GCM:
		return jwk{Kty: "EC", Crv: "P-256", X: b64(public[1:33]), Y: b64(public[33:])}
	default:
		return jwk{Kty: "OKP", Crv: "X25519", X: b64(public)}
	}
}

// decodeKey gives the key as circl reads it, checked to be a key of this suite.
func (s Suite) decodeKey(k jwk) ([]byte, error) {
	var public []byte
	var err error
	switch {
	case s == XWingAES256GCM && k.Kty == "AKP" && k.Alg == algXWing:
		public, err = decodeSized(k.Pub, 1216)
	case (s == P256AES256GCM || s == P256AES128GCM) && k.Kty == "EC" && k.Crv == "P-256":
		var x, y []byte
		if x, err = decodeSized(k.X, 32); err == nil {
			y, err = decodeSized(k.Y, 32)
		}
		public = append(append([]byte{4}, x...), y...)
	case (s == X25519ChaCha20Poly1305 || s == X25519AES128GCM) && k.Kty == "OKP" && k.Crv == "X25519":
		public, err = decodeSized(k.X, 32)
	default:
		return nil, fmt.Errorf("%w: the key's type does not fit its suite (%s)", ErrBadKey, s)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	return public, s.checkKey(public)
}

// decodeB64 reads base64url, padded or not.
func decodeB64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") { // encoding/base64 would skip them
		return nil, fmt.Errorf("line break in base64url")
	}
	if trimmed := strings.TrimRight(text, "="); len(trimmed) != len(text) {
		if len(text)%4 != 0 || len(text)-len(trimmed) > 2 {
			return nil, fmt.Errorf("wrong base64url padding")
		}
		text = trimmed
	}
	out, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("not base64url: %w", err)
	}
	return out, nil
}

func decodeSized(text string, size int) ([]byte, error) {
	out, err := decodeB64(text)
	if err != nil {
		return nil, err
	}
	if len(out) != size {
		return nil, fmt.Errorf("%d bytes instead of %d", len(out), size)
	}
	return out, nil
}
