package webauthn

import (
	"crypto/sha256"
	"encoding/binary"
)

// AAGUID names Keyferry as the authenticator in every registration, self-attested or not (WebAuthn §6.5.1): the UUID
// c2d85254-551d-4d56-a59c-db7b4966d4b3, drawn at random once. It never changes: sites tell by it which manager holds
// a passkey.
const AAGUID = "\xc2\xd8\x52\x54\x55\x1d\x4d\x56\xa5\x9c\xdb\x7b\x49\x66\xd4\xb3"

// Flags of authenticator data (WebAuthn §6.1).
const (
	flagUP byte = 1 << 0 // the person was there
	flagUV byte = 1 << 2 // and was verified
	flagBE byte = 1 << 3 // backup eligible: a passkey that may leave this machine
	flagBS byte = 1 << 4 // backed up
	flagAT byte = 1 << 6 // attested credential data follows
)

// authDataSize is the length of authenticator data that carries neither attested credential data nor extensions.
const authDataSize = 32 + 1 + 4

// flags says what is true. The person was there in every ceremony that gets so far.
func flags(verified, eligible, backedUp bool) byte {
	f := flagUP
	if verified {
		f |= flagUV
	}
	if eligible {
		f |= flagBE
		if backedUp { // §6.1.3: BS without BE is not allowed, and sites refuse it
			f |= flagBS
		}
	}
	return f
}

// appendAuthData appends authenticator data without attested credential data or extensions (WebAuthn §6.1).
func appendAuthData(b []byte, rpID string, flags byte, signCount uint32) []byte {
	hash := sha256.Sum256([]byte(rpID))
	b = append(b, hash[:]...)
	b = append(b, flags)
	return binary.BigEndian.AppendUint32(b, signCount)
}

// appendAttested appends attested credential data (WebAuthn §6.5.1).
func appendAttested(b, credentialID, coseKey []byte) []byte {
	b = append(b, AAGUID...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(credentialID)))
	b = append(b, credentialID...)
	return append(b, coseKey...)
}
