package protonpass

import (
	"errors"
	"fmt"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// maxContent is the longest content of a passkey that is read, in bytes: one with an RSA key has 10 KiB.
const maxContent = 256 << 10

// contentVersion is the version of the outer layer, the only one there is.
const contentVersion = 1

// decodeContent decodes a passkey's content.
func decodeContent(data []byte) (*cxf.Passkey, error) {
	if len(data) > maxContent {
		return nil, errors.New("has content of impossible length")
	}
	outer, err := unpack(data)
	if err != nil {
		return nil, err
	}
	layer, ok := outer.(map[string]any)
	if !ok {
		return nil, errPack
	}
	if v, ok := layer["v"].(int64); !ok {
		return nil, errPack
	} else if v != contentVersion {
		return nil, fmt.Errorf("is of a version (%d) that Keyferry does not know yet", v)
	}
	inner, err := byteList(layer["c"])
	if err != nil {
		return nil, err
	}
	decoded, err := unpack(inner)
	if err != nil {
		return nil, err
	}
	m, ok := decoded.(map[string]any)
	if !ok {
		return nil, errPack
	}
	return passkeyOf(m)
}

// passkeyOf reads the inner layer, of any of the three versions.
func passkeyOf(m map[string]any) (*cxf.Passkey, error) {
	p := new(cxf.Passkey)
	var err error
	if p.CredentialID, err = byteList(m["cid"]); err != nil {
		return nil, err
	}
	var ok bool
	if p.RPID, ok = m["rid"].(string); !ok {
		return nil, errPack
	}
	if m["uhd"] != nil {
		if p.UserHandle, err = byteList(m["uhd"]); err != nil {
			return nil, err
		}
	}
	if n, ok := m["cnt"].(int64); ok && n > 0 && n < 1<<32 {
		p.SignCount = uint32(n)
	} else if m["cnt"] != nil && n != 0 {
		return nil, errors.New("has an impossible signature counter")
	}
	p.Username, _ = m["un"].(string)
	p.UserDisplayName, _ = m["udn"].(string)
	if p.Fido2Extensions, err = prfOf(m["ext"]); err != nil {
		return nil, err
	}
	key, ok := m["key"].(map[string]any)
	if !ok {
		return nil, errPack
	}
	if p.Key, err = privateKey(key); err != nil {
		return nil, err
	}
	return p, nil
}

// prfOf reads the secrets of the second version. A missing one for use without verification is the same as with it.
func prfOf(v any) (*cxf.Fido2Extensions, error) {
	ext, _ := v.(map[string]any)
	secrets, _ := ext["hmac_secret"].(map[string]any)
	if secrets == nil {
		return nil, nil
	}
	with, err := byteList(secrets["cred_with_uv"])
	if err != nil {
		return nil, err
	}
	without := with
	if secrets["cred_without_uv"] != nil {
		if without, err = byteList(secrets["cred_without_uv"]); err != nil {
			return nil, err
		}
	}
	return &cxf.Fido2Extensions{HMACCredentials: &cxf.Fido2HMACCredentials{
		Algorithm: cxf.HMACSHA256, CredWithUV: with, CredWithoutUV: append([]byte(nil), without...),
	}}, nil
}

// byteList reads bytes, which are a list of numbers.
func byteList(v any) ([]byte, error) {
	if b, ok := v.([]byte); ok {
		return b, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, errPack
	}
	out := make([]byte, len(list))
	for i, e := range list {
		n, ok := e.(int64)
		if !ok || n < 0 || n > 255 {
			return nil, errPack
		}
		out[i] = byte(n)
	}
	return out, nil
}
