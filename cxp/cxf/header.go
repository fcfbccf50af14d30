package cxf

// Header is a whole CXF document: what one exporter hands to one importer
// (CXF §3.1). None of it is authenticated by CXF itself; in particular
// ExporterRPID is a claim, to be shown as text and never decided by.
type Header struct {
	// Version is the format level. The reader accepts 0 (the 2024 working
	// draft) and any 1.x; the writer always writes 1.0, the only published one.
	Version Version
	// ExporterRPID names the exporting app as a relying party ID, e.g. "vault.example".
	ExporterRPID string
	// ExporterDisplayName is the exporter's name for people.
	ExporterDisplayName string
	// Timestamp says when the document was completed, in UNIX seconds; 0 = unknown.
	Timestamp int64
	// Accounts are the accounts, at the exporter, that own the items.
	Accounts []Account
	// Extra holds members this package does not know.
	Extra Extra
}

// Version is a format level (CXF §3.1.1). A new major breaks, a new minor only adds.
type Version struct {
	Major, Minor uint8
	Extra        Extra
}

// Account is the person's account in the password manager, not at a web site:
// normally one per vault (CXF §3.2).
type Account struct {
	// ID is opaque: unpadded base64url of at most 64 bytes. See [NewID].
	ID string
	// Username is a pseudonym, "" if none was set.
	Username string
	// Email is the address the account was registered with, or "".
	Email string
	// FullName is optional.
	FullName string
	// Collections are the owned folders. Those shared by others do not belong here.
	Collections []Collection
	// Items are the owned items. Those shared by others do not belong here.
	Items []Item
	// Extensions are optional.
	Extensions []Extension
	// Extra holds members this package does not know.
	Extra Extra
}

// Collection is a folder, vault or group of items; they nest, and an item may be
// in several (CXF §3.2).
type Collection struct {
	ID string
	// CreationAt and ModifiedAt are UNIX seconds; 0 = absent.
	CreationAt, ModifiedAt int64
	Title                  string
	Subtitle               string
	// Items says what is inside; a link may point to an item that was not sent.
	Items          []LinkedItem
	SubCollections []Collection
	Extensions     []Extension
	// Extra holds members this package does not know.
	Extra Extra

	// SharedWithMe marks a collection that somebody else owns. It is no member
	// of CXF: the strict writer leaves such a collection out, as §3.2 demands.
	SharedWithMe bool
}

// LinkedItem points to an [Item] (CXF §3.2). Account is "" for the account the
// link stands in.
type LinkedItem struct {
	Item    string
	Account string
	Extra   Extra
}

func (h *Header) describe(c codec) {
	c.extra(&h.Extra)
	one(c, "version", &h.Version, expected)
	c.text("exporterRpId", &h.ExporterRPID, expected, "exporter")
	c.text("exporterDisplayName", &h.ExporterDisplayName, expected)
	c.timestamp("timestamp", &h.Timestamp)
	c.accounts("accounts", &h.Accounts)
}

func (v *Version) describe(c codec) {
	c.extra(&v.Extra)
	c.uint8("major", &v.Major)
	c.uint8("minor", &v.Minor)
}

func (a *Account) describe(c codec) {
	c.extra(&a.Extra)
	c.id("id", &a.ID, accountID)
	c.text("username", &a.Username, expected, "userName")
	c.text("email", &a.Email, expected)
	c.text("fullName", &a.FullName, optional)
	many(c, "collections", &a.Collections, expected)
	c.items("items", &a.Items)
	c.extensions(&a.Extensions, false)
}

func (col *Collection) describe(c codec) {
	c.extra(&col.Extra)
	c.id("id", &col.ID, collectionID)
	c.seconds("creationAt", &col.CreationAt)
	c.seconds("modifiedAt", &col.ModifiedAt)
	c.text("title", &col.Title, expected)
	c.text("subtitle", &col.Subtitle, optional)
	many(c, "items", &col.Items, expected)
	many(c, "subCollections", &col.SubCollections, optional)
	c.extensions(&col.Extensions, true)
	c.private("sharedWithMe", &col.SharedWithMe)
}

func (l *LinkedItem) describe(c codec) {
	c.extra(&l.Extra)
	c.id("item", &l.Item, linkToItem)
	c.id("account", &l.Account, linkToAccount)
}
