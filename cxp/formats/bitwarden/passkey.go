package bitwarden

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// addPasskey reads one entry of fido2Credentials.
func addPasskey(it *formats.ItemBuilder, v jsontext.Value) {
	var src passkey
	if err := formats.Decode(v, &src); err != nil {
		it.BadPart(it.NextPart(cxf.TypePasskey), err.Error())
		return
	}
	out, err := src.decode()
	if err != nil {
		it.BadPart(it.NextPart(cxf.TypePasskey), err.Error())
		return
	}
	it.AddPasskey(out)
}

// decode takes the algorithm from the key alone: Bitwarden says ECDSA with P-256 whatever the key is.
func (p *passkey) decode() (*cxf.Passkey, error) {
	if p.KeyType != "" && p.KeyType != "public-key" {
		return nil, errors.New("is a credential of another kind than public-key")
	}
	out := &cxf.Passkey{RPID: string(p.RPID), Username: string(p.UserName), UserDisplayName: string(p.UserDisplayName)}
	var err error
	if out.CredentialID, err = credentialID(string(p.CredentialID)); err != nil {
		return nil, err
	}
	if out.UserHandle, err = formats.DecodeBase64(string(p.UserHandle)); err != nil {
		return nil, errors.New("has a user handle that is no base64")
	}
	if out.Key, err = formats.DecodeBase64(string(p.KeyValue)); err != nil {
		return nil, errors.New("has a private key that is no base64")
	}
	out.Key = formats.PKCS8(out.Key) // Bitwarden itself has stored keys of other managers in their older form
	counter := p.Counter
	if counter == "" {
		counter = "0"
	}
	n, err := strconv.ParseUint(string(counter), 10, 32)
	if err != nil {
		return nil, errors.New("has a signature counter that is no number")
	}
	out.SignCount = uint32(n)
	return out, nil
}

// b64Prefix marks credential IDs that are not 16 bytes long, or that came from elsewhere.
const b64Prefix = "b64."

// credentialID decodes a UUID's hexadecimal digits, or what follows "b64.".
func credentialID(s string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(s, b64Prefix); ok {
		id, err := formats.DecodeBase64(rest)
		if err != nil || len(id) == 0 {
			return nil, errors.New("has a credential ID that is no base64")
		}
		return id, nil
	}
	if s == "" {
		return nil, errors.New("has no credential ID")
	}
	id, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(id) != 16 {
		return nil, errors.New("has a credential ID that is neither a UUID nor base64")
	}
	return id, nil
}

// writtenPasskey is an entry of fido2Credentials as it is written: exactly these members, since Bitwarden on iOS refuses
// entries with others.
type writtenPasskey struct {
	CredentialID    string  `json:"credentialId"`
	KeyType         string  `json:"keyType"`
	KeyAlgorithm    string  `json:"keyAlgorithm"`
	KeyCurve        string  `json:"keyCurve"`
	KeyValue        string  `json:"keyValue"`
	RPID            string  `json:"rpId"`
	UserHandle      *string `json:"userHandle"`
	UserName        *string `json:"userName"`
	Counter         string  `json:"counter"`
	RPName          *string `json:"rpName"`
	UserDisplayName *string `json:"userDisplayName"`
	Discoverable    string  `json:"discoverable"`
	CreationDate    string  `json:"creationDate"`
}

// encodePasskey is the inverse of decode; key is PKCS#8 of a P-256 key.
func encodePasskey(p *cxf.Passkey, key []byte, created int64) *writtenPasskey {
	b64 := base64.RawURLEncoding.EncodeToString
	w := &writtenPasskey{
		CredentialID: b64Prefix + b64(p.CredentialID),
		KeyType:      "public-key", KeyAlgorithm: "ECDSA", KeyCurve: "P-256", KeyValue: b64(key),
		RPID: p.RPID, RPName: optional(p.RPID), UserName: optional(p.Username), UserDisplayName: optional(p.UserDisplayName),
		UserHandle: optional(b64(p.UserHandle)),
		Counter:    strconv.FormatUint(uint64(p.SignCount), 10), Discoverable: strconv.FormatBool(len(p.UserHandle) > 0),
		CreationDate: formats.FormatTime(created),
	}
	if len(p.CredentialID) == 16 {
		w.CredentialID = uuid(p.CredentialID)
	}
	return w
}

func uuid(b []byte) string {
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func sortedKeys(m map[string]jsontext.Value) []string { return slices.Sorted(maps.Keys(m)) }
