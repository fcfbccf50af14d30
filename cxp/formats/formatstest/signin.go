package formatstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// SignIn signs in with a passkey at a relying party, go-webauthn, that knows the public key of its registration.
func SignIn(t testing.TB, p *cxf.Passkey, registered crypto.PublicKey) {
	t.Helper()
	origin := "https://" + p.RPID
	rp, err := webauthn.New(&webauthn.Config{RPID: p.RPID, RPDisplayName: p.RPID, RPOrigins: []string{origin}})
	if err != nil {
		t.Fatal(err)
	}
	user := account{p.UserHandle, webauthn.Credential{
		ID: p.CredentialID, PublicKey: cosePublicKey(t, registered),
		Flags: webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: true, BackupState: true},
	}}
	_, session, err := rp.BeginLogin(user)
	if err != nil {
		t.Fatal(err)
	}
	response, err := protocol.ParseCredentialRequestResponseBody(strings.NewReader(assert(t, p, origin, session.Challenge)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rp.ValidateLogin(user, *session, response); err != nil {
		t.Errorf("the relying party refused the passkey: %v", err)
	}
}

// account is the user at the relying party.
type account struct {
	handle     []byte
	credential webauthn.Credential
}

func (a account) WebAuthnID() []byte          { return a.handle }
func (a account) WebAuthnName() string        { return "user" }
func (a account) WebAuthnDisplayName() string { return "user" }
func (a account) WebAuthnCredentials() []webauthn.Credential {
	return []webauthn.Credential{a.credential}
}

// assert makes the response of navigator.credentials.get as JSON.
func assert(t testing.TB, p *cxf.Passkey, origin, challenge string) string {
	t.Helper()
	clientData, err := json.Marshal(map[string]any{"type": "webauthn.get", "challenge": challenge, "origin": origin, "crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	rpHash := sha256.Sum256([]byte(p.RPID))
	const upUVBEBS = 0x01 | 0x04 | 0x08 | 0x10
	authData := binary.BigEndian.AppendUint32(append(rpHash[:], upUVBEBS), p.SignCount)
	digest := sha256.Sum256(clientData)
	signature := sign(t, p.Key, append(authData[:len(authData):len(authData)], digest[:]...))
	b64 := base64.RawURLEncoding.EncodeToString
	out, err := json.Marshal(map[string]any{
		"id": b64(p.CredentialID), "rawId": b64(p.CredentialID), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON": b64(clientData), "authenticatorData": b64(authData),
			"signature": b64(signature), "userHandle": b64(p.UserHandle),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func sign(t testing.TB, pkcs8, message []byte) []byte {
	t.Helper()
	key, err := cxf.ParsePrivateKey(pkcs8)
	if err != nil {
		t.Fatal(err)
	}
	var signature []byte
	switch k := key.Signer.(type) {
	case ed25519.PrivateKey:
		signature, err = k.Sign(rand.Reader, message, crypto.Hash(0))
	default:
		hash := crypto.SHA256
		switch key.Algorithm {
		case cxf.ES384:
			hash = crypto.SHA384
		case cxf.ES512:
			hash = crypto.SHA512
		}
		h := hash.New()
		h.Write(message)
		signature, err = key.Sign(rand.Reader, h.Sum(nil), hash)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// cosePublicKey encodes a public key as a relying party stores it (RFC 9053).
func cosePublicKey(t testing.TB, public crypto.PublicKey) []byte {
	t.Helper()
	var m map[int]any
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		raw, err := k.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		size := len(raw) / 2
		curve, alg := 1, -7
		switch size {
		case 48:
			curve, alg = 2, -35
		case 66:
			curve, alg = 3, -36
		}
		m = map[int]any{1: 2, 3: alg, -1: curve, -2: raw[1 : 1+size], -3: raw[1+size:]}
	case ed25519.PublicKey:
		m = map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(k)}
	case *rsa.PublicKey:
		m = map[int]any{1: 3, 3: -257, -1: k.N.Bytes(), -2: big(k.E)}
	default:
		t.Fatalf("no COSE for %T", public)
	}
	out, err := cbor.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func big(e int) []byte {
	return []byte{byte(e >> 16), byte(e >> 8), byte(e)}
}
