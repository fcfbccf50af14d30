package cxf

// TOTP makes time-based one-time passwords, RFC 6238 (CXF §3.3). One with an
// algorithm outside the standard is never a TOTP but an [Unknown], so that
// nobody computes wrong codes from it.
type TOTP struct {
	// Secret is Base32 text, upper case without padding.
	Secret string
	// Period is in seconds. 0 lets the writer put in 30.
	Period uint16
	// Digits is the length of a code. 0 lets the writer put in 6.
	Digits   uint16
	Username string
	// Algorithm is "sha1", "sha256" or "sha512". "" lets the writer put in "sha1".
	Algorithm string
	Issuer    string
	Extra     Extra
}

// SSHKey is a private SSH key (CXF §3.3).
type SSHKey struct {
	// KeyType is an IANA SSH public key algorithm name, e.g. "ssh-ed25519".
	KeyType string
	// PrivateKey is PKCS#8 DER, unencrypted.
	PrivateKey []byte
	KeyComment string
	// CreationDate and ExpiryDate are dates.
	CreationDate, ExpiryDate *EditableField
	KeyGenerationSource      *EditableField
	Extra                    Extra
}

// File stands for an attached file, whose bytes travel beside the document
// (CXF §3.3). See [File.Verify].
type File struct {
	// ID names the file in the archive, base64url, at most 64 bytes: safe as a file name.
	ID   string
	Name string
	// DecryptedSize is in bytes.
	DecryptedSize uint64
	// IntegrityHash is the SHA-256 of the file.
	IntegrityHash []byte
	Extra         Extra
}

// CredentialType implements [Credential].
func (*TOTP) CredentialType() CredentialType { return TypeTOTP }

// CredentialType implements [Credential].
func (*SSHKey) CredentialType() CredentialType { return TypeSSHKey }

// CredentialType implements [Credential].
func (*File) CredentialType() CredentialType { return TypeFile }

func (t *TOTP) describe(c codec) {
	c.extra(&t.Extra)
	c.base32("secret", &t.Secret)
	c.uint16("period", &t.Period, defaultPeriod)
	c.uint16("digits", &t.Digits, defaultDigits)
	c.text("username", &t.Username, optional)
	c.otpAlgorithm("algorithm", &t.Algorithm)
	c.text("issuer", &t.Issuer, optional)
}

func (k *SSHKey) describe(c codec) {
	c.extra(&k.Extra)
	c.text("keyType", &k.KeyType, required)
	c.binary("privateKey", &k.PrivateKey, required)
	c.text("keyComment", &k.KeyComment, optional)
	c.field("creationDate", &k.CreationDate, FieldDate)
	c.field("expiryDate", &k.ExpiryDate, FieldDate, "expirationDate")
	c.field("keyGenerationSource", &k.KeyGenerationSource, FieldString)
}

func (f *File) describe(c codec) {
	c.extra(&f.Extra)
	c.id("id", &f.ID, fileID)
	c.text("name", &f.Name, expected)
	c.size("decryptedSize", &f.DecryptedSize)
	c.binary("integrityHash", &f.IntegrityHash, required, "integrationHash")
}
