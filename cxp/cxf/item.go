package cxf

// Item is one entry of a vault: a title, where it applies, and any number of
// credentials, also several of one type (CXF §3.2).
//
// An Item can be stored on its own: see [MarshalItem] and [UnmarshalItem].
type Item struct {
	// ID is opaque: unpadded base64url of at most 64 bytes, unique in its account.
	ID string
	// CreationAt and ModifiedAt are UNIX seconds; 0 = absent.
	CreationAt, ModifiedAt int64
	Title                  string
	Subtitle               string
	Favorite               bool
	// Scope says where the credentials may be offered, nil = nowhere in particular.
	// It does not govern passkeys: their RP ID does.
	Scope       *CredentialScope
	Credentials []Credential
	Tags        []string
	Extensions  []Extension
	// Extra holds members this package does not know.
	Extra Extra

	// SharedWithMe marks an item that somebody else owns. It is no member of
	// CXF: the strict writer leaves such an item out, as §3.2 and the `shared`
	// extension demand.
	SharedWithMe bool
}

// CredentialScope says where an item's credentials may be offered (CXF §3.2.4).
type CredentialScope struct {
	// URLs are absolute URLs; the reader turns bare hosts into https URLs.
	URLs        []string
	AndroidApps []AndroidAppID
	Extra       Extra
}

// AndroidAppID is an Android app an item belongs to (CXF §3.2.4). An app whose
// Certificate is absent or does not match must never be filled in.
type AndroidAppID struct {
	BundleID    string
	Certificate *AndroidAppCertificateFingerprint
	Name        string
	Extra       Extra
}

// AndroidAppCertificateFingerprint is the hash of an app's public signing
// certificate: the bytes of the hash, not its hex text.
type AndroidAppCertificateFingerprint struct {
	Fingerprint []byte
	// HashAlg is "sha256" or "sha512". With any other value the fingerprint
	// must be ignored, which leaves the app without a certificate.
	HashAlg string
	Extra   Extra
}

func (it *Item) describe(c codec) {
	c.extra(&it.Extra)
	c.id("id", &it.ID, itemID)
	c.seconds("creationAt", &it.CreationAt)
	c.seconds("modifiedAt", &it.ModifiedAt)
	c.text("title", &it.Title, expected)
	c.text("subtitle", &it.Subtitle, optional)
	c.boolean("favorite", &it.Favorite)
	maybe(c, "scope", &it.Scope)
	c.credentials("credentials", &it.Credentials)
	c.texts("tags", &it.Tags, optional)
	c.extensions(&it.Extensions, true)
	c.private("sharedWithMe", &it.SharedWithMe)
}

func (s *CredentialScope) describe(c codec) {
	c.extra(&s.Extra)
	c.urls("urls", &s.URLs)
	many(c, "androidApps", &s.AndroidApps, expected)
}

func (a *AndroidAppID) describe(c codec) {
	c.extra(&a.Extra)
	c.text("bundleId", &a.BundleID, expected)
	maybe(c, "certificate", &a.Certificate)
	c.text("name", &a.Name, optional)
}

func (f *AndroidAppCertificateFingerprint) describe(c codec) {
	c.extra(&f.Extra)
	c.binary("fingerprint", &f.Fingerprint, required)
	c.enum("hashAlg", &f.HashAlg, required, []string{"sha256", "sha512"}, "hashAlgorithm")
}
