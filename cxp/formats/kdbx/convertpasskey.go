package kdbx

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// passkey writes a passkey's attributes; it reports whether there is one that can be written.
func (c *converter) passkey(p *cxf.Passkey, part string) bool {
	key, err := cxf.ParsePrivateKey(p.Key)
	if err != nil || p.RPID == "" || len(p.CredentialID) == 0 {
		c.lose(lossKey, part, "is incomplete, or its key cannot be used")
		return false
	}
	if rsaKey, ok := key.Signer.(*rsa.PrivateKey); key.Algorithm != cxf.ES256 && key.Algorithm != cxf.EdDSA &&
		(!ok || rsaKey.N.BitLen() != 2048) {
		c.lose(lossAlgorithm, part, "has a kind of key that KeePass programs cannot use")
	}
	if p.SignCount != 0 {
		c.lose(lossCounter, part, fmt.Sprintf("has a signature counter (%d)", p.SignCount))
	}
	der, err := cxf.MarshalPrivateKey(key)
	if err != nil {
		c.lose(lossKey, part, "has a key that cannot be written")
		return false
	}
	base64url := base64.RawURLEncoding.EncodeToString
	e := c.free(attrKey)
	if e.get(keyUser) == "" {
		e.set(keyUser, p.Username, false)
	}
	if e.get(keyURL) == "" {
		e.set(keyURL, "https://"+p.RPID, false)
	}
	e.set(attrUsername, p.Username, false)
	if p.UserDisplayName != p.Username {
		e.set(attrDisplayName, p.UserDisplayName, false)
	}
	e.set(attrID, base64url(p.CredentialID), true)
	e.set(attrKey, formats.EncodePEM(der), true)
	e.set(attrRelyingParty, p.RPID, false)
	e.set(attrHandle, base64url(p.UserHandle), true)
	c.flags(e, p, part)
	c.extensions(e, p, part)
	e.tag(tagPasskey)
	return true
}

func (c *converter) flags(e *outEntry, p *cxf.Passkey, part string) {
	digit := map[bool]string{false: "0", true: "1"}
	more := len(p.Extra)
	if be, bs, known := BackupFlags(p); known {
		e.set(attrEligible, digit[be], false)
		e.set(attrBackedUp, digit[bs], false)
		for _, m := range p.Extra {
			if m.Name == memberEligible || m.Name == memberBackedUp {
				more--
			}
		}
	}
	if more > 0 {
		c.lose(lossExtra, part, "has members that are not kept")
	}
}

func (c *converter) extensions(e *outEntry, p *cxf.Passkey, part string) {
	x := p.Fido2Extensions
	if x == nil {
		return
	}
	if len(x.CredBlob) > 0 || x.LargeBlob != nil || x.Payments || len(x.Extra) > 0 {
		c.lose(lossBlob, part, "has data of WebAuthn extensions that is not kept")
	}
	if x.HMACCredentials == nil {
		return
	}
	with, without, ok := p.PRF()
	if !ok || len(with) != 32 {
		c.lose(lossPRF, part, "has PRF secrets that are not kept")
		return
	}
	e.set(attrPRF, base64.RawURLEncoding.EncodeToString(with), true)
	if len(without) > 0 && string(without) != string(with) {
		c.lose(lossPRF, part, "has a PRF secret for use without user verification that is not kept")
	}
}

// unknown writes Steam's one-time passwords, which KeePassXC knows though CXF does not.
func (c *converter) unknown(u *cxf.Unknown, part string) bool {
	var t struct{ Secret, Algorithm string }
	if u.Type == cxf.TypeTOTP && json.Unmarshal(u.Raw, &t) == nil && t.Algorithm == "steam" && t.Secret != "" {
		v := url.Values{"secret": {t.Secret}, "period": {"30"}, "digits": {"5"}, "encoder": {"steam"}}
		c.free(keyOTP).set(keyOTP, "otpauth://totp/Steam?"+v.Encode(), true)
		return true
	}
	c.lose(lossUnknown, part, "is not kept")
	return false
}

// colons writes a hash as KeePassDX shows it.
func colons(sum []byte) string {
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}
