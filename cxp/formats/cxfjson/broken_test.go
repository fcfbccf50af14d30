package cxfjson

import (
	"fmt"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// TestBrokenEntriesSpoilNothingElse reads documents with one thing wrong in them: exactly the rest is read, and exactly this is
// said.
func TestBrokenEntriesSpoilNothingElse(t *testing.T) {
	p, _ := kit.NewPasskey(t, "cxf.example", "ada", "ES256", 16)
	raw, err := cxf.MarshalCredential(p)
	if err != nil {
		t.Fatal(err)
	}
	passkey := func(change string) string { return `{"type":"passkey",` + change + `}` }
	for _, c := range []struct {
		name, credential string
		unreadable       int
		report           []string
	}{
		{"a good one", string(raw), 0, nil},
		{"no key", passkey(`"credentialId":"AAAA","rpId":"a.example","username":"","userDisplayName":"","userHandle":"AA"`), 1, []string{"Bad → passkey 1: the key is missing"}},
		{"a key that is none", passkey(`"credentialId":"AAAA","rpId":"a.example","username":"","userDisplayName":"","userHandle":"AA","key":"AAAA"`), 1, []string{"Bad → passkey 1: the key is not PKCS#8"}},
		{"a key that is no base64", passkey(`"credentialId":"AAAA","rpId":"a.example","username":"","userDisplayName":"","userHandle":"AA","key":"***"`), 1, []string{"Bad → passkey 1: the key is not base64url"}},
		{"no credential ID", passkey(`"rpId":"a.example","username":"","userDisplayName":"","userHandle":"AA","key":"AAAA"`), 1, []string{"Bad → passkey 1: the credentialId is missing"}},
		{"an ID that is a list", passkey(`"credentialId":[],"rpId":"a.example","username":"","userDisplayName":"","userHandle":"AA","key":"AAAA"`), 1, []string{"Bad → passkey 1: the credentialId is not base64url"}},
		{"a passkey of the draft", passkey(`"credentialId":"AAAA","rpId":"a.example","userName":"ada","userDisplayName":"","userHandle":"AA","key":7`), 1, []string{"Bad → passkey 1: the key is not base64url"}},
		{"a number", `7`, 1, []string{"Bad → credential 1: is not an object; it is kept but cannot be used"}},
		{"no type", `{"username":{"fieldType":"string","value":"ada"}}`, 1, []string{"Bad → credential 1: has no type; it is kept but cannot be used"}},
		{"an unknown type", `{"type":"hologram","x":1}`, 0, []string{"Bad → hologram 1: is of a type that is not known here; it is kept as it is"}},
		{"a TOTP without secret", `{"type":"totp","period":30,"digits":6,"algorithm":"sha1"}`, 1, []string{"Bad → totp 1: the secret is missing"}},
		{"a TOTP of no Base32", `{"type":"totp","secret":"0189","period":30,"digits":6,"algorithm":"sha1"}`, 1, []string{"Bad → totp 1: the secret is not Base32"}},
		{"a TOTP of an unknown algorithm", `{"type":"totp","secret":"JBSWY3DPEHPK3PXP","period":30,"digits":6,"algorithm":"steam"}`, 1, []string{"Bad → totp 1 → algorithm: is not one that the standard knows; it is kept but must not be used"}},
		{"a login of numbers", `{"type":"basic-auth","username":7,"password":{"fieldType":"concealed-string","value":8}}`, 0, []string{"Bad → basic-auth 1 → username: is a bare value instead of a field", "Bad → basic-auth 1 → password: has a value that is not text but was read as such"}},
		{"a note of lists", `{"type":"note","content":[]}`, 1, []string{"Bad → note 1: the content is not an object"}},
		{"a file without a name of its own", `{"type":"file","name":"a.txt","decryptedSize":1,"integrityHash":"AA"}`, 1, []string{"Bad → file 1: the id is missing"}},
		{"a date that is none", `{"type":"passport","expiryDate":{"fieldType":"date","value":"soon"}}`, 0, []string{"Bad → passport 1 → expiryDate: is not a date of the form YYYY-MM-DD"}},
	} {
		doc := fmt.Sprintf(`{"version":{"major":1,"minor":0},"exporterRpId":"a.example","exporterDisplayName":"A","timestamp":1700000000,"accounts":[{"id":"AA","username":"","email":"",`+
			`"collections":[],"items":[{"id":"AQ","title":"Bad","credentials":[%s,{"type":"note","content":{"fieldType":"string","value":"kept"}}]},`+
			`{"id":"Ag","title":"Good","credentials":[{"type":"note","content":{"fieldType":"string","value":"kept"}}]}]}]}`, c.credential)
		r := kit.MustRead(t, Format{}, []byte(doc), "")
		kit.Reports(t, r.Report, c.report...)
		if r.Report.Unreadable != c.unreadable {
			t.Errorf("%s: %d are unreadable", c.name, r.Report.Unreadable)
		}
		for _, title := range []string{"Bad", "Good"} {
			if kit.Only[*cxf.Note](t, kit.Item(t, r, title)).Content.Text() != "kept" {
				t.Errorf("%s: the note of %s is lost", c.name, title)
			}
		}
	}
}
