package formats

import (
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Flatten turns a credential into labelled fields, for a manager that has no such type. It reports false for passkeys, files,
// one-time passwords, references and what is not known: those are more than text.
func Flatten(c cxf.Credential) ([]cxf.EditableField, bool) {
	var list fieldList
	add := list.add
	switch c := c.(type) {
	case *cxf.BasicAuth:
		add("User name", c.Username)
		add("Password", conceal(c.Password))
	case *cxf.GeneratedPassword:
		add("Password", ConcealedField(c.Password))
	case *cxf.Note:
		add("Note", c.Content)
	case *cxf.CustomFields:
		for i := range c.Fields {
			add(c.Label, &c.Fields[i])
		}
	case *cxf.APIKey:
		add("API key", conceal(c.Key))
		add("User name", c.Username)
		add("Key type", c.KeyType)
		add("URL", c.URL)
		add("Valid from", c.ValidFrom)
		add("Expiry date", c.ExpiryDate)
	case *cxf.WIFI:
		add("Network name", c.SSID)
		add("Security", c.NetworkSecurityType)
		add("Network password", conceal(c.Passphrase))
		add("Hidden network", c.Hidden)
	case *cxf.CreditCard:
		add("Card number", conceal(c.Number))
		add("Cardholder", c.FullName)
		add("Card type", c.CardType)
		add("Verification number", conceal(c.VerificationNumber))
		add("PIN", conceal(c.PIN))
		add("Expiry date", c.ExpiryDate)
		add("Valid from", c.ValidFrom)
	case *cxf.SSHKey:
		add("Key type", TextField(c.KeyType))
		if len(c.PrivateKey) > 0 {
			add("SSH private key", ConcealedField(EncodePEM(c.PrivateKey)))
		}
		add("Comment", TextField(c.KeyComment))
		add("Creation date", c.CreationDate)
		add("Expiry date", c.ExpiryDate)
		add("Source", c.KeyGenerationSource)
	default:
		return flattenIdentity(c)
	}
	return list, true
}

// flattenIdentity is Flatten for what describes a person.
func flattenIdentity(c cxf.Credential) ([]cxf.EditableField, bool) {
	var list fieldList
	add := list.add
	switch c := c.(type) {
	case *cxf.PersonName:
		add("Title", c.Title)
		add("First name", c.Given)
		add("Nickname", c.GivenInformal)
		add("Middle name", c.Given2)
		add("Surname prefix", c.SurnamePrefix)
		add("Last name", c.Surname)
		add("Second last name", c.Surname2)
		add("Credentials", c.Credentials)
		add("Generation", c.Generation)
	case *cxf.Address:
		add("Street address", c.StreetAddress)
		add("Postal code", c.PostalCode)
		add("City", c.City)
		add("Territory", c.Territory)
		add("Country", c.Country)
		add("Telephone", c.Tel)
	case *cxf.DriversLicense:
		add("Full name", c.FullName)
		add("Date of birth", c.BirthDate)
		add("Issue date", c.IssueDate)
		add("Expiry date", c.ExpiryDate)
		add("Issuing authority", c.IssuingAuthority)
		add("Territory", c.Territory)
		add("Country", c.Country)
		add("License number", c.LicenseNumber)
		add("License class", c.LicenseClass)
	case *cxf.Passport:
		add("Issuing country", c.IssuingCountry)
		add("Passport type", c.PassportType)
		add("Passport number", c.PassportNumber)
		add("National identification number", c.NationalIdentificationNumber)
		add("Nationality", c.Nationality)
		add("Full name", c.FullName)
		add("Date of birth", c.BirthDate)
		add("Place of birth", c.BirthPlace)
		add("Sex", c.Sex)
		add("Issue date", c.IssueDate)
		add("Expiry date", c.ExpiryDate)
		add("Issuing authority", c.IssuingAuthority)
	case *cxf.IdentityDocument:
		add("Issuing country", c.IssuingCountry)
		add("Document number", c.DocumentNumber)
		add("Identification number", c.IdentificationNumber)
		add("Nationality", c.Nationality)
		add("Full name", c.FullName)
		add("Date of birth", c.BirthDate)
		add("Place of birth", c.BirthPlace)
		add("Sex", c.Sex)
		add("Issue date", c.IssueDate)
		add("Expiry date", c.ExpiryDate)
		add("Issuing authority", c.IssuingAuthority)
	default:
		return nil, false
	}
	return list, true
}

// fieldList collects fields that are not empty.
type fieldList []cxf.EditableField

func (l *fieldList) add(label string, f *cxf.EditableField) {
	if f.Text() == "" {
		return
	}
	out := *f
	if out.Label == "" {
		out.Label = label
	}
	*l = append(*l, out)
}

// conceal makes a hidden field of one that an exporter left open.
func conceal(f *cxf.EditableField) *cxf.EditableField {
	if f == nil {
		return nil
	}
	out := *f
	out.Type = cxf.FieldConcealedString
	return &out
}

// FullName puts a name together, in the order of most languages that these managers are used in.
func FullName(n *cxf.PersonName) string {
	var parts []string
	for _, f := range []*cxf.EditableField{n.Title, n.Given, n.Given2, n.SurnamePrefix, n.Surname, n.Surname2, n.Generation} {
		if f.Text() != "" {
			parts = append(parts, f.Text())
		}
	}
	return strings.Join(parts, " ")
}
