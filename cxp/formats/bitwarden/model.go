package bitwarden

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/formats"
)

type text = formats.Loose

// folder is a folder, or a collection of an organization. Slashes in the name make it one in another.
type folder struct {
	ID   text `json:"id"`
	Name text `json:"name"`
}

// What an item's type can be.
const (
	typeLogin    = 1
	typeNote     = 2
	typeCard     = 3
	typeIdentity = 4
	typeSSHKey   = 5
	typeBank     = 6 // this and the next two since 2026
	typeLicense  = 7
	typePassport = 8
)

// item is an entry as it is read. Passkeys are decoded one by one, so that a bad one does not spoil the login.
type item struct {
	ID            text            `json:"id"`
	FolderID      text            `json:"folderId"`
	CollectionIDs []text          `json:"collectionIds"`
	Type          formats.Seconds `json:"type"`
	Reprompt      text            `json:"reprompt"`
	Name          text            `json:"name"`
	Notes         text            `json:"notes"`
	Favorite      text            `json:"favorite"`
	Fields        []field         `json:"fields"`
	Login         *login          `json:"login"`
	Card          *card           `json:"card"`
	Identity      *identity       `json:"identity"`
	SSHKey        *sshKey         `json:"sshKey"`
	Bank          *bankAccount    `json:"bankAccount"`
	License       *license        `json:"driversLicense"`
	Passport      *passport       `json:"passport"`
	History       []oldPassword   `json:"passwordHistory"`
	Revision      text            `json:"revisionDate"`
	Creation      text            `json:"creationDate"`
	Deleted       text            `json:"deletedDate"`
	Archived      text            `json:"archivedDate"`
}

// What a field's type can be.
const (
	fieldText    = 0
	fieldHidden  = 1
	fieldBoolean = 2
	fieldLinked  = 3
)

type field struct {
	Name  text            `json:"name"`
	Value text            `json:"value"`
	Type  formats.Seconds `json:"type"`
}

type oldPassword struct {
	LastUsed text `json:"lastUsedDate"`
	Password text `json:"password"`
}

type login struct {
	URIs     []uri            `json:"uris"`
	Username text             `json:"username"`
	Password text             `json:"password"`
	TOTP     text             `json:"totp"`
	Passkeys []jsontext.Value `json:"fido2Credentials"`
}

type uri struct {
	URI   text `json:"uri"`
	Match text `json:"match"`
}

// What an address's match can be, as far as it makes a difference here.
const (
	matchRegular = "4"
	matchNever   = "5"
)

// passkey is an entry of fido2Credentials as it is read; all of it is text.
type passkey struct {
	CredentialID    text `json:"credentialId"` // a UUID, or "b64." and base64url
	KeyType         text `json:"keyType"`
	KeyValue        text `json:"keyValue"` // base64url of PKCS#8
	RPID            text `json:"rpId"`
	UserHandle      text `json:"userHandle"` // base64url
	UserName        text `json:"userName"`
	UserDisplayName text `json:"userDisplayName"`
	Counter         text `json:"counter"`
}

type card struct {
	Cardholder text `json:"cardholderName"`
	Brand      text `json:"brand"`
	Number     text `json:"number"`
	ExpMonth   text `json:"expMonth"`
	ExpYear    text `json:"expYear"`
	Code       text `json:"code"`
}

type identity struct {
	Title      text `json:"title"`
	FirstName  text `json:"firstName"`
	MiddleName text `json:"middleName"`
	LastName   text `json:"lastName"`
	Address1   text `json:"address1"`
	Address2   text `json:"address2"`
	Address3   text `json:"address3"`
	City       text `json:"city"`
	State      text `json:"state"`
	PostalCode text `json:"postalCode"`
	Country    text `json:"country"`
	Company    text `json:"company"`
	Email      text `json:"email"`
	Phone      text `json:"phone"`
	SSN        text `json:"ssn"`
	Username   text `json:"username"`
	Passport   text `json:"passportNumber"`
	License    text `json:"licenseNumber"`
}

type sshKey struct {
	PrivateKey text `json:"privateKey"`
}

type bankAccount struct {
	Bank    text `json:"bankName"`
	Name    text `json:"nameOnAccount"`
	Type    text `json:"accountType"`
	Number  text `json:"accountNumber"`
	Routing text `json:"routingNumber"`
	Branch  text `json:"branchNumber"`
	PIN     text `json:"pin"`
	SWIFT   text `json:"swiftCode"`
	IBAN    text `json:"iban"`
	Phone   text `json:"bankContactPhone"`
}

type license struct {
	FirstName  text `json:"firstName"`
	MiddleName text `json:"middleName"`
	LastName   text `json:"lastName"`
	Birth      text `json:"dateOfBirth"` // this and the other dates as YYYY-MM-DD
	Number     text `json:"licenseNumber"`
	Country    text `json:"issuingCountry"`
	State      text `json:"issuingState"`
	Issued     text `json:"issueDate"`
	Expires    text `json:"expirationDate"`
	Authority  text `json:"issuingAuthority"`
	Class      text `json:"licenseClass"`
}

type passport struct {
	Surname     text `json:"surname"`
	Given       text `json:"givenName"`
	Birth       text `json:"dateOfBirth"`
	Sex         text `json:"sex"`
	BirthPlace  text `json:"birthPlace"`
	Nationality text `json:"nationality"`
	Country     text `json:"issuingCountry"`
	Number      text `json:"passportNumber"`
	Type        text `json:"passportType"`
	National    text `json:"nationalIdentificationNumber"`
	Authority   text `json:"issuingAuthority"`
	Issued      text `json:"issueDate"`
	Expires     text `json:"expirationDate"`
}
