package kdbx

import (
	"bytes"
	"cmp"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Attributes of a passkey. All but the fourth group are written by every program that has passkeys.
const (
	attrPrefix       = "KPEX_PASSKEY_"
	attrUsername     = "KPEX_PASSKEY_USERNAME"
	attrID           = "KPEX_PASSKEY_CREDENTIAL_ID"
	attrKey          = "KPEX_PASSKEY_PRIVATE_KEY_PEM"
	attrRelyingParty = "KPEX_PASSKEY_RELYING_PARTY"
	attrHandle       = "KPEX_PASSKEY_USER_HANDLE"

	attrUsernameOld = "KPXC_PASSKEY_USERNAME"          // Strongbox, once
	attrIDOld       = "KPEX_PASSKEY_GENERATED_USER_ID" // KeePassXC 2.7.7, Strongbox, once

	attrEligible = "KPEX_PASSKEY_FLAG_BE" // KeePassXC from 2.7.12 on, KeePassDX, KeePassium, KeePass2Android
	attrBackedUp = "KPEX_PASSKEY_FLAG_BS"

	// attrDisplayName is ours: nobody else keeps display names. Other programs leave fields alone that they do not know.
	attrDisplayName = "KEYFERRY_PASSKEY_DISPLAY_NAME"

	attrPRF = "KPEX_PASSKEY_PRF" // KeePassDX from 4.5 on
)

// passkey takes the attributes of the entry's passkey and adds it to the item; nil where there is none that can be used, whose
// attributes then stay fields.
func (f *fields) passkey() *cxf.Passkey {
	found := false
	for _, key := range []string{attrID, attrIDOld, attrKey, attrRelyingParty} {
		_, ok := f.peek(key)
		found = found || ok
	}
	if !found {
		return nil
	}
	all := append([]field(nil), f.list...)
	p, err := f.passkeyParts()
	before := len(f.it.Credentials)
	if err != "" {
		f.it.BadPart(f.it.NextPart(cxf.TypePasskey), err)
	} else {
		f.it.AddPasskey(p)
	}
	if len(f.it.Credentials) == before {
		f.list = all
		f.hide()
		return nil
	}
	return p
}

// morePasskeys takes those that stand in one entry with the first, under its attributes' names with a number behind: few programs
// write them, but nobody who does would want one lost.
func (f *fields) morePasskeys() {
	var suffixes []string
	for _, x := range f.list {
		if rest, ok := strings.CutPrefix(x.key, attrKey); ok && strings.HasPrefix(rest, "_") && numbered(rest) {
			suffixes = append(suffixes, rest)
		}
	}
	slices.SortFunc(suffixes, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	for _, suffix := range suffixes {
		before := append([]field(nil), f.list...)
		f.list = nil
		var others []field
		for _, x := range before {
			if name, ok := strings.CutSuffix(x.key, suffix); ok && strings.HasPrefix(name, attrPrefix) {
				x.key = name
				f.list = append(f.list, x)
			} else {
				others = append(others, x)
			}
		}
		if f.passkey() == nil {
			f.list = before
			f.hide()
			continue
		}
		for i := range f.list { // what the passkey left, under its own name again
			f.list[i].key += suffix
		}
		f.list = append(others, f.list...)
	}
}

// hide makes what is left of a passkey hidden fields.
func (f *fields) hide() {
	for i := range f.list {
		if strings.HasPrefix(f.list[i].key, attrPrefix) {
			f.list[i].protected = true
		}
	}
}

// passkeyParts reads the attributes; problem says in words why they make no passkey.
func (f *fields) passkeyParts() (p *cxf.Passkey, problem string) {
	p = &cxf.Passkey{RPID: strings.TrimSpace(f.take(attrRelyingParty).value)}
	var err error
	if p.UserHandle, err = formats.DecodeBase64(f.take(attrHandle).value); err != nil {
		return nil, "has a user handle that is no base64"
	}
	if p.CredentialID, problem = f.credentialID(p.UserHandle); problem != "" {
		return nil, problem
	}
	text := f.take(attrKey).value
	if text == "" {
		return nil, "has no private key"
	}
	if p.Key, err = decodeKey(text); err != nil {
		return nil, "has a private key that " + err.Error()
	}
	f.username(p)
	f.flags(p)
	f.prf(p)
	return p, ""
}

// credentialID chooses between the two attributes that hold it. Where both are there and differ, KeePassXC signs in with the
// older, Strongbox with the newer. We do as KeePassXC does, which wrote most of them, unless what is there cannot be a credential
// ID: no base64, or the user handle, which the older one's name invites to. The other value stays a field of the item.
func (f *fields) credentialID(handle []byte) (id []byte, problem string) {
	newer, hasNewer := f.peek(attrID)
	older, hasOlder := f.peek(attrIDOld)
	newerID, newerErr := formats.DecodeBase64(newer.value)
	olderID, olderErr := formats.DecodeBase64(older.value)
	use, other := attrID, attrIDOld
	switch {
	case !hasOlder:
		other = ""
	case !hasNewer:
		use, other = attrIDOld, ""
	case newerErr == nil && olderErr == nil && bytes.Equal(newerID, olderID):
		f.take(other)
		other = ""
	case newerErr != nil || olderErr == nil && !bytes.Equal(olderID, handle):
		use, other = attrIDOld, attrID
	}
	f.take(use)
	id, err := newerID, newerErr
	if use == attrIDOld {
		id, err = olderID, olderErr
	}
	if err != nil {
		return nil, "has a credential ID that is no base64"
	}
	if other != "" {
		f.conflict("passkey 1", "has two credential IDs; %s is used, the one in %s is kept as a field", use, other)
		for i := range f.list {
			f.list[i].protected = f.list[i].protected || f.list[i].key == other
		}
	}
	return id, ""
}

func (f *fields) username(p *cxf.Passkey) {
	name, old := f.take(attrUsername).value, f.take(attrUsernameOld).value
	if old != "" && name != "" && old != name {
		f.conflict("passkey 1", "has two user names; the one in %s is used, as KeePassXC does", attrUsernameOld)
		f.list = append(f.list, field{key: attrUsername, value: name})
	}
	if old != "" {
		name = old
	}
	if name == "" {
		user, _ := f.peek(keyUser)
		name = user.value
	}
	p.Username, p.UserDisplayName = name, name
	if shown := f.take(attrDisplayName).value; shown != "" {
		p.UserDisplayName = shown
	}
}

func (f *fields) flags(p *cxf.Passkey) {
	be, bs := f.take(attrEligible).value, f.take(attrBackedUp).value
	for _, v := range []string{be, bs} {
		if v != "" && v != "0" && v != "1" {
			f.it.Report(cxf.Warning, cxf.CodeFieldValue, "passkey 1", "has backup flags that are neither 0 nor 1; they were ignored")
			return
		}
	}
	switch {
	case be == "" && bs == "":
	case be == "0" && bs == "1":
		f.it.Report(cxf.Warning, cxf.CodeFieldValue, "passkey 1", "is backed up though it must not be, by its flags; they were ignored")
	default:
		SetBackupFlags(p, be != "0", bs == "1")
	}
}

func (f *fields) prf(p *cxf.Passkey) {
	x := f.take(attrPRF)
	if x.value == "" {
		return
	}
	secret, err := formats.DecodeBase64(x.value)
	if err != nil || len(secret) != 32 {
		f.it.Report(cxf.Warning, cxf.CodeHMAC, "passkey 1", "has a PRF secret that is not 32 bytes in base64; it was kept as a hidden field")
		f.list = append(f.list, field{key: attrPRF, value: x.value, protected: true})
		return
	}
	p.Fido2Extensions = formats.OnePRF(secret)
}

// decodeKey reads a private key in PEM, also where an editor has joined its lines, and in the older form of EC keys.
func decodeKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "\n") {
		const dashes = "-----"
		if parts := strings.Split(text, dashes); len(parts) == 5 {
			body := strings.Join(strings.Fields(parts[2]), "")
			text = dashes + parts[1] + dashes + "\n" + body + "\n" + dashes + parts[3] + dashes
		}
	}
	if block, _ := pem.Decode([]byte(text + "\n")); block != nil && block.Type == "EC PRIVATE KEY" {
		return formats.PKCS8(block.Bytes), nil
	}
	return formats.DecodePEM(text)
}
