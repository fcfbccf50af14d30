package webauthn

import (
	"encoding/base64"
	"unicode/utf8"
)

// The types of client data (WebAuthn §5.8.1).
const (
	typeCreate = "webauthn.create"
	typeGet    = "webauthn.get"
)

// clientDataJSON serialises CollectedClientData by the algorithm of WebAuthn §5.8.1.1, byte for byte: sites verify by
// it without a JSON parser. A general JSON encoder escapes differently.
func clientDataJSON(typ string, challenge []byte, origin string, crossOrigin bool, topOrigin string) []byte {
	b := make([]byte, 0, 96+len(challenge)*4/3+len(origin)+len(topOrigin))
	b = append(b, `{"type":`...)
	b = appendCCDString(b, typ)
	b = append(b, `,"challenge":"`...)
	b = base64.RawURLEncoding.AppendEncode(b, challenge)
	b = append(b, `","origin":`...)
	b = appendCCDString(b, origin)
	if !crossOrigin {
		return append(b, `,"crossOrigin":false}`...)
	}
	b = append(b, `,"crossOrigin":true`...)
	if topOrigin != "" {
		b = append(b, `,"topOrigin":`...)
		b = appendCCDString(b, topOrigin)
	}
	return append(b, '}')
}

// appendCCDString is CCDToString (WebAuthn §5.8.1.1): only control characters, the quotation mark and the backslash are
// escaped, the controls as \u00XX in lower case. Bytes that are no UTF-8 become U+FFFD.
func appendCCDString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"':
			b = append(b, '\\', '"')
		case r == '\\':
			b = append(b, '\\', '\\')
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
