package formats

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

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

// OpenSSH writes a private key in OpenSSH's own form, which most managers keep, its public key as a line of authorized_keys, and
// the fingerprint of that.
func OpenSSH(k *cxf.SSHKey) (private, public, fingerprint string, err error) {
	key, err := x509.ParsePKCS8PrivateKey(k.PrivateKey)
	if err != nil {
		return "", "", "", errors.New("is no PKCS#8 private key")
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return "", "", "", errors.New("is of a kind that is not known")
	}
	block, err := ssh.MarshalPrivateKey(key, k.KeyComment)
	if err != nil {
		return "", "", "", errors.New("is of a kind that is not known")
	}
	public = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
	if k.KeyComment != "" {
		public += " " + k.KeyComment
	}
	return string(pem.EncodeToMemory(block)), public, ssh.FingerprintSHA256(signer.PublicKey()), nil
}

// SSHKeyDetails are the members of a key that other managers have no place for, as labelled fields.
func SSHKeyDetails(k *cxf.SSHKey) []cxf.EditableField {
	fields, _ := Flatten(&cxf.SSHKey{CreationDate: k.CreationDate, ExpiryDate: k.ExpiryDate, KeyGenerationSource: k.KeyGenerationSource})
	return fields
}
