package bitwarden

// writtenItem is an entry as it is written, in Bitwarden's own order, with its nulls.
type writtenItem struct {
	History      []writtenOld     `json:"passwordHistory"`
	Revision     string           `json:"revisionDate"`
	Creation     string           `json:"creationDate"`
	Deleted      *string          `json:"deletedDate"`
	ID           string           `json:"id"`
	Organization *string          `json:"organizationId"`
	FolderID     *string          `json:"folderId"`
	Type         int              `json:"type"`
	Reprompt     int              `json:"reprompt"`
	Name         string           `json:"name"`
	Notes        *string          `json:"notes"`
	Favorite     bool             `json:"favorite"`
	Fields       []writtenField   `json:"fields"`
	Login        *writtenLogin    `json:"login,omitzero"`
	Note         *writtenNote     `json:"secureNote,omitzero"`
	Card         *writtenCard     `json:"card,omitzero"`
	Identity     *writtenIdentity `json:"identity,omitzero"`
	SSHKey       *writtenSSHKey   `json:"sshKey,omitzero"`
	Collections  []string         `json:"collectionIds"`
}

type writtenOld struct {
	LastUsed string `json:"lastUsedDate"`
	Password string `json:"password"`
}

type writtenField struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Type     int    `json:"type"`
	LinkedID *int   `json:"linkedId"`
}

type writtenLogin struct {
	Passkeys []*writtenPasskey `json:"fido2Credentials"`
	URIs     []writtenURI      `json:"uris"`
	Username *string           `json:"username"`
	Password *string           `json:"password"`
	TOTP     *string           `json:"totp"`
}

type writtenURI struct {
	Match *int   `json:"match"`
	URI   string `json:"uri"`
}

type writtenNote struct {
	Type int `json:"type"`
}

type writtenCard struct {
	Cardholder *string `json:"cardholderName"`
	Brand      *string `json:"brand"`
	Number     *string `json:"number"`
	ExpMonth   *string `json:"expMonth"`
	ExpYear    *string `json:"expYear"`
	Code       *string `json:"code"`
}

type writtenIdentity struct {
	Title      *string `json:"title"`
	FirstName  *string `json:"firstName"`
	MiddleName *string `json:"middleName"`
	LastName   *string `json:"lastName"`
	Address1   *string `json:"address1"`
	Address2   *string `json:"address2"`
	Address3   *string `json:"address3"`
	City       *string `json:"city"`
	State      *string `json:"state"`
	PostalCode *string `json:"postalCode"`
	Country    *string `json:"country"`
	Company    *string `json:"company"`
	Email      *string `json:"email"`
	Phone      *string `json:"phone"`
	SSN        *string `json:"ssn"`
	Username   *string `json:"username"`
	Passport   *string `json:"passportNumber"`
	License    *string `json:"licenseNumber"`
}

type writtenSSHKey struct {
	PrivateKey  string `json:"privateKey"`
	PublicKey   string `json:"publicKey"`
	Fingerprint string `json:"keyFingerprint"`
}
