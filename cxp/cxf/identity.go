package cxf

// Address is a postal address (CXF §3.3). Lines of StreetAddress are separated by "\n".
type Address struct {
	StreetAddress, PostalCode, City *EditableField
	Territory                       *EditableField // subdivision-code
	Country                         *EditableField // country-code
	Tel                             *EditableField
	Extra                           Extra
}

// CreditCard is a payment card (CXF §3.3).
type CreditCard struct {
	Number, FullName, CardType, VerificationNumber, PIN *EditableField
	ExpiryDate, ValidFrom                               *EditableField // year-month
	Extra                                               Extra
}

// DriversLicense holds the mandatory data of ISO 18013-1 (CXF §3.3).
type DriversLicense struct {
	FullName                         *EditableField
	BirthDate, IssueDate, ExpiryDate *EditableField // date
	IssuingAuthority                 *EditableField
	Territory                        *EditableField // subdivision-code
	Country                          *EditableField // country-code
	LicenseNumber, LicenseClass      *EditableField
	Extra                            Extra
}

// IdentityDocument is a national identity card, social security number, tax or
// health card number (CXF §3.3). DocumentNumber changes with each reissue,
// IdentificationNumber stays with the person.
type IdentityDocument struct {
	IssuingCountry                       *EditableField // country-code
	DocumentNumber, IdentificationNumber *EditableField
	Nationality, FullName                *EditableField
	BirthDate                            *EditableField // date
	BirthPlace, Sex                      *EditableField
	IssueDate, ExpiryDate                *EditableField // date
	IssuingAuthority                     *EditableField
	Extra                                Extra
}

// Passport holds the data of ICAO 9303-4 (CXF §3.3). PassportType must be an ICAO
// document code such as "P" or "PP".
type Passport struct {
	IssuingCountry               *EditableField // country-code
	PassportType, PassportNumber *EditableField
	NationalIdentificationNumber *EditableField
	Nationality, FullName        *EditableField
	BirthDate                    *EditableField // date
	BirthPlace, Sex              *EditableField
	IssueDate, ExpiryDate        *EditableField // date
	IssuingAuthority             *EditableField
	Extra                        Extra
}

// PersonName is a name in parts after LDML part 8 (CXF §3.3). An exporter that has
// only a full name SHOULD NOT split it by itself.
type PersonName struct {
	Title, Given, GivenInformal, Given2 *EditableField
	SurnamePrefix, Surname, Surname2    *EditableField
	Credentials, Generation             *EditableField
	Extra                               Extra
}

// CredentialType implements [Credential].
func (*Address) CredentialType() CredentialType { return TypeAddress }

// CredentialType implements [Credential].
func (*CreditCard) CredentialType() CredentialType { return TypeCreditCard }

// CredentialType implements [Credential].
func (*DriversLicense) CredentialType() CredentialType { return TypeDriversLicense }

// CredentialType implements [Credential].
func (*IdentityDocument) CredentialType() CredentialType { return TypeIdentityDocument }

// CredentialType implements [Credential].
func (*Passport) CredentialType() CredentialType { return TypePassport }

// CredentialType implements [Credential].
func (*PersonName) CredentialType() CredentialType { return TypePersonName }

func (a *Address) describe(c codec) {
	c.extra(&a.Extra)
	c.lines("streetAddress", &a.StreetAddress)
	c.field("postalCode", &a.PostalCode, FieldString)
	c.field("city", &a.City, FieldString)
	c.field("territory", &a.Territory, FieldSubdivisionCode)
	c.field("country", &a.Country, FieldCountryCode)
	c.field("tel", &a.Tel, FieldString)
}

func (k *CreditCard) describe(c codec) {
	c.extra(&k.Extra)
	c.field("number", &k.Number, FieldConcealedString)
	c.field("fullName", &k.FullName, FieldString)
	c.field("cardType", &k.CardType, FieldString)
	c.field("verificationNumber", &k.VerificationNumber, FieldConcealedString)
	c.field("pin", &k.PIN, FieldConcealedString)
	c.field("expiryDate", &k.ExpiryDate, FieldYearMonth)
	c.field("validFrom", &k.ValidFrom, FieldYearMonth)
}

func (d *DriversLicense) describe(c codec) {
	c.extra(&d.Extra)
	c.field("fullName", &d.FullName, FieldString)
	c.field("birthDate", &d.BirthDate, FieldDate)
	c.field("issueDate", &d.IssueDate, FieldDate)
	c.field("expiryDate", &d.ExpiryDate, FieldDate)
	c.field("issuingAuthority", &d.IssuingAuthority, FieldString)
	c.field("territory", &d.Territory, FieldSubdivisionCode)
	c.field("country", &d.Country, FieldCountryCode)
	c.field("licenseNumber", &d.LicenseNumber, FieldString)
	c.field("licenseClass", &d.LicenseClass, FieldString)
}

func (d *IdentityDocument) describe(c codec) {
	c.extra(&d.Extra)
	c.field("issuingCountry", &d.IssuingCountry, FieldCountryCode)
	c.field("documentNumber", &d.DocumentNumber, FieldString)
	c.field("identificationNumber", &d.IdentificationNumber, FieldString)
	c.field("nationality", &d.Nationality, FieldString)
	c.field("fullName", &d.FullName, FieldString)
	c.field("birthDate", &d.BirthDate, FieldDate)
	c.field("birthPlace", &d.BirthPlace, FieldString)
	c.field("sex", &d.Sex, FieldString)
	c.field("issueDate", &d.IssueDate, FieldDate)
	c.field("expiryDate", &d.ExpiryDate, FieldDate)
	c.field("issuingAuthority", &d.IssuingAuthority, FieldString)
}

func (p *Passport) describe(c codec) {
	c.extra(&p.Extra)
	c.field("issuingCountry", &p.IssuingCountry, FieldCountryCode)
	c.documentCode("passportType", &p.PassportType)
	c.field("passportNumber", &p.PassportNumber, FieldString)
	c.field("nationalIdentificationNumber", &p.NationalIdentificationNumber, FieldString)
	c.field("nationality", &p.Nationality, FieldString)
	c.field("fullName", &p.FullName, FieldString)
	c.field("birthDate", &p.BirthDate, FieldDate)
	c.field("birthPlace", &p.BirthPlace, FieldString)
	c.field("sex", &p.Sex, FieldString)
	c.field("issueDate", &p.IssueDate, FieldDate)
	c.field("expiryDate", &p.ExpiryDate, FieldDate)
	c.field("issuingAuthority", &p.IssuingAuthority, FieldString)
}

func (n *PersonName) describe(c codec) {
	c.extra(&n.Extra)
	c.field("title", &n.Title, FieldString)
	c.field("given", &n.Given, FieldString)
	c.field("givenInformal", &n.GivenInformal, FieldString)
	c.field("given2", &n.Given2, FieldString)
	c.field("surnamePrefix", &n.SurnamePrefix, FieldString)
	c.field("surname", &n.Surname, FieldString)
	c.field("surname2", &n.Surname2, FieldString)
	c.field("credentials", &n.Credentials, FieldString)
	c.field("generation", &n.Generation, FieldString)
}
