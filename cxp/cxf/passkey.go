package cxf

import (
	"bytes"
	"crypto/subtle"
)

// Passkey is a WebAuthn credential with its private key (CXF §3.3.12).
//
// Everything but Username and UserDisplayName must stay exactly as it was at
// registration, or the relying party will not know the credential any more.
// There is no member for the COSE algorithm: it follows from the key, see
// [ParsePrivateKey].
type Passkey struct {
	// CredentialID is the raw credential ID.
	CredentialID []byte
	// RPID is the relying party ID.
	RPID string
	// Username and UserDisplayName are user.name and user.displayName, or what
	// the person made of them.
	Username, UserDisplayName string
	// UserHandle is user.id, 1 to 64 bytes; empty for a credential that is not discoverable.
	UserHandle []byte
	// Key is the private key, PKCS#8 DER.
	Key []byte
	// Fido2Extensions is optional.
	Fido2Extensions *Fido2Extensions
	// Extra holds members this package does not know.
	Extra Extra

	// SignCount is no member of CXF. An exporter sets it so that the strict
	// writer can leave out, and report, a passkey with a counter, as §3.3.12
	// demands. The reader always leaves it 0.
	SignCount uint32
	// PublicKey is no member of CXF: the public key of the registration as PKIX
	// SubjectPublicKeyInfo DER. Where an exporter sets it, the strict writer
	// compares it with the one that Key gives.
	PublicKey []byte
}

// Fido2Extensions carries the state of WebAuthn extensions (CXF §3.3.12.2).
type Fido2Extensions struct {
	// HMACCredentials are the secrets of prf and hmac-secret. Use [Passkey.PRF].
	HMACCredentials *Fido2HMACCredentials
	// CredBlob is the stored blob of credBlob, nil = none.
	CredBlob []byte
	// LargeBlob is the stored blob of largeBlob.
	LargeBlob *Fido2LargeBlob
	// Payments says that the credential serves Secure Payment Confirmation.
	Payments bool
	// Extra holds members this package does not know.
	Extra Extra
}

// HMACSHA256 is the only algorithm of [Fido2HMACCredentials] that CXF 1.0 knows.
const HMACSHA256 = "hmac-sha256"

// Fido2HMACCredentials are the two secrets of the CTAP hmac-secret extension
// (CXF §3.3.12.3), to be used as HMAC keys as they are, with no derivation.
type Fido2HMACCredentials struct {
	// Algorithm is [HMACSHA256]. Secrets of any other algorithm must be ignored.
	Algorithm string
	// CredWithUV and CredWithoutUV SHOULD be 32 bytes each.
	CredWithUV, CredWithoutUV []byte
	Extra                     Extra
}

// Fido2LargeBlob is a large blob as stored: raw DEFLATE (CXF §3.3.12.5). See
// [NewLargeBlob] and [Fido2LargeBlob.Inflate].
type Fido2LargeBlob struct {
	UncompressedSize uint64
	Data             []byte
	Extra            Extra
}

// CredentialType implements [Credential].
func (*Passkey) CredentialType() CredentialType { return TypePasskey }

// PRF returns the secrets for WebAuthn's prf, with and without user
// verification; ok is false where there are none, or of an algorithm that must
// be ignored (CXF §3.3.12.4).
func (p *Passkey) PRF() (withUV, withoutUV []byte, ok bool) {
	if p.Fido2Extensions == nil || p.Fido2Extensions.HMACCredentials == nil {
		return nil, nil, false
	}
	h := p.Fido2Extensions.HMACCredentials
	if h.Algorithm != HMACSHA256 || len(h.CredWithUV) == 0 {
		return nil, nil, false
	}
	return h.CredWithUV, h.CredWithoutUV, true
}

// SameCredential reports whether p and q are one credential at one relying
// party: same RP ID and credential ID. If their keys differ all the same, see
// [Passkey.SameCeremony], one of them is wrong: a conflict, never an update.
func (p *Passkey) SameCredential(q *Passkey) bool {
	return p.RPID == q.RPID && bytes.Equal(p.CredentialID, q.CredentialID)
}

// SameCeremony reports whether p and q agree in everything that a person must
// not edit (CXF §3.3.12.1) and that a sign-in depends on: RP ID, credential ID,
// user handle and private key. Keys are compared as bytes, in constant time.
func (p *Passkey) SameCeremony(q *Passkey) bool {
	return p.SameCredential(q) && bytes.Equal(p.UserHandle, q.UserHandle) &&
		subtle.ConstantTimeCompare(p.Key, q.Key) == 1
}

func (p *Passkey) describe(c codec) {
	c.extra(&p.Extra)
	c.binary("credentialId", &p.CredentialID, required)
	c.text("rpId", &p.RPID, required)
	c.text("username", &p.Username, expected, "userName")
	c.text("userDisplayName", &p.UserDisplayName, expected)
	c.userHandle("userHandle", &p.UserHandle)
	c.binary("key", &p.Key, required)
	maybe(c, "fido2Extensions", &p.Fido2Extensions)
	c.signCount(&p.SignCount)
}

func (f *Fido2Extensions) describe(c codec) {
	c.extra(&f.Extra)
	c.hmacCredentials("hmacCredentials", &f.HMACCredentials)
	c.binary("credBlob", &f.CredBlob, optional)
	maybe(c, "largeBlob", &f.LargeBlob)
	c.boolean("payments", &f.Payments)
}

func (h *Fido2HMACCredentials) describe(c codec) {
	c.extra(&h.Extra)
	c.enum("algorithm", &h.Algorithm, required, []string{HMACSHA256})
	c.binary("credWithUV", &h.CredWithUV, expected)
	c.binary("credWithoutUV", &h.CredWithoutUV, expected)
}

func (b *Fido2LargeBlob) describe(c codec) {
	c.extra(&b.Extra)
	c.size("uncompressedSize", &b.UncompressedSize, "size")
	c.binary("data", &b.Data, required)
}
