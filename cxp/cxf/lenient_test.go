package cxf

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// passkeyJSON is a passkey with a sound key; extra is put at its end.
func passkeyJSON(t testing.TB, extra string) string {
	t.Helper()
	return `{"type":"passkey","credentialId":"AQID","rpId":"example.com","username":"u","userDisplayName":"U","userHandle":"BAU","key":"` +
		base64.RawURLEncoding.EncodeToString(testKey(t)) + `"` + extra + `}`
}

func TestDeviationsAreReadAndReported(t *testing.T) {
	password := `{"type":"basic-auth","username":{"fieldType":"string","value":"u"}}`
	for _, c := range []struct {
		name, document string
		code           Code
		path           string
		check          func(h *Header) bool
	}{
		{"times counted from 2001, too late", document(`{"id":"aXRlbQ","title":"T","creationAt":2735237468,"credentials":[]}`),
			CodeTime2001, "T → creationAt", func(h *Header) bool { return h.Accounts[0].Items[0].CreationAt == 1756930268 }},
		{"times counted from 2001, too early, from an exporter that shows no date", `{"accounts":[{"id":"YQ","username":"","email":"","collections":[],"items":[{"id":"aXRlbQ","title":"T","creationAt":721692800,"credentials":[]}]}],"version":{"major":1,"minor":0},"exporterRpId":"x","exporterDisplayName":"X","timestamp":771692800}`,
			CodeTime2001, "T → creationAt", func(h *Header) bool {
				return h.Accounts[0].Items[0].CreationAt == 1_700_000_000 && h.Timestamp == 1_750_000_000
			}},
		{"Google's missing date", document(`{"id":"aXRlbQ","title":"T","creationAt":-11644473600,"modifiedAt":-10109545249,"credentials":[]}`),
			CodeTimeRange, "T → modifiedAt", func(h *Header) bool {
				return h.Accounts[0].Items[0].CreationAt == 0 && h.Accounts[0].Items[0].ModifiedAt == 0
			}},
		{"a time of 64 bits", document(`{"id":"aXRlbQ","title":"T","creationAt":18446744073709551615,"credentials":[]}`),
			CodeTimeRange, "T → creationAt", func(h *Header) bool { return h.Accounts[0].Items[0].CreationAt == 0 }},
		{"a time with a fraction", document(`{"id":"aXRlbQ","title":"T","creationAt":1700000000.75,"credentials":[]}`),
			CodeTimeForm, "T → creationAt", func(h *Header) bool { return h.Accounts[0].Items[0].CreationAt == 1_700_000_000 }},
		{"a time as text", document(`{"id":"aXRlbQ","title":"T","creationAt":"1700000000","credentials":[]}`),
			CodeTimeForm, "T → creationAt", func(h *Header) bool { return h.Accounts[0].Items[0].CreationAt == 1_700_000_000 }},
		{"padded base64", withCredential(strings.Replace(passkeyJSON(t, ""), `"BAU"`, `"BAU="`, 1)),
			CodeBase64, "GitHub → passkey 1 → userHandle", func(h *Header) bool {
				return bytes.Equal(firstCredential(t, h).(*Passkey).UserHandle, []byte{4, 5})
			}},
		{"the standard alphabet", withCredential(strings.Replace(passkeyJSON(t, ""), `"BAU"`, `"+/+/"`, 1)),
			CodeBase64, "GitHub → passkey 1 → userHandle", func(h *Header) bool {
				return hex.EncodeToString(firstCredential(t, h).(*Passkey).UserHandle) == "fbffbf"
			}},
		{"a bare host", document(`{"id":"aXRlbQ","title":"T","scope":{"urls":["example.com:8443/login"],"androidApps":[]},"credentials":[]}`),
			CodeURL, "T → scope → urls 1", func(h *Header) bool {
				return h.Accounts[0].Items[0].Scope.URLs[0] == "https://example.com:8443/login"
			}},
		{"the tag ty", withCredential(strings.Replace(password, `"type"`, `"ty"`, 1)),
			CodeOldShape, "GitHub → basic-auth 1", func(h *Header) bool { return firstCredential(t, h).(*BasicAuth).Username.Text() == "u" }},
		{"the tag ty of an unknown type", withCredential(`{"ty":"future","a":1}`),
			CodeUnknownType, "GitHub → future 1", func(h *Header) bool {
				return string(firstCredential(t, h).(*Unknown).Raw) == `{"type":"future","a":1}`
			}},
		{"an early name of passkeys", withCredential(strings.Replace(passkeyJSON(t, ""), `"passkey"`, `"public-key"`, 1)),
			CodeOldShape, "GitHub → passkey 1", func(h *Header) bool { return firstCredential(t, h).CredentialType() == TypePasskey }},
		{"types in camel case", withCredential(strings.Replace(password, `basic-auth`, `BasicAuth`, 1)),
			CodeOldShape, "GitHub → basic-auth 1", func(h *Header) bool { return firstCredential(t, h).CredentialType() == TypeBasicAuth }},
		{"a number as value", withCredential(`{"type":"custom-fields","fields":[{"fieldType":"number","value":42.50}]}`),
			CodeWrongKind, "GitHub → custom-fields 1 → fields 1", func(h *Header) bool { return firstCredential(t, h).(*CustomFields).Fields[0].Value == "42.50" }},
		{"a boolean as value", withCredential(`{"type":"wifi","hidden":{"fieldType":"boolean","value":true}}`),
			CodeWrongKind, "GitHub → wifi 1 → hidden", func(h *Header) bool { return firstCredential(t, h).(*WIFI).Hidden.Value == "true" }},
		{"a bare value as field", withCredential(`{"type":"note","content":"text"}`),
			CodeOldShape, "GitHub → note 1 → content", func(h *Header) bool {
				f := firstCredential(t, h).(*Note).Content
				return f.Value == "text" && f.Type == FieldString
			}},
		{"an e-mail address where text is expected", withCredential(`{"type":"basic-auth","username":{"fieldType":"EMail","value":"a@b.c"}}`),
			CodeFieldType, "GitHub → basic-auth 1 → username", func(h *Header) bool { return firstCredential(t, h).(*BasicAuth).Username.Type == FieldEmail }},
		{"an empty id of an item", document(`{"id":"","title":"T","credentials":[]}`),
			CodeID, "T → id", func(h *Header) bool { return len(h.Accounts[0].Items[0].ID) == 22 }},
		{"an id that is no base64", document(`{"id":"{not base64}","title":"T","credentials":[]}`),
			CodeID, "T → id", func(h *Header) bool { return h.Accounts[0].Items[0].ID == replacementID("{not base64}") }},
		{"one id for two items", document(`{"id":"YQ","title":"A","credentials":[]},{"id":"YQ==","title":"B","credentials":[]}`),
			CodeID, "B → id", func(h *Header) bool { return h.Accounts[0].Items[0].ID != h.Accounts[0].Items[1].ID }},
		{"a padded TOTP secret in lower case", withCredential(`{"type":"totp","secret":"jbsw y3dp-ehpk3pxp====","period":30,"digits":6,"algorithm":"SHA-1"}`),
			CodeSecret, "GitHub → totp 1 → secret", func(h *Header) bool {
				totp := firstCredential(t, h).(*TOTP)
				return totp.Secret == "JBSWY3DPEHPK3PXP" && totp.Algorithm == "sha1"
			}},
		{"a TOTP that says nothing", withCredential(`{"type":"totp","secret":"JBSWY3DPEHPK3PXP"}`),
			CodeMissing, "GitHub → totp 1 → algorithm", func(h *Header) bool {
				totp := firstCredential(t, h).(*TOTP)
				return totp.Period == 30 && totp.Digits == 6 && totp.Algorithm == "sha1"
			}},
		{"a passkey without names", withCredential(strings.Replace(passkeyJSON(t, ""), `"username":"u","userDisplayName":"U",`, "", 1)),
			CodeMissing, "GitHub → passkey 1 → userDisplayName", func(h *Header) bool { return firstCredential(t, h).(*Passkey).Username == "" }},
		{"the user name of the 2024 draft", withCredential(strings.Replace(passkeyJSON(t, ""), `"username"`, `"userName"`, 1)),
			CodeOldShape, "GitHub → passkey 1 → username", func(h *Header) bool { return firstCredential(t, h).(*Passkey).Username == "u" }},
		{"the URLs of the 2024 draft", withCredential(`{"type":"basic-auth","urls":["https://example.com"]}`),
			CodeOldShape, "GitHub → basic-auth 1 → urls", func(h *Header) bool { return h.Accounts[0].Items[0].Scope.URLs[0] == "https://example.com" }},
		{"an SSH key's expiry in an interim draft", withCredential(`{"type":"ssh-key","keyType":"ssh-ed25519","privateKey":"` + base64.RawURLEncoding.EncodeToString(testKey(t)) + `","expirationDate":{"fieldType":"date","value":"2030-01-01"}}`),
			CodeOldShape, "GitHub → ssh-key 1 → expiryDate", func(h *Header) bool { return firstCredential(t, h).(*SSHKey).ExpiryDate.Text() == "2030-01-01" }},
		{"Bitwarden's name of the integrity hash", withCredential(`{"type":"file","id":"YQ","name":"n","decryptedSize":1,"integrationHash":"crWLSYO8T2f3yGaHQlDrMVvSvuu1YdXZewkjps422lQ"}`),
			CodeOldShape, "GitHub → file 1 → integrityHash", func(h *Header) bool { return len(firstCredential(t, h).(*File).IntegrityHash) == 32 }},
		{"a fingerprint's algorithm in an interim draft", document(`{"id":"aXRlbQ","title":"T","scope":{"urls":[],"androidApps":[{"bundleId":"a.b","certificate":{"fingerprint":"AQ","hashAlgorithm":"sha256"}}]},"credentials":[]}`),
			CodeOldShape, "T → scope → androidApps 1 → certificate → hashAlg", func(h *Header) bool {
				return h.Accounts[0].Items[0].Scope.AndroidApps[0].Certificate.HashAlg == "sha256"
			}},
		{"the interim name of driving licences", withCredential(`{"type":"driver-license"}`),
			CodeOldShape, "GitHub → drivers-license 1", func(h *Header) bool { return firstCredential(t, h).CredentialType() == TypeDriversLicense }},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, report := mustRead(t, c.document)
			hasCode(t, report, c.code, c.path)
			if !c.check(h) {
				t.Errorf("not read as it should be: %+v", h.Accounts[0].Items[0])
			}
			stable(t, h)
		})
	}
}

func TestTheSinglePRFSecretOfTheDraft(t *testing.T) {
	secret := strings.Repeat("AAECAwQFBgcI", 3) + "AAECAwQ" // 27 + 5 bytes
	h, report := mustRead(t, withCredential(passkeyJSON(t, `,"fido2Extensions":{"hmacSecret":{"algorithm":"HS256","secret":"`+secret+`"}}`)))
	hasCode(t, report, CodeHMAC, "GitHub → passkey 1 → fido2Extensions → hmacSecret")
	uv, plain, ok := firstCredential(t, h).(*Passkey).PRF()
	if !ok || len(uv) != 32 || !bytes.Equal(uv, plain) {
		t.Errorf("the secrets are %d and %d bytes, %v", len(uv), len(plain), ok)
	}
	stable(t, h)

	// One that is no HMAC key of 32 bytes is not understood, and not lost either.
	short := `{"hmacSecret":{"algorithm":"HS256","secret":"AAEC"}}`
	h, _ = mustRead(t, withCredential(passkeyJSON(t, `,"fido2Extensions":`+short)))
	if _, _, ok := firstCredential(t, h).(*Passkey).PRF(); ok {
		t.Error("a short secret was used")
	}
	if got := stable(t, h); !strings.Contains(got, short) {
		t.Errorf("the secret was lost: %s", got)
	}
}

func TestADocumentOfThe2024Draft(t *testing.T) {
	h, report := mustRead(t, `{"version":0,"exporter":"old.example","timestamp":1728000000,"accounts":[{"id":"YQ","userName":"ada","email":"","icon":"data:",`+
		`"collections":[{"id":"Yw","title":"C","icon":"x","items":[{"item":"Yg"}]}],"items":[{"id":"Yg","type":"login","title":"T","creationAt":1728000000,"modifiedAt":1728000000,"credentials":[`+
		`{"type":"basic-auth","urls":["example.com"],"username":{"id":"ZA","fieldType":"string","value":"u"}},`+
		strings.Replace(passkeyJSON(t, `,"userName":"u","fido2Extensions":{"supplementalKeys":{"device":true},"largeBlob":{"size":3,"alg":"none","data":"AQID"}}`), `"userHandle":"BAU"`, `"userHandle":"plain text!"`, 1)+`]}]}]}`)
	hasCode(t, report, CodeVersion, "version")
	hasCode(t, report, CodeOldShape, "T → passkey 1 → userHandle")
	if h.ExporterRPID != "old.example" || h.Accounts[0].Username != "ada" {
		t.Errorf("read %q, %q", h.ExporterRPID, h.Accounts[0].Username)
	}
	it := h.Accounts[0].Items[0]
	if it.Scope == nil || it.Scope.URLs[0] != "https://example.com" {
		t.Errorf("the scope is %v", it.Scope)
	}
	p := it.Credentials[1].(*Passkey)
	if string(p.UserHandle) != "plain text!" || p.Fido2Extensions.LargeBlob != nil {
		t.Errorf("read %+v", p)
	}
	got := stable(t, h)
	for _, kept := range []string{`"icon":"data:"`, `"icon":"x"`, `"type":"login"`, `"supplementalKeys":{"device":true}`} {
		if !strings.Contains(got, kept) {
			t.Errorf("%s was lost", kept)
		}
	}
}

func TestAWrappedDocument(t *testing.T) {
	inner := testdata(t, "everything.json")
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		h, report := mustRead(t, `{"version":0,"exporterRpId":"x","exporterDisplayName":"X","payload":"`+encoding.EncodeToString([]byte(inner))+`"}`)
		hasCode(t, report, CodeOldShape, "")
		got, _ := mustWrite(t, h)
		sameJSON(t, got, inner)
	}
}

func TestABareAccount(t *testing.T) {
	for _, account := range []string{
		`{"id":"YQ","username":"u","email":"e","items":[{"id":"Yg","title":"T","credentials":[]}],"collections":[{"id":"Yw","title":"C","items":[{"item":"Yg"}]}]}`,
		`{"collections":[{"id":"Yw","title":"C","items":[{"item":"Yg"}]}],"items":[{"id":"Yg","title":"T","credentials":[]}],"id":"YQ","username":"u","email":"e"}`,
	} {
		h, report := mustRead(t, account)
		reports(t, report, "the document is a bare account without a header")
		if a := h.Accounts[0]; a.ID != "YQ" || a.Username != "u" || len(a.Items) != 1 || len(a.Collections) != 1 {
			t.Errorf("read %+v", a)
		}
		stable(t, h)
	}
}

func TestLinksFollowReplacedIDs(t *testing.T) {
	h, report := mustRead(t, `{"version":{"major":1,"minor":0},"exporterRpId":"x","exporterDisplayName":"X","timestamp":1795305600,"accounts":[{"id":"{acc}","username":"","email":"",`+
		`"collections":[{"id":"Yw","title":"C","items":[{"item":"{item}","account":"{acc}"},{"item":"Yg=="},{"item":"bm9uZQ"}]}],`+
		`"items":[{"id":"{item}","title":"T","credentials":[{"type":"item-reference","reference":{"item":"Yg"}}]},{"id":"Yg","title":"U","credentials":[]}]}]}`)
	c := h.Accounts[0].Collections[0]
	if c.Items[0].Item != h.Accounts[0].Items[0].ID || c.Items[0].Account != h.Accounts[0].ID || c.Items[1].Item != "Yg" {
		t.Errorf("links are %+v", c.Items)
	}
	hasCode(t, report, CodeDangling, "collections 1 → items 3")
	if report.Count(CodeDangling) != 1 {
		t.Errorf("the report says %v", report.Strings())
	}
	stable(t, h)
}

func TestTitlesInReportsAreHarmless(t *testing.T) {
	_, report := mustRead(t, document(`{"id":"aXRlbQ","title":"evil\u202e\u0007\n`+strings.Repeat("x", 100)+`","creationAt":-5,"credentials":[]}`))
	if got := report.Diagnostics[0].Path[0]; got != "evil"+strings.Repeat("x", 60)+"…" {
		t.Errorf("the path says %q", got)
	}
}
