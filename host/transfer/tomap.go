package transfer

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats/kdbx"
	"github.com/keyferry/keyferry/vault"
)

// placed is a credential, its place in its item, and the record that it comes from.
type placed struct {
	at      int
	cred    cxf.Credential
	of      vault.ID
	passkey bool // the record is a passkey
}

// putTogether sorts credentials into their places.
func putTogether(it *cxf.Item, all []placed) {
	slices.SortStableFunc(all, func(a, b placed) int { return a.at - b.at })
	it.Credentials = make([]cxf.Credential, 0, len(all))
	for _, p := range all {
		it.Credentials = append(it.Credentials, p.cred)
	}
}

// keptShell is the CXF item that a passkey carries, or one that is made for a passkey of Keyferry's own.
func keptShell(p *vault.Passkey, k *keptPasskey) (*cxf.Item, error) {
	if k != nil && k.Item != nil {
		it, _, err := cxf.UnmarshalItem(k.Item, &cxf.ReadOptions{Archive: true})
		if err != nil {
			return nil, fmt.Errorf("reading what was kept beside a passkey: %w", err)
		}
		if p.Title != k.Title {
			it.Title = p.Title
		}
		if millis(p.ModifiedAt) != k.Mod {
			it.ModifiedAt = p.ModifiedAt.Unix()
		}
		return it, nil
	}
	return &cxf.Item{
		ID: p.ID.String(), Title: titleOf(p), CreationAt: seconds(p.CreatedAt), ModifiedAt: seconds(p.ModifiedAt),
		Scope: &cxf.CredentialScope{URLs: []string{"https://" + p.RPID}},
	}, nil
}

func titleOf(p *vault.Passkey) string {
	for _, s := range []string{p.Title, p.RPName} {
		if s != "" {
			return s
		}
	}
	return p.RPID
}

// cxfPasskey gives a record back as the credential it came as, with what was changed since. Its byte members are copies.
func cxfPasskey(p *vault.Passkey, k *keptPasskey) (*cxf.Passkey, error) {
	out := &cxf.Passkey{}
	if k != nil {
		c, _, err := cxf.UnmarshalCredential(k.Cred, &cxf.ReadOptions{Archive: true, SkipKeyCheck: true})
		if err != nil {
			return nil, fmt.Errorf("reading what was kept beside a passkey: %w", err)
		}
		kept, ok := c.(*cxf.Passkey)
		if !ok {
			return nil, errKept
		}
		out = kept
	}
	out.RPID, out.CredentialID, out.UserHandle = p.RPID, bytes.Clone(p.CredentialID), bytes.Clone(p.UserHandle)
	out.Username, out.UserDisplayName = p.UserName, p.UserDisplayName
	out.Key, out.SignCount = bytes.Clone(p.PrivateKey), p.SignCount
	if !p.BackupEligible || !p.BackupState { // what sites take for granted is not said
		kdbx.SetBackupFlags(out, p.BackupEligible, p.BackupState)
	}
	return out, addExtensions(out, p)
}

// addExtensions overwrites the state of WebAuthn extensions where the record's is another one.
func addExtensions(out *cxf.Passkey, p *vault.Passkey) error {
	f := cxf.Fido2Extensions{}
	if out.Fido2Extensions != nil {
		f = *out.Fido2Extensions
	}
	used := out.Fido2Extensions != nil
	withUV, withoutUV, _ := out.PRF()
	if !bytes.Equal(withUV, p.CredWithUV) || !bytes.Equal(withoutUV, p.CredWithoutUV) {
		used = true
		f.HMACCredentials = nil
		if len(p.CredWithUV) > 0 || len(p.CredWithoutUV) > 0 {
			f.HMACCredentials = &cxf.Fido2HMACCredentials{
				Algorithm: cxf.HMACSHA256, CredWithUV: bytes.Clone(p.CredWithUV), CredWithoutUV: bytes.Clone(p.CredWithoutUV),
			}
		}
	}
	if !bytes.Equal(f.CredBlob, p.CredBlob) {
		used, f.CredBlob = true, bytes.Clone(p.CredBlob)
	}
	var plain []byte
	unread := false
	if f.LargeBlob != nil {
		var err error
		plain, err = f.LargeBlob.Inflate(vault.MaxLargeBlob)
		unread = err != nil
	}
	if !bytes.Equal(plain, p.LargeBlob) && !(unread && len(p.LargeBlob) == 0) {
		used, f.LargeBlob = true, nil
		if len(p.LargeBlob) > 0 {
			b, err := cxf.NewLargeBlob(p.LargeBlob)
			if err != nil {
				return fmt.Errorf("packing a large blob: %w", err)
			}
			f.LargeBlob = b
		}
	}
	if used {
		out.Fido2Extensions = &f
	}
	return nil
}

// restItem gives a vault item back as the CXF item it came as, without its passkeys.
func restItem(i *vault.Item, k *keptItem) (*cxf.Item, []placed, error) {
	it, _, err := cxf.UnmarshalItem(k.Item, &cxf.ReadOptions{Archive: true})
	if err != nil {
		return nil, nil, fmt.Errorf("reading a kept item: %w", err)
	}
	if i.Title != shorten(it.Title) {
		it.Title = i.Title
	}
	if millis(i.ModifiedAt) != k.Mod {
		it.ModifiedAt = i.ModifiedAt.Unix()
	}
	all := make([]placed, len(it.Credentials))
	for n, c := range it.Credentials {
		at := n
		if n < len(k.At) {
			at = k.At[n]
		}
		all[n] = placed{at: at, cred: c, of: i.ID}
	}
	it.Credentials = nil
	return it, all, nil
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
