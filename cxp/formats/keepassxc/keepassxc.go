// Package keepassxc reads the .passkey files that KeePassXC writes, one passkey each, unencrypted: a JSON object of six
// texts. It is not written: what is to go to KeePassXC goes as a KDBX database (package kdbx), encrypted.
//
// The file says neither algorithm, flags, PRF secrets nor dates; the algorithm follows from the key.
package keepassxc

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// maxFile is the largest file that is read, in bytes: an RSA-8192 key has 6 KiB.
const maxFile = 1 << 20

// Format is the format of KeePassXC's .passkey files.
type Format struct{}

// ID implements formats.Format.
func (Format) ID() string { return "keepassxc-passkey" }

// Name implements formats.Format.
func (Format) Name() string { return "KeePassXC passkey file" }

// Holds implements formats.Format.
func (Format) Holds() formats.Holds { return formats.Holds{Passkeys: true} }

// Detect implements formats.Format.
func (Format) Detect(p *formats.Probe) formats.Confidence {
	members := p.JSON()
	for _, name := range []string{"relyingParty", "credentialId", "privateKey"} {
		if !formats.Has(members, name, 0) {
			return formats.No
		}
	}
	return formats.Likely
}

// passkeyFile is the whole file.
type passkeyFile struct {
	RelyingParty string  `json:"relyingParty"`
	URL          string  `json:"url"`
	Username     string  `json:"username"`
	CredentialID *string `json:"credentialId"` // base64url
	UserHandle   *string `json:"userHandle"`   // base64url
	PrivateKey   *string `json:"privateKey"`   // PKCS#8 as PEM
}

// Read implements formats.Format. A file holds one passkey, so one that cannot be read makes an error that wraps
// formats.ErrDamaged.
func (f Format) Read(ctx context.Context, in *formats.Input) (*formats.Result, error) {
	if err := in.CheckSize(maxFile); err != nil {
		return nil, err
	}
	d := jsontext.NewDecoder(in.Reader(ctx, true))
	if d.PeekKind() != '{' {
		return nil, fmt.Errorf("it is no JSON object: %w", formats.ErrNotThis)
	}
	var file passkeyFile
	if err := formats.Next(d, &file); err != nil {
		return nil, err
	}
	if err := formats.End(d); err != nil {
		return nil, err
	}
	passkey, err := file.passkey()
	if err != nil {
		return nil, err
	}
	b := formats.NewBuilder(ctx, f, in)
	b.Result().Plaintext = true
	it := b.NewItem("", file.RelyingParty)
	it.Subtitle = file.Username
	it.AddSites(file.URL)
	it.AddPasskey(passkey)
	if problem := b.Report().Diagnostics; b.Report().Unreadable > 0 {
		return nil, formats.Damaged("passkey", errors.New(problem[len(problem)-1].Message))
	}
	if err := it.Done(); err != nil {
		return nil, err
	}
	return b.Finish()
}

// passkey decodes the file's texts. The user handle may be empty, but not absent: then the file is of something else.
func (file *passkeyFile) passkey() (*cxf.Passkey, error) {
	switch {
	case file.CredentialID == nil:
		return nil, formats.Damaged("passkey", errors.New("credentialId is missing"))
	case file.UserHandle == nil:
		return nil, formats.Damaged("passkey", errors.New("userHandle is missing"))
	case file.PrivateKey == nil:
		return nil, formats.Damaged("passkey", errors.New("privateKey is missing"))
	}
	id, err := formats.DecodeBase64(*file.CredentialID)
	if err != nil {
		return nil, formats.Damaged("credentialId", err)
	}
	handle, err := formats.DecodeBase64(*file.UserHandle)
	if err != nil {
		return nil, formats.Damaged("userHandle", err)
	}
	key, err := formats.DecodePEM(*file.PrivateKey)
	if err != nil {
		return nil, formats.Damaged("privateKey", err)
	}
	return &cxf.Passkey{
		CredentialID: id, RPID: file.RelyingParty, Username: file.Username, UserDisplayName: file.Username,
		UserHandle: handle, Key: key,
	}, nil
}
