package webauthn

import (
	"encoding/base64"
	"strconv"
)

// The responses' JSON (WebAuthn §5.1.1) is written by hand: every value in it is base64url, a number or a constant of
// ours, so that nothing needs escaping, and a sign-in encodes each byte once.

func appendBase64(b []byte, name string, value []byte) []byte {
	b = append(b, name...)
	b = append(b, '"')
	b = base64.RawURLEncoding.AppendEncode(b, value)
	return append(b, '"')
}

// appendCredential writes the members that both responses share; response is a complete object.
func appendCredential(b, id, extensions []byte, response func([]byte) []byte) []byte {
	b = appendBase64(b, `{"id":`, id)
	b = appendBase64(b, `,"rawId":`, id)
	b = append(b, `,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":`...)
	b = append(b, extensions...)
	b = append(b, `,"response":`...)
	b = response(b)
	return append(b, '}')
}

// registration is what goes into a RegistrationResponseJSON.
type registration struct {
	credentialID, clientDataJSON, authData, attestation []byte
	publicKey                                           []byte // SubjectPublicKeyInfo, DER
	algorithm                                           int64
	extensions                                          []byte
}

func (r *registration) json() []byte {
	b := make([]byte, 0, 512+2*(len(r.clientDataJSON)+len(r.authData)+len(r.attestation)+len(r.publicKey)))
	return appendCredential(b, r.credentialID, r.extensions, func(b []byte) []byte {
		b = appendBase64(b, `{"clientDataJSON":`, r.clientDataJSON)
		b = appendBase64(b, `,"authenticatorData":`, r.authData)
		// hybrid too: with internal alone, other machines would not offer a phone that holds the same passkey.
		b = append(b, `,"transports":["hybrid","internal"],"publicKeyAlgorithm":`...)
		b = strconv.AppendInt(b, r.algorithm, 10)
		b = appendBase64(b, `,"publicKey":`, r.publicKey)
		b = appendBase64(b, `,"attestationObject":`, r.attestation)
		return append(b, '}')
	})
}

// authentication is what goes into an AuthenticationResponseJSON.
type authentication struct {
	credentialID, clientDataJSON, authData, signature, userHandle []byte
	extensions                                                    []byte
}

func (r *authentication) json() []byte {
	b := make([]byte, 0, 384+2*(len(r.credentialID)+len(r.clientDataJSON)+len(r.authData)+len(r.signature)+len(r.userHandle)+len(r.extensions)))
	return appendCredential(b, r.credentialID, r.extensions, func(b []byte) []byte {
		b = appendBase64(b, `{"clientDataJSON":`, r.clientDataJSON)
		b = appendBase64(b, `,"authenticatorData":`, r.authData)
		b = appendBase64(b, `,"signature":`, r.signature)
		if len(r.userHandle) > 0 {
			b = appendBase64(b, `,"userHandle":`, r.userHandle)
		}
		return append(b, '}')
	})
}
