package cxf

import "slices"

// ExtensionShared is the only extension registered with CXF 1.0. Others are
// called EXPORTER_RP_ID/NAME.
const ExtensionShared = "shared"

// Extension adds to an Account, Collection, Item, CustomFields or EditableField
// (CXF §3.4).
type Extension struct {
	Name string
	// Shared is the content of the extension "shared", nil for all others.
	Shared *Shared
	// Extra holds the members of any other extension.
	Extra Extra
}

// Shared says who else may use a Collection or Item. Importing it grants nobody
// anything: it is a record of what was.
type Shared struct {
	Accessors []SharingAccessor
}

// SharingAccessor is one person or group that something is shared with.
type SharingAccessor struct {
	// Type is "user" or "group"; accessors of any other type are to be ignored.
	Type string
	// AccountID is the accessor's account.
	AccountID string
	// Name is the user's name or the group's.
	Name string
	// Permissions are "read", "readSecret", "update", "create", "delete",
	// "share", "manage"; others are to be ignored.
	Permissions []string
	Extra       Extra
}

// Permissions lists the sharing permissions of CXF 1.0.
func Permissions() []string {
	return []string{"read", "readSecret", "update", "create", "delete", "share", "manage"}
}

// Effective returns the accessors that an importer may regard: of a known type,
// reduced to known permissions, and none whose permissions are thereby empty.
func (s *Shared) Effective() []SharingAccessor {
	if s == nil {
		return nil
	}
	var out []SharingAccessor
	known := Permissions()
	for _, a := range s.Accessors {
		if a.Type != "user" && a.Type != "group" {
			continue
		}
		var ps []string
		for _, p := range a.Permissions {
			if slices.Contains(known, p) {
				ps = append(ps, p)
			}
		}
		if len(ps) > 0 {
			a.Permissions = ps
			out = append(out, a)
		}
	}
	return out
}

func (e *Extension) describe(c codec) {
	c.extra(&e.Extra)
	c.text("name", &e.Name, expected)
	if e.Name == ExtensionShared {
		c.shared(&e.Shared)
	}
}

func (a *SharingAccessor) describe(c codec) {
	c.extra(&a.Extra)
	c.text("type", &a.Type, expected)
	c.id("accountId", &a.AccountID, foreignID)
	c.text("name", &a.Name, expected)
	c.texts("permissions", &a.Permissions, expected)
}
