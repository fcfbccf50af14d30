package cxf

import (
	"errors"
	"strings"
)

// What each type looks at once it has been read as a whole.

func (p *Passkey) afterRead(o *objectReader) {
	if len(p.CredentialID) == 0 {
		o.fail(CodeMissing, "the credential ID is empty")
		return
	}
	if p.RPID == "" {
		o.fail(CodeMissing, "the RP ID is empty")
		return
	}
	o.checkKey(p.Key)
}

func (k *SSHKey) afterRead(o *objectReader) {
	// SSH has kinds of keys that WebAuthn has not: their form must do.
	if err := o.r.opts.checkKey(k.PrivateKey); err != nil && !errors.Is(err, errKeyKind) {
		o.fail(CodeKey, keyReason(err))
		return
	}
	if !validSSHKeyType(k.KeyType) {
		o.r.add(Notice, CodeUnknownValue, "keyType", "is no IANA name of an SSH key algorithm")
	}
}

// checkKey checks a passkey's key. One of a kind that we do not know satisfies
// the standard, but we could not sign with it.
func (o *objectReader) checkKey(der []byte) {
	switch err := o.r.opts.checkKey(der); {
	case err == nil:
	case errors.Is(err, errKeyKind):
		o.unsupported = true
		o.r.add(Problem, CodeKey, "", keyReason(err)+"; it is kept as it is")
	default:
		o.fail(CodeKey, keyReason(err))
	}
}

func (b *Fido2LargeBlob) afterRead(o *objectReader) {
	if _, err := b.Inflate(MaxLargeBlob); err != nil {
		o.fail(CodeLargeBlob, err.Error())
	}
}

// afterRead looks for the single secret of the 2024 draft.
func (f *Fido2Extensions) afterRead(o *objectReader) {
	m := o.find("hmacSecret", nil)
	if m == nil || f.HMACCredentials != nil || o.find("hmacCredentials", nil) != nil || m.value[0] != '{' {
		return
	}
	child := o.r.open(m.value)
	if child == nil {
		return
	}
	defer o.r.close(child)
	var algorithm string
	var secret []byte
	if a := child.find("algorithm", nil); a != nil && a.value[0] == '"' {
		algorithm = unquote(a.value)
	}
	if s := child.find("secret", nil); s != nil && s.value[0] == '"' {
		secret, _, _ = decodeBase64(rawText(s.value))
	}
	known := strings.EqualFold(algorithm, "HS256") || algorithm == HMACSHA256
	if !known || len(secret) != 32 {
		o.r.add(Warning, CodeHMAC, "hmacSecret", "is a PRF secret of an earlier draft that cannot be used; it is kept aside")
		return
	}
	m.used = true
	f.HMACCredentials = &Fido2HMACCredentials{Algorithm: HMACSHA256, CredWithUV: secret, CredWithoutUV: secret}
	o.r.add(Warning, CodeHMAC, "hmacSecret", "is the single PRF secret of an earlier draft; it is used both with and without user verification")
}

func (h *Fido2HMACCredentials) afterRead(o *objectReader) {
	if len(h.CredWithUV) == 0 && len(h.CredWithoutUV) == 0 {
		o.fail(CodeHMAC, "there is no secret in it")
		return
	}
	if h.Algorithm == HMACSHA256 && (len(h.CredWithUV) != 32 || len(h.CredWithoutUV) != 32) {
		o.r.add(Notice, CodeHMAC, "", "has secrets of other than 32 bytes")
	}
}

// afterRead notes links to check at the end: what they point to may come later.
func (l *LinkedItem) afterRead(o *objectReader) {
	r := o.r
	if r.opts.alone || len(r.links) >= r.opts.MaxDiagnostics {
		return
	}
	account := l.Account
	if account == "" || account == r.account0 {
		if _, ok := r.ids[l.Item]; ok {
			return
		}
		account = r.account0
	}
	kept, dropped := r.mark()
	r.add(Notice, CodeDangling, "", "points to an item that is not in this document")
	if n, _ := r.mark(); n > kept {
		r.links = append(r.links, link{account: account, item: l.Item, of: r.account, where: r.report.Diagnostics[kept]})
	}
	r.rewind(kept, dropped)
}

// checkLinks reports the links that lead nowhere.
func (r *reader) checkLinks() {
	for _, l := range r.links {
		ids := r.accounts[l.account]
		if l.account == "" && l.of < len(r.perAccount) {
			ids = r.perAccount[l.of]
		}
		if _, ok := ids[l.item]; ok {
			continue
		}
		if len(r.report.Diagnostics) >= r.limit {
			r.report.Dropped++
			continue
		}
		r.report.Diagnostics = append(r.report.Diagnostics, l.where)
	}
}

// afterRead moves the URLs of the 2024 draft out of the credential's way. They
// become the item's scope in afterRead of [Item].
func (b *BasicAuth) afterRead(o *objectReader) {
	if o.r.hasScope || o.find("urls", nil) == nil {
		return // a scope must never become broader: the URLs are kept aside
	}
	var urls []string
	o.urls("urls", &urls)
	if len(urls) > 0 {
		o.r.add(Notice, CodeOldShape, "urls", "belong to the item's scope and were moved there")
		o.r.oldURLs = append(o.r.oldURLs, urls...)
	}
}

func (*CredentialScope) afterRead(o *objectReader) { o.r.hasScope = true }

func (it *Item) afterRead(o *objectReader) {
	if it.Scope == nil && len(o.r.oldURLs) > 0 {
		it.Scope = &CredentialScope{URLs: o.r.oldURLs}
	}
	o.r.oldURLs, o.r.hasScope = nil, false
}

func (f *File) afterRead(o *objectReader) {
	if len(f.IntegrityHash) != 32 {
		o.r.add(Warning, CodeFieldValue, "integrityHash", "is not a SHA-256, so the file cannot be verified")
	}
}
