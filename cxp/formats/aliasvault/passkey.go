package aliasvault

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

type passkey struct {
	ID           text `json:"id"`           // a GUID
	CredentialID text `json:"credentialId"` // base64; "" = the GUID
	RPID         text `json:"rpId"`
	UserHandle   text `json:"userHandle"` // base64
	PublicKey    text `json:"publicKey"`  // a JSON Web Key, as text
	PrivateKey   text `json:"privateKey"` // a JSON Web Key, as text
	PRF          text `json:"prfKey"`     // base64, 32 bytes
	DisplayName  text `json:"displayName"`
}

// addPasskey reads one passkey. AliasVault keeps one name of the user with it; the other is the login's.
func addPasskey(it *formats.ItemBuilder, v jsontext.Value, username string) {
	var src passkey
	err := formats.Decode(v, &src)
	var p *cxf.Passkey
	if err == nil {
		p, err = src.decode(username)
	}
	if err != nil {
		it.BadPart(it.NextPart(cxf.TypePasskey), err.Error())
		return
	}
	if n := len(src.PRF); n > 0 && p.Fido2Extensions == nil {
		it.Report(cxf.Warning, cxf.CodeHMAC, "passkey", "has a PRF secret that is not 32 bytes long, which was left out")
	}
	it.AddPasskey(p)
}

func (src *passkey) decode(username string) (*cxf.Passkey, error) {
	p := &cxf.Passkey{RPID: string(src.RPID), Username: username, UserDisplayName: string(src.DisplayName)}
	if username == "" {
		p.Username = string(src.DisplayName)
	}
	var err error
	if src.CredentialID != "" {
		if p.CredentialID, err = formats.DecodeBase64(string(src.CredentialID)); err != nil {
			return nil, errors.New("has a credential ID that is no base64")
		}
	} else if p.CredentialID, err = hex.DecodeString(strings.ReplaceAll(string(src.ID), "-", "")); err != nil || len(p.CredentialID) != 16 {
		return nil, errors.New("has an id that is no GUID, and so no credential ID")
	}
	if p.UserHandle, err = formats.DecodeBase64(string(src.UserHandle)); err != nil {
		return nil, errors.New("has a user handle that is no base64")
	}
	secret, err := formats.DecodeBase64(string(src.PRF))
	if err == nil && len(secret) == 32 {
		p.Fido2Extensions = formats.OnePRF(secret)
	}
	if p.Key, err = src.key(); err != nil {
		return nil, err
	}
	return p, nil
}

// jwk is a JSON Web Key (RFC 7517), of the kinds that passkeys have.
type jwk struct {
	Type  string `json:"kty"`
	Curve string `json:"crv"`
	X     text   `json:"x"`
	Y     text   `json:"y"`
	D     text   `json:"d"`
}

// key makes PKCS#8 of the private key and holds it against its own public half and against the public key.
func (src *passkey) key() ([]byte, error) {
	if src.PrivateKey == "" {
		return nil, errors.New("has no private key")
	}
	var private jwk
	if formats.Check(string(src.PrivateKey), &private) != nil {
		return nil, errors.New("has a private key that is no JSON Web Key")
	}
	d, err := formats.DecodeBase64(string(private.D))
	if err != nil || len(d) == 0 {
		return nil, errors.New("has a private key whose secret part is missing")
	}
	defer clear(d)
	der, x, y, err := private.make(d)
	if err != nil {
		return nil, err
	}
	public := private
	if src.PublicKey != "" {
		if formats.Check(string(src.PublicKey), &public) != nil {
			return nil, errors.New("has a public key that is no JSON Web Key")
		}
	}
	for _, k := range []jwk{private, public} {
		gotX, errX := formats.DecodeBase64(string(k.X))
		gotY, errY := formats.DecodeBase64(string(k.Y))
		if errX != nil || errY != nil || !bytes.Equal(gotX, x) || !bytes.Equal(gotY, y) {
			return nil, errors.New("has a private key that does not belong to its public key")
		}
	}
	return der, nil
}

// make builds the key from its secret part, and gives the public one.
func (k *jwk) make(d []byte) (der, x, y []byte, err error) {
	if k.Type == "OKP" && k.Curve == "Ed25519" {
		if len(d) != ed25519.SeedSize {
			return nil, nil, nil, errors.New("has a private key of impossible length")
		}
		key := ed25519.NewKeyFromSeed(d)
		der, err = cxf.MarshalPrivateKey(key)
		return der, key[ed25519.SeedSize:], []byte{}, err
	}
	curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[k.Curve]
	if k.Type != "EC" || curve == nil {
		return nil, nil, nil, errors.New("has a kind of key that is not known")
	}
	key, err := ecdsa.ParseRawPrivateKey(curve, d)
	if err != nil {
		return nil, nil, nil, errors.New("has an impossible private key")
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, nil, nil, errors.New("has an impossible private key")
	}
	size := len(public) / 2
	der, err = cxf.MarshalPrivateKey(key)
	return der, public[1 : 1+size], public[1+size:], err
}
