package cxf

import "encoding/json"

// CredentialType is the `type` of a credential (CXF §3.3). The enumeration is
// open: other values than the constants occur, and are kept as [Unknown].
type CredentialType string

// The 17 credential types of CXF 1.0.
const (
	TypeAddress           CredentialType = "address"
	TypeAPIKey            CredentialType = "api-key"
	TypeBasicAuth         CredentialType = "basic-auth"
	TypeCreditCard        CredentialType = "credit-card"
	TypeCustomFields      CredentialType = "custom-fields"
	TypeDriversLicense    CredentialType = "drivers-license"
	TypeFile              CredentialType = "file"
	TypeGeneratedPassword CredentialType = "generated-password"
	TypeIdentityDocument  CredentialType = "identity-document"
	TypeItemReference     CredentialType = "item-reference"
	TypeNote              CredentialType = "note"
	TypePasskey           CredentialType = "passkey"
	TypePassport          CredentialType = "passport"
	TypePersonName        CredentialType = "person-name"
	TypeSSHKey            CredentialType = "ssh-key"
	TypeTOTP              CredentialType = "totp"
	TypeWIFI              CredentialType = "wifi"
)

// CredentialTypes lists the 17 types of CXF 1.0, in alphabetical order.
func CredentialTypes() []CredentialType {
	return []CredentialType{
		TypeAddress, TypeAPIKey, TypeBasicAuth, TypeCreditCard, TypeCustomFields,
		TypeDriversLicense, TypeFile, TypeGeneratedPassword, TypeIdentityDocument,
		TypeItemReference, TypeNote, TypePasskey, TypePassport, TypePersonName,
		TypeSSHKey, TypeTOTP, TypeWIFI,
	}
}

// Credential is one of *[Address], *[APIKey], *[BasicAuth], *[CreditCard],
// *[CustomFields], *[DriversLicense], *[File], *[GeneratedPassword],
// *[IdentityDocument], *[ItemReference], *[Note], *[Passkey], *[Passport],
// *[PersonName], *[SSHKey], *[TOTP], *[WIFI] and *[Unknown]. Tell them apart with a
// type switch.
type Credential interface {
	// CredentialType is the value of the `type` member.
	CredentialType() CredentialType
	describer
}

// Unknown is a credential that is kept as it was sent, because its type is none
// of the 17 (§3.3 lets importers store these), because it uses an algorithm that
// must be ignored (a TOTP for Steam), or because it could not be read (a passkey
// whose key is not PKCS#8; the [Report] says why).
//
// The writer writes it back when it satisfies the standard: unknown types and
// algorithms do, what could not be read does not.
type Unknown struct {
	// Type is the type as sent, "" if there was none.
	Type CredentialType
	// Raw is the whole credential, compact JSON. It may hold secrets.
	Raw json.RawMessage
	// Broken says that the credential breaks the standard; false for a type or
	// algorithm that merely is not known.
	Broken bool
}

// CredentialType implements [Credential].
func (u *Unknown) CredentialType() CredentialType { return u.Type }

func (u *Unknown) describe(codec) {}

// newCredential makes an empty credential of a known type, nil for any other.
func newCredential(t CredentialType) Credential {
	switch t {
	case TypePasskey:
		return new(Passkey)
	case TypeBasicAuth:
		return new(BasicAuth)
	case TypeTOTP:
		return new(TOTP)
	case TypeNote:
		return new(Note)
	case TypeCreditCard:
		return new(CreditCard)
	case TypeAddress:
		return new(Address)
	case TypeAPIKey:
		return new(APIKey)
	case TypeCustomFields:
		return new(CustomFields)
	case TypeDriversLicense:
		return new(DriversLicense)
	case TypeFile:
		return new(File)
	case TypeGeneratedPassword:
		return new(GeneratedPassword)
	case TypeIdentityDocument:
		return new(IdentityDocument)
	case TypeItemReference:
		return new(ItemReference)
	case TypePassport:
		return new(Passport)
	case TypePersonName:
		return new(PersonName)
	case TypeSSHKey:
		return new(SSHKey)
	case TypeWIFI:
		return new(WIFI)
	}
	return nil
}
