package bitwarden

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

func TestEverything(t *testing.T) {
	r := kit.MustRead(t, Format{}, kit.Testdata(t, "everything.json"), "")
	kit.Reports(t, r.Report,
		"Everything → address: is a pattern; it was kept as a field",
		"Everything → field link: only repeated another field and was left out",
		"Everything: was to be shown only after asking for the master password again; Keyferry has no such setting",
		"Card without date → expiry date: is no year and month; it was kept as a field",
		"Locked SSH key → ssh-key 1: is encrypted with a password of its own; it was kept as a hidden field",
		"Bad TOTP → totp 1: this is no time-based one-time password: its secret is not Base32; it was kept as a hidden field",
		"Trashed: was in Bitwarden's trash and was left there",
		"Counter → passkey 1: has a signature counter (42), which is kept but no longer counts up",
		"From the future: is of a kind that Keyferry does not know (type 9); what it holds was kept as fields (hologram)",
		"items say that they are in a folder that is not in the file: 1",
	)
	if r.Report.Items != 14 || r.Report.LeftOut != 1 || r.Report.Unreadable != 0 || r.Report.Credentials[cxf.TypePasskey] != 3 {
		t.Errorf("counted %+v", r.Report)
	}
	it := kit.Item(t, r, "Everything")
	p := kit.Only[*cxf.Passkey](t, it)
	if p.RPID != "site.example" || string(p.UserHandle) != "user-1" || len(p.CredentialID) != 16 || p.CredentialID[0] != 0x0b {
		t.Errorf("passkey %+v", p)
	}
	totp := kit.Only[*cxf.TOTP](t, it)
	if totp.Digits != 8 || totp.Period != 60 || totp.Algorithm != "sha256" || totp.Issuer != "Site" {
		t.Errorf("totp %+v", totp)
	}
	if !it.Favorite || !slices.Equal(it.Scope.URLs, []string{"https://site.example/login", "https://bare.example"}) || it.Scope.AndroidApps[0].BundleID != "com.example.site" {
		t.Errorf("item %+v scope %+v", it, it.Scope)
	}
	var labels []string
	for _, c := range it.Credentials {
		if section, ok := c.(*cxf.CustomFields); ok {
			for _, f := range section.Fields {
				labels = append(labels, section.Label+"/"+f.Label+"="+f.Value+" "+string(f.Type))
			}
		}
	}
	if want := []string{
		`/Address=^https://.*\.example$ string`, "/open=one string", "/hidden=two concealed-string", "/yes=true boolean", "/no=false boolean",
		"Password history/2024-12-31T00:00:00.000Z=older concealed-string",
	}; !slices.Equal(labels, want) {
		t.Errorf("fields %q", labels)
	}
	paths := formats.Paths(&r.Header.Accounts[0])
	if got := paths[it.ID]; len(got) != 1 || !slices.Equal(got[0], []string{"Work", "Servers"}) {
		t.Errorf("folders %v", got)
	}
	card := kit.Only[*cxf.CreditCard](t, kit.Item(t, r, "Card"))
	if card.ExpiryDate.Text() != "2031-04" || card.CardType.Text() != "Visa" {
		t.Errorf("card %+v", card)
	}
	address := kit.Only[*cxf.Address](t, kit.Item(t, r, "Identity"))
	if address.StreetAddress.Text() != "12 Square\nFloor 2" || address.Tel.Text() != "+44 20" {
		t.Errorf("address %+v", address)
	}
	if key := kit.Only[*cxf.SSHKey](t, kit.Item(t, r, "SSH key")); key.KeyType != "ssh-ed25519" {
		t.Errorf("ssh key %q", key.KeyType)
	}
	if steam := kit.Only[*cxf.Unknown](t, kit.Item(t, r, "Steam")); steam.Type != cxf.TypeTOTP {
		t.Errorf("steam %+v", steam)
	}
}

func TestBrokenEntriesSpoilNothingElse(t *testing.T) {
	r := kit.MustRead(t, Format{}, kit.Testdata(t, "broken.json"), "")
	kit.Reports(t, r.Report,
		"a folder: is not of the expected form",
		"a folder: has something unexpected at name",
		"no passkey ID → passkey 1: has no credential ID",
		"odd passkey ID → passkey 1: has a credential ID that is neither a UUID nor base64",
		"bad b64 ID → passkey 1: has a credential ID that is no base64",
		"no key → passkey 1: has no private key",
		"key not base64 → passkey 1: has a private key that is no base64",
		"key not PKCS#8 → passkey 1: the private key cannot be used: the key is not PKCS#8",
		"key cut short → passkey 1: the private key cannot be used: the key is not PKCS#8",
		"no relying party → passkey 1: names no relying party",
		"bad user handle → passkey 1: has a user handle that is no base64",
		"bad counter → passkey 1: has a signature counter that is no number",
		"another key type → passkey 1: is a credential of another kind than public-key",
		"passkey is a list → passkey 1: is not of the expected form",
		"passkey is text → passkey 1: is not of the expected form",
		"second passkey is bad → passkey 2: the private key cannot be used: the key is not PKCS#8",
		"long user handle → passkey 1: has a user handle of more than 64 bytes, which is against the standard",
		"login is text: has something unexpected at login, so the entry was left out",
		"entry 17: has something unexpected at name, so the entry was left out",
		"entry 18: is not of the expected form, so the entry was left out",
		"entry 19: is not of the expected form, so the entry was left out",
		"entry 20: is not of the expected form, so the entry was left out",
		"entry 21: is not of the expected form, so the entry was left out",
		"notes are a list: has something unexpected at notes, so the entry was left out",
	)
	it := kit.Item(t, r, "second passkey is bad")
	kit.Only[*cxf.Passkey](t, it)
	if kit.Only[*cxf.BasicAuth](t, it).Password.Text() != "still here" {
		t.Error("the login was spoilt")
	}
	kit.Item(t, r, "good")
}

func TestOrganization(t *testing.T) {
	r := kit.MustRead(t, Format{}, kit.Testdata(t, "organization.json"), "")
	kit.Reports(t, r.Report)
	if got := formats.Paths(&r.Header.Accounts[0])[kit.Item(t, r, "Shared login").ID]; len(got) != 1 || !slices.Equal(got[0], []string{"Team", "Shared"}) {
		t.Errorf("folders %v", got)
	}
}

func TestZipWithAttachments(t *testing.T) {
	const id = "attachments/00000001-0000-4000-8000-000000000000/"
	data := kit.Zip(t, [2]string{"data.json", string(kit.Testdata(t, "organization.json"))},
		[2]string{id + "recovery codes.txt", "1234"}, [2]string{id + "../../etc/passwd", "not a path"},
		[2]string{"attachments/gone/lost.txt", "lost"})
	r := kit.MustRead(t, Format{}, data, "")
	kit.Reports(t, r.Report, "lost.txt: was left out: its item is not in the file")
	if got := kit.File(t, r, "recovery codes.txt"); string(got) != "1234" || r.Variant != "zip with attachments" {
		t.Errorf("%q, %q", got, r.Variant)
	}
	if got := kit.File(t, r, "../../etc/passwd"); string(got) != "not a path" {
		t.Errorf("%q", got)
	}
}

// Types of 2026, an archived item, and a key in the form in which Bitwarden took it from Apple.
func TestNewerItems(t *testing.T) {
	p, public := kit.NewPasskey(t, "apple.example", "ada", "ES256", 36)
	key, err := cxf.ParsePrivateKey(p.Key)
	if err != nil {
		t.Fatal(err)
	}
	older, err := x509.MarshalECPrivateKey(key.Signer.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	doc := fmt.Sprintf(`{"encrypted":false,"folders":[],"items":[
		{"type":1,"name":"Rules","login":{"username":"u","uris":[{"uri":"https://a.example","match":3},{"uri":"https://never.example","match":5},
			{"uri":"https://b.example/.*","match":4}]}},
		{"type":6,"name":"Bank","bankAccount":{"bankName":"Ferry Bank","accountNumber":"123","pin":"9","iban":null,"accountType":"checking"}},
		{"type":7,"name":"License","driversLicense":{"firstName":"Ada","middleName":"A.","lastName":"Lovelace","dateOfBirth":"1990-01-15",
			"licenseNumber":"D1","issuingCountry":"us","issuingState":"CA","issueDate":"long ago","expirationDate":"2028-06-01","licenseClass":"C"}},
		{"type":8,"name":"Passport","notes":"n","passport":{"surname":"Lovelace","givenName":"Ada","sex":"F","passportNumber":"P1","issuingCountry":"GB",
			"nationalIdentificationNumber":"N1","expirationDate":"2030-06-01"}},
		{"type":1,"name":"From Apple","archivedDate":"2026-02-22T22:50:32.662Z","login":{"fido2Credentials":[{"credentialId":"b64.%s","keyType":"public-key",
			"keyValue":%q,"rpId":"apple.example","userHandle":"%s","counter":"0","discoverable":"true"}]}}]}`,
		base64.RawURLEncoding.EncodeToString(p.CredentialID), base64.StdEncoding.EncodeToString(older), base64.RawURLEncoding.EncodeToString(p.UserHandle))
	r := kit.MustRead(t, Format{}, []byte(doc), "")
	kit.Reports(t, r.Report, "Rules → address: says where never to fill it in; it was kept as a field",
		"Rules → address: is a pattern; it was kept as a field", `From Apple: was archived; it was taken with the tag "Archived"`)
	if rules := kit.Item(t, r, "Rules"); !slices.Equal(rules.Scope.URLs, []string{"https://a.example"}) || len(kit.Only[*cxf.CustomFields](t, rules).Fields) != 2 {
		t.Errorf("rules %+v", rules)
	}
	bank := kit.Only[*cxf.CustomFields](t, kit.Item(t, r, "Bank"))
	if len(bank.Fields) != 4 || bank.Fields[2].Label != "Account number" || bank.Fields[2].Type != cxf.FieldConcealedString || bank.Label != "Bank account" {
		t.Errorf("bank %+v", bank)
	}
	l := kit.Only[*cxf.DriversLicense](t, kit.Item(t, r, "License"))
	if l.FullName.Text() != "Ada A. Lovelace" || l.BirthDate.Type != cxf.FieldDate || l.IssueDate.Type != cxf.FieldString || l.Country.Text() != "US" || l.Territory.Text() != "CA" {
		t.Errorf("license %+v", l)
	}
	passport := kit.Item(t, r, "Passport")
	if d := kit.Only[*cxf.Passport](t, passport); d.PassportNumber.Text() != "P1" || d.ExpiryDate.Text() != "2030-06-01" || d.NationalIdentificationNumber.Text() != "N1" {
		t.Errorf("passport %+v", d)
	}
	if n := kit.Only[*cxf.PersonName](t, passport); n.Surname.Text() != "Lovelace" {
		t.Errorf("name %+v", n)
	}
	kit.SignIn(t, kit.Only[*cxf.Passkey](t, kit.Item(t, r, "From Apple")), public)
}
