package cxf

import (
	"bytes"
	"errors"
)

// What the standard demands of each type beyond its schema.

func (p *Passkey) beforeWrite(o *objectWriter) {
	if p.SignCount != 0 {
		o.fail(CodeCounter, "the passkey has a signature counter, and such passkeys must not be exported")
		return
	}
	if o.w.opts.SkipKeyCheck {
		if err := checkKey(p.Key, true); err != nil && !errors.Is(err, errKeyKind) {
			o.fail(CodeKey, keyReason(err))
		}
		return
	}
	key, err := ParsePrivateKey(p.Key)
	if w := o.w; w.unsupported && p.PublicKey == nil && errors.Is(err, errKeyKind) {
		return // read as such, and the standard does not say which kinds there are
	}
	if err != nil {
		o.fail(CodeKey, keyReason(err))
		return
	}
	if p.PublicKey != nil {
		public, err := key.PublicKeyDER()
		if err != nil || !bytes.Equal(public, p.PublicKey) {
			o.fail(CodeKey, "the private key does not give the public key of the registration")
		}
	}
}

func (k *SSHKey) beforeWrite(o *objectWriter) {
	if !validSSHKeyType(k.KeyType) {
		o.fail(CodeNotWritten, "its key type is no IANA name of an SSH key algorithm")
		return
	}
	if err := checkKey(k.PrivateKey, o.w.opts.SkipKeyCheck); err != nil && !errors.Is(err, errKeyKind) {
		o.fail(CodeKey, keyReason(err))
	}
}

func (b *Fido2LargeBlob) beforeWrite(o *objectWriter) {
	if _, err := b.Inflate(MaxLargeBlob); err != nil {
		o.fail(CodeLargeBlob, err.Error())
	}
}

func (f *File) beforeWrite(o *objectWriter) {
	if len(f.IntegrityHash) != 32 {
		o.fail(CodeNotWritten, "its integrity hash is not a SHA-256")
	}
}

func (e *Extension) beforeWrite(o *objectWriter) {
	switch {
	case e.Name == "":
		o.fail(CodeExtension, "the extension has no name")
	case e.Name == ExtensionShared && !o.w.sharable:
		o.fail(CodeExtension, "the extension shared belongs to collections and items only")
	case e.Name == ExtensionShared && e.Shared == nil:
		o.fail(CodeExtension, "the extension shared has no list of accessors")
	}
}

func (c *Collection) beforeWrite(o *objectWriter) {
	if c.SharedWithMe {
		o.fail(CodeNotOwned, "the collection belongs to somebody else")
	}
}

func (h *Fido2HMACCredentials) beforeWrite(o *objectWriter) {
	if len(h.CredWithUV) == 0 || len(h.CredWithoutUV) == 0 {
		o.fail(CodeHMAC, "there is no secret in it")
	}
}
