package protonpass

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/formats"
)

type text = formats.Loose

// stateTrashed is the state of an item in the trash.
const stateTrashed = 2

// item is an entry as it is read. What depends on its type stays JSON until that is known.
type item struct {
	ItemID     text            `json:"itemId"`
	FolderID   text            `json:"folderId"` // since 2026
	Data       data            `json:"data"`
	State      formats.Seconds `json:"state"`
	AliasEmail text            `json:"aliasEmail"`
	CreateTime formats.Seconds `json:"createTime"`
	ModifyTime formats.Seconds `json:"modifyTime"`
	Pinned     text            `json:"pinned"`
	Files      []text          `json:"files"`
}

type data struct {
	Metadata struct {
		Name text `json:"name"`
		Note text `json:"note"`
	} `json:"metadata"`
	ExtraFields []field        `json:"extraFields"`
	Type        text           `json:"type"`
	Content     jsontext.Value `json:"content"`
}

// field is a field of the person's own.
type field struct {
	Name text `json:"fieldName"`
	Type text `json:"type"` // text, hidden, totp or timestamp
	Data struct {
		Content   text `json:"content"`
		TOTP      text `json:"totpUri"`
		Timestamp text `json:"timestamp"`
	} `json:"data"`
}

type section struct {
	Name   text    `json:"sectionName"`
	Fields []field `json:"sectionFields"`
}

type loginContent struct {
	Email    text             `json:"itemEmail"`
	Username text             `json:"itemUsername"`
	OldName  text             `json:"username"` // before version 1.18
	Password text             `json:"password"`
	URLs     []text           `json:"urls"`
	Autofill []autofill       `json:"autofillUrls"` // since 2026; URLs then has those of the usual mode only
	TOTP     text             `json:"totpUri"`
	Passkeys []jsontext.Value `json:"passkeys"`
}

// autofill is an address and how it is held against a page's.
type autofill struct {
	URL  text `json:"url"`
	Mode text `json:"mode"`
}

// What an address's mode can be, as far as it makes a difference here.
const (
	modeNever   = "2"
	modePattern = "4"
	modeRegular = "5"
)

// folder is a folder of a vault.
type folder struct {
	ID     text `json:"folderId"`
	Parent text `json:"parentFolderId"`
	Name   text `json:"name"`
}

// passkey is what is read of a passkey; its content says the rest, and is what Proton Pass signs in with.
type passkey struct {
	KeyID           text `json:"keyId"`   // base64url of the credential ID
	Content         text `json:"content"` // base64
	RPID            text `json:"rpId"`
	UserName        text `json:"userName"`
	UserDisplayName text `json:"userDisplayName"`
	UserHandle      text `json:"userHandle"` // base64
	Note            text `json:"note"`
}

type cardContent struct {
	Cardholder text `json:"cardholderName"`
	Number     text `json:"number"`
	Code       text `json:"verificationNumber"`
	Expiry     text `json:"expirationDate"` // 2028-05, earlier 052028
	PIN        text `json:"pin"`
}

type sshContent struct {
	PrivateKey text      `json:"privateKey"`
	PublicKey  text      `json:"publicKey"`
	Sections   []section `json:"sections"`
}

type wifiContent struct {
	SSID     text      `json:"ssid"`
	Password text      `json:"password"`
	Security text      `json:"security"`
	Sections []section `json:"sections"`
}

type customContent struct {
	Sections []section `json:"sections"`
}

// identityContent is a person; its members by their names.
type identityContent map[string]jsontext.Value

// wifiSecurity are Proton's numbers for CXF's names.
func wifiSecurity() map[string]string {
	return map[string]string{"1": "wpa-personal", "2": "wpa2-personal", "3": "wpa3-personal", "4": "wep"}
}
