package protonpass

// exportVersion is the version of Proton Pass whose exports the written ones are like.
const exportVersion = "1.36.1"

type writtenVault struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Display     display `json:"display"`
}

type display struct {
	Color int `json:"color"`
	Icon  int `json:"icon"`
}

// writtenItem is an entry as it is written.
type writtenItem struct {
	ItemID  string      `json:"itemId"`
	ShareID string      `json:"shareId"`
	Data    writtenData `json:"data"`
	State   int         `json:"state"`
	Alias   *string     `json:"aliasEmail"`
	Version int         `json:"contentFormatVersion"`
	Create  int64       `json:"createTime"`
	Modify  int64       `json:"modifyTime"`
	Pinned  bool        `json:"pinned"`
	Shares  int         `json:"shareCount"`
	Files   []string    `json:"files"`
}

type writtenData struct {
	Metadata    writtenMetadata `json:"metadata"`
	ExtraFields []writtenField  `json:"extraFields"`
	Type        string          `json:"type"`
	Content     any             `json:"content"`
}

type writtenMetadata struct {
	Name string `json:"name"`
	Note string `json:"note"`
	UUID string `json:"itemUuid"`
}

type writtenField struct {
	Name string           `json:"fieldName"`
	Type string           `json:"type"`
	Data writtenFieldData `json:"data"`
}

type writtenFieldData struct {
	Content *string `json:"content,omitzero"`
	TOTP    *string `json:"totpUri,omitzero"`
}

type writtenSection struct {
	Name   string         `json:"sectionName"`
	Fields []writtenField `json:"sectionFields"`
}

type writtenLogin struct {
	Email    string           `json:"itemEmail"`
	Password string           `json:"password"`
	URLs     []string         `json:"urls"`
	TOTP     string           `json:"totpUri"`
	Passkeys []writtenPasskey `json:"passkeys"`
	Username string           `json:"itemUsername"`
}

type writtenPasskey struct {
	KeyID           string         `json:"keyId"`
	Content         []byte         `json:"content"`
	Domain          string         `json:"domain"`
	RPID            string         `json:"rpId"`
	RPName          string         `json:"rpName"`
	UserName        string         `json:"userName"`
	UserDisplayName string         `json:"userDisplayName"`
	UserID          []byte         `json:"userId"`
	CreateTime      int64          `json:"createTime"`
	Note            string         `json:"note"`
	CredentialID    []byte         `json:"credentialId"`
	UserHandle      []byte         `json:"userHandle"`
	CreationData    passkeyOrigins `json:"creationData"`
}

type passkeyOrigins struct {
	OS         string `json:"osName"`
	OSVersion  string `json:"osVersion"`
	Device     string `json:"deviceName"`
	AppVersion string `json:"appVersion"`
}

type writtenCard struct {
	Cardholder string `json:"cardholderName"`
	Type       int    `json:"cardType"`
	Number     string `json:"number"`
	Code       string `json:"verificationNumber"`
	Expiry     string `json:"expirationDate"`
	PIN        string `json:"pin"`
}

type writtenSSH struct {
	PrivateKey string           `json:"privateKey"`
	PublicKey  string           `json:"publicKey"`
	Sections   []writtenSection `json:"sections"`
}

type writtenWIFI struct {
	SSID     string           `json:"ssid"`
	Password string           `json:"password"`
	Security int              `json:"security"`
	Sections []writtenSection `json:"sections"`
}

type writtenCustom struct {
	Sections []writtenSection `json:"sections"`
}

// identityTexts are the members of an identity that are text; all must be there.
func identityTexts() []string {
	return []string{
		"fullName", "email", "phoneNumber", "firstName", "middleName", "lastName", "birthdate", "gender",
		"organization", "streetAddress", "zipOrPostalCode", "city", "stateOrProvince", "countryOrRegion", "floor", "county",
		"socialSecurityNumber", "passportNumber", "licenseNumber", "website", "xHandle", "secondPhoneNumber", "linkedin",
		"reddit", "facebook", "yahoo", "instagram", "company", "jobTitle", "personalWebsite", "workPhoneNumber", "workEmail",
	}
}

// identityLists are those that are lists.
func identityLists() []string {
	return []string{"extraPersonalDetails", "extraAddressDetails", "extraContactDetails", "extraWorkDetails", "extraSections"}
}
