package formats

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"errors"

	"golang.org/x/crypto/ssh"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// maxSSHKey is the longest SSH key that is read, in bytes of text.
const maxSSHKey = 64 << 10

// SSHKey reads a private SSH key as managers keep it: PEM text, OpenSSH's own form, PKCS#8 or an older one, not encrypted.
func SSHKey(text string) (*cxf.SSHKey, error) {
	if len(text) > maxSSHKey {
		return nil, errors.New("is too long for an SSH key")
	}
	key, err := ssh.ParseRawPrivateKey([]byte(text))
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return nil, errors.New("is encrypted with a password of its own")
	}
	if err != nil {
		return nil, errors.New("is no SSH key that can be read")
	}
	if k, ok := key.(*ed25519.PrivateKey); ok {
		key = *k
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("is of a kind that is not known")
	}
	pub, err := ssh.NewPublicKey(signer.Public())
	if err != nil {
		return nil, errors.New("is of a kind that is not known")
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, errors.New("is of a kind that is not known")
	}
	return &cxf.SSHKey{KeyType: pub.Type(), PrivateKey: der}, nil
}

// AddSSHKey adds a private SSH key; one that cannot be read is kept as a hidden field and reported.
func (it *ItemBuilder) AddSSHKey(text, comment string) {
	if text == "" {
		return
	}
	part := it.NextPart(cxf.TypeSSHKey)
	key, err := SSHKey(text)
	if err != nil {
		it.Report(cxf.Warning, CodeNoPlace, part, err.Error()+"; it was kept as a hidden field")
		it.AddFields("", []cxf.EditableField{{Type: cxf.FieldConcealedString, Label: "SSH private key", Value: text}})
		return
	}
	key.KeyComment = comment
	it.Add(key)
}
