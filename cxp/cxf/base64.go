package cxf

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// maxIDBytes is the longest identifier, decoded (CXF §1.3).
const maxIDBytes = 64

// NewID makes an identifier for an account, collection, item or field: 16 random
// bytes as unpadded base64url.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, says its documentation
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// replacementID stands in for an identifier that the standard does not allow. It
// is a hash of that one, so that links that use it can be put right wherever they stand.
func replacementID(id string) string {
	sum := sha256.Sum256([]byte("cxf id\x00" + id))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

var canonicalBase64 = base64.RawURLEncoding.Strict()

// decodeBase64 decodes base64url without padding and, more leniently, with
// padding, stray bits or the standard alphabet; canonical is false for those.
func decodeBase64(text []byte) (out []byte, canonical, ok bool) {
	out = make([]byte, base64.RawURLEncoding.DecodedLen(len(text)))
	if n, err := canonicalBase64.Decode(out, text); err == nil && !bytes.ContainsAny(text, "\r\n") {
		return out[:n], true, true
	}
	lenient := bytes.Map(func(c rune) rune {
		switch c {
		case '+':
			return '-'
		case '/':
			return '_'
		case '\r', '\n':
			return -1
		}
		return c
	}, text)
	lenient = bytes.TrimRight(lenient, "=")
	if len(text)-len(lenient) > 2 && bytes.HasSuffix(text, []byte("===")) {
		return nil, false, false
	}
	out = make([]byte, base64.RawURLEncoding.DecodedLen(len(lenient)))
	n, err := base64.RawURLEncoding.Decode(out, lenient)
	return out[:n], false, err == nil
}

// canonicalID turns an identifier into its canonical form; ok is false where it
// is no base64 at all, empty or longer than 64 bytes.
func canonicalID(id string) (canonical string, ok bool) {
	b, isCanonical, ok := decodeBase64([]byte(id))
	if !ok || len(b) == 0 || len(b) > maxIDBytes {
		return "", false
	}
	if isCanonical {
		return id, true
	}
	return base64.RawURLEncoding.EncodeToString(b), true
}
