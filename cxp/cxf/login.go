package cxf

// BasicAuth is a user name and password, for a login form or HTTP Basic (CXF §3.3).
// The item SHOULD have a scope.
type BasicAuth struct {
	Username, Password *EditableField
	Extra              Extra
}

// APIKey is a key for a programming interface (CXF §3.3).
type APIKey struct {
	Key, Username, KeyType, URL *EditableField
	ValidFrom, ExpiryDate       *EditableField // date
	Extra                       Extra
}

// GeneratedPassword is a password out of a generator, without a login (CXF §3.3).
type GeneratedPassword struct {
	Password string
	Extra    Extra
}

// Note is free text (CXF §3.3).
type Note struct {
	Content *EditableField
	Extra   Extra
}

// CustomFields is a section of fields, labelled if the exporter knows sections (CXF §3.3).
type CustomFields struct {
	ID         string
	Label      string
	Fields     []EditableField
	Extensions []Extension
	Extra      Extra
}

// ItemReference points to another item, which may not have been sent (CXF §3.3).
type ItemReference struct {
	Reference LinkedItem
	Extra     Extra
}

// WIFI is a wireless network (CXF §3.3).
type WIFI struct {
	SSID *EditableField
	// NetworkSecurityType is "unsecured", "wpa-personal", "wpa2-personal",
	// "wpa3-personal", "wep", or something newer.
	NetworkSecurityType *EditableField
	Passphrase          *EditableField
	Hidden              *EditableField // boolean
	Extra               Extra
}

// CredentialType implements [Credential].
func (*BasicAuth) CredentialType() CredentialType { return TypeBasicAuth }

// CredentialType implements [Credential].
func (*APIKey) CredentialType() CredentialType { return TypeAPIKey }

// CredentialType implements [Credential].
func (*GeneratedPassword) CredentialType() CredentialType { return TypeGeneratedPassword }

// CredentialType implements [Credential].
func (*Note) CredentialType() CredentialType { return TypeNote }

// CredentialType implements [Credential].
func (*CustomFields) CredentialType() CredentialType { return TypeCustomFields }

// CredentialType implements [Credential].
func (*ItemReference) CredentialType() CredentialType { return TypeItemReference }

// CredentialType implements [Credential].
func (*WIFI) CredentialType() CredentialType { return TypeWIFI }

func (b *BasicAuth) describe(c codec) {
	c.extra(&b.Extra)
	c.field("username", &b.Username, FieldString)
	c.field("password", &b.Password, FieldConcealedString)
}

func (k *APIKey) describe(c codec) {
	c.extra(&k.Extra)
	c.field("key", &k.Key, FieldConcealedString)
	c.field("username", &k.Username, FieldString)
	c.field("keyType", &k.KeyType, FieldString)
	c.field("url", &k.URL, FieldString)
	c.field("validFrom", &k.ValidFrom, FieldDate)
	c.field("expiryDate", &k.ExpiryDate, FieldDate)
}

func (g *GeneratedPassword) describe(c codec) {
	c.extra(&g.Extra)
	c.text("password", &g.Password, required)
}

func (n *Note) describe(c codec) {
	c.extra(&n.Extra)
	c.requiredField("content", &n.Content, FieldString)
}

func (f *CustomFields) describe(c codec) {
	c.extra(&f.Extra)
	c.id("id", &f.ID, fieldID)
	c.text("label", &f.Label, optional)
	many(c, "fields", &f.Fields, expected)
	c.extensions(&f.Extensions, false)
}

func (r *ItemReference) describe(c codec) {
	c.extra(&r.Extra)
	one(c, "reference", &r.Reference, required)
}

func (w *WIFI) describe(c codec) {
	c.extra(&w.Extra)
	c.field("ssid", &w.SSID, FieldString)
	c.field("networkSecurityType", &w.NetworkSecurityType, FieldWIFINetworkSecurityType)
	c.field("passphrase", &w.Passphrase, FieldConcealedString)
	c.field("hidden", &w.Hidden, FieldBoolean)
}
