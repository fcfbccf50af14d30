package cxf

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// One test for each rule of the standard that says MUST, named after it.

// §1.3
func TestMustIdentifiersAreAtMost64Bytes(t *testing.T) {
	exactly, over := strings.Repeat("AAAA", 21)+"AA", strings.Repeat("AAAA", 21)+"AAA"
	for _, id := range []string{exactly, over} {
		h, report := mustRead(t, document(`{"id":"`+id+`","title":"T","credentials":[]}`))
		if kept := h.Accounts[0].Items[0].ID == id; kept != (id == exactly) || report.Has(CodeID) == kept {
			t.Errorf("an id of %d characters was read as %s", len(id), h.Accounts[0].Items[0].ID)
		}
		h.Accounts[0].Items[0].ID = id
		got, _ := mustWrite(t, h)
		if kept := strings.Contains(got, `"`+id+`"`); kept != (id == exactly) {
			t.Errorf("an id of %d characters was written: %v", len(id), kept)
		}
	}
}

// §1.3
func TestMustIdentifiersAreUniqueInAnAccount(t *testing.T) {
	h := header(Item{ID: "YQ", Title: "A"}, Item{ID: "YQ", Title: "B", Credentials: []Credential{
		&CustomFields{ID: "YQ", Fields: []EditableField{{ID: "Yg", Value: "1"}, {ID: "Yg", Value: "2"}}}}}, Item{Title: "C"}, Item{Title: "D"})
	h.Accounts[0].Collections = []Collection{{ID: "YQ", Title: "C", SubCollections: []Collection{{ID: "YQ", Title: "D"}}}}
	h.Accounts = append(h.Accounts, Account{ID: "YWNjb3VudA", Items: []Item{{ID: "YQ", Title: "another account may use it again"}}})
	got := stable(t, h) // which looks for ids that occur twice
	if strings.Count(got, `"id":"YQ"`) != 2 || strings.Count(got, `"id":"YWNjb3VudA"`) != 1 {
		t.Errorf("written: %s", got)
	}
	back, report := mustRead(t, document(`{"id":"YQ","title":"A","credentials":[]},{"id":"YQ","title":"B","credentials":[]}`))
	hasCode(t, report, CodeID, "B → id")
	if back.Accounts[0].Items[0].ID == back.Accounts[0].Items[1].ID {
		t.Error("two items have one id")
	}
}

// §3.1.1
func TestMustUnknownFieldsAndEnumerationValuesAreIgnored(t *testing.T) {
	h, report := mustRead(t, testdata(t, "everything.json"))
	for _, d := range report.Diagnostics {
		if d.Severity == Problem && d.Code != CodeUnknownValue {
			t.Errorf("something unknown was a problem: %s", d)
		}
	}
	if len(h.Accounts[0].Items) != 6 {
		t.Errorf("read %d items", len(h.Accounts[0].Items))
	}
}

// §2.1.1
func TestMustAnUnknownValueInARequiredMemberVoidsItsStructure(t *testing.T) {
	h, report := mustRead(t, withCredential(`{"type":"totp","secret":"JBSWY3DPEHPK3PXP","period":30,"digits":5,"algorithm":"steam"}`))
	hasCode(t, report, CodeUnknownValue, "GitHub → totp 1 → algorithm")
	if u, ok := firstCredential(t, h).(*Unknown); !ok || u.Broken {
		t.Errorf("a TOTP of unknown algorithm is %#v", firstCredential(t, h))
	}
	if got := stable(t, h); !strings.Contains(got, `"algorithm":"steam"`) {
		t.Error("and was lost")
	}

	secrets := `"fido2Extensions":{"hmacCredentials":{"algorithm":"hmac-sha512","credWithUV":"AQ","credWithoutUV":"Ag"}}`
	h, report = mustRead(t, withCredential(passkeyJSON(t, ","+secrets)))
	hasCode(t, report, CodeUnknownValue, "GitHub → passkey 1 → fido2Extensions → hmacCredentials → algorithm")
	if _, _, ok := firstCredential(t, h).(*Passkey).PRF(); ok {
		t.Error("PRF secrets of an unknown algorithm would be used")
	}
	if got := stable(t, h); !strings.Contains(got, secrets) {
		t.Error("and were lost")
	}
}

// §2.1.2
func TestMustRequiredArraysArePresentEvenIfEmpty(t *testing.T) {
	// mustWrite holds both against the schema.
	got, _ := mustWrite(t, &Header{})
	if !strings.Contains(got, `"accounts":[]`) {
		t.Errorf("written: %s", got)
	}
	got, _ = mustWrite(t, &Header{Accounts: []Account{{ID: "YQ", Collections: []Collection{{ID: "Yg", Extensions: []Extension{{Name: "shared", Shared: &Shared{
		Accessors: []SharingAccessor{{Type: "user", AccountID: "eA"}}}}}}},
		Items: []Item{{ID: "Yw", Scope: &CredentialScope{}, Credentials: []Credential{&CustomFields{}}}, {ID: "ZA"}}}}})
	for _, array := range []string{`"urls":[]`, `"androidApps":[]`, `"fields":[]`, `"credentials":[]`, `"items":[]`, `"permissions":[]`} {
		if !strings.Contains(got, array) {
			t.Errorf("%s is not there: %s", array, got)
		}
	}
}

// §2.1.2
func TestMustOptionalArraysAreAbsentIfEmpty(t *testing.T) {
	none := []Extension{}
	h := &Header{Accounts: []Account{{ID: "YQ", Extensions: none, Collections: []Collection{{ID: "Yg", SubCollections: []Collection{}, Extensions: none}},
		Items: []Item{{ID: "Yw", Tags: []string{}, Extensions: none, Credentials: []Credential{&CustomFields{Extensions: none, Fields: []EditableField{{Extensions: none}}}}}}}}}
	for range 2 {
		got, _ := mustWrite(t, h)
		for _, name := range []string{"tags", "extensions", "subCollections"} {
			if strings.Contains(got, name) {
				t.Errorf("%s is there: %s", name, got)
			}
		}
		// Not either where the only element had to be left out.
		h.Accounts[0].Extensions = []Extension{{Name: ""}}
		h.Accounts[0].Collections[0].SubCollections = []Collection{{SharedWithMe: true}}
	}
}

// §3.1.1
func TestMustVersionIsAPublishedOne(t *testing.T) {
	for _, v := range []Version{{}, {Major: 1}, {Major: 1, Minor: 3}, {Major: 9}} {
		got, _ := mustWrite(t, &Header{Version: v})
		if !strings.HasPrefix(got, `{"version":{"major":1,"minor":0},`) {
			t.Errorf("%v was written as %s", v, got)
		}
	}
}

// §3.2: "MUST NOT be present in this list"; §3.4, `shared`: only in the exports of owners.
func TestMustWhatOthersOwnIsNotExported(t *testing.T) {
	h := header(Item{ID: "YQ", Title: "theirs", SharedWithMe: true, Credentials: []Credential{&Note{Content: Field(FieldString, "x")}}}, Item{ID: "Yg", Title: "mine"})
	h.Accounts[0].Collections = []Collection{{ID: "Yw", Title: "theirs too", SharedWithMe: true}, {ID: "ZA", Title: "mine too"}}
	got, report := mustWrite(t, h)
	if strings.Contains(got, "theirs") || !strings.Contains(got, "mine too") {
		t.Errorf("written: %s", got)
	}
	reports(t, report, "collections 1: was left out: the collection belongs to somebody else", "theirs: belongs to somebody else and was left out")
}

// §3.4.3
func TestMustValuesFitTheirFieldTypes(t *testing.T) {
	for _, c := range []struct {
		kind      FieldType
		good, bad []string
	}{
		{FieldBoolean, []string{"true", "false"}, []string{"True", "1", "yes"}},
		{FieldCountryCode, []string{"DE", "US", "GB"}, []string{"de", "DEU", "XX", "Germany", "A "}},
		{FieldSubdivisionCode, []string{"US-CA", "GB-ENG", "FR-75", "AD-02"}, []string{"CA", "US_CA", "US-", "XX-CA", "US-CALI", "us-ca"}},
		{FieldDate, []string{"2024-02-29"}, []string{"2023-02-29", "2024-2-9", "29.02.2024", "2024-02-29T00:00:00Z"}},
		{FieldYearMonth, []string{"2024-02"}, []string{"2024-13", "02/24", "2024-02-29"}},
		{FieldNumber, []string{"42", "-1.5", ".5"}, []string{"4,2", "many", "-", "1.", "0x1"}},
	} {
		for _, value := range append(slices.Clone(c.good), c.bad...) {
			fits := slices.Contains(c.good, value)
			h := header(item(&CustomFields{Fields: []EditableField{{Type: c.kind, Value: value}}}))
			doc, report := mustWrite(t, h)
			if got := strings.Contains(doc, `"fieldType":"`+string(c.kind)+`"`); got != fits || report.Has(CodeFieldValue) == fits {
				t.Errorf("%s %q: written as such: %v", c.kind, value, got)
			}
			back, _ := mustRead(t, doc)
			if got := firstCredential(t, back).(*CustomFields).Fields[0].Value; got != value {
				t.Errorf("%s %q became %q", c.kind, value, got)
			}
			_, report = mustRead(t, withCredential(`{"type":"custom-fields","fields":[{"fieldType":"`+string(c.kind)+`","value":"`+value+`"}]}`))
			if report.Has(CodeFieldValue) == fits {
				t.Errorf("%s %q: read, the report says %v", c.kind, value, report.Strings())
			}
			stable(t, h)
		}
	}
}

// §3.3.1
func TestMustAddressesHaveSeveralLines(t *testing.T) {
	h := header(item(&Address{StreetAddress: Field(FieldString, "1 Road\r\nFloor 2\rDoor 3\nHere")}))
	got, report := mustWrite(t, h)
	hasCode(t, report, CodeFieldValue, "GitHub → address 1 → streetAddress")
	if !strings.Contains(got, `"1 Road\nFloor 2\nDoor 3\nHere"`) {
		t.Errorf("written: %s", got)
	}
	back, _ := mustRead(t, got)
	if lines := strings.Split(firstCredential(t, back).(*Address).StreetAddress.Value, "\n"); len(lines) != 4 {
		t.Errorf("read %d lines", len(lines))
	}
}

// §3.3, passport
func TestMustPassportTypeIsADocumentCode(t *testing.T) {
	for value, fits := range map[string]bool{"P": true, "PP": true, "P<": true, "PD": true, "Regular": false, "p": false, "V": false} {
		got, report := mustWrite(t, header(item(&Passport{PassportType: Field(FieldString, value), PassportNumber: Field(FieldString, "1")})))
		if strings.Contains(got, "passportType") != fits || report.Has(CodeFieldValue) == fits {
			t.Errorf("%s: written %s", value, got)
		}
	}
}

// §3.3, ssh-key
func TestMustSSHKeysAreNamedByIANAAndPKCS8(t *testing.T) {
	for _, c := range []struct {
		kind string
		key  []byte
		good bool
	}{
		{"ssh-ed25519", testKey(t), true}, {"ecdsa-sha2-nistp256", testKey(t), true}, {"rsa-sha2-512", testKey(t), true},
		{"ED25519", testKey(t), false}, {"ssh-ed25519", []byte("-----BEGIN OPENSSH PRIVATE KEY-----"), false},
	} {
		_, report := mustWrite(t, header(item(&SSHKey{KeyType: c.kind, PrivateKey: c.key})))
		if got := report.Credentials[TypeSSHKey] == 1; got != c.good || len(report.Diagnostics) == 0 != c.good {
			t.Errorf("%s, %d bytes: written: %v, %v", c.kind, len(c.key), got, report.Strings())
		}
	}
}

// §3.3, totp
func TestMustTOTPSecretsAreBase32(t *testing.T) {
	for secret, want := range map[string]string{
		"JBSWY3DPEHPK3PXP": "JBSWY3DPEHPK3PXP", "jbsw y3dp ehpk 3pxp": "JBSWY3DPEHPK3PXP", "JJBFGV2ZGNCFARKIKBFTGUCYKA======": "JJBFGV2ZGNCFARKIKBFTGUCYKA",
		"MZXW6YTB7": "MZXW6YTB", "MZXX": "MZXQ", "SGVsbG8h0": "", "": "", "====": "", "MZ=XW": "",
	} {
		got, report := mustWrite(t, header(item(&TOTP{Secret: secret})))
		if strings.Contains(got, `"secret":"`+want+`"`) != (want != "") || report.Has(CodeSecret) != (want == "") {
			t.Errorf("%q: %s %v", secret, got, report.Strings())
		}
		_, report = mustRead(t, withCredential(`{"type":"totp","secret":"`+secret+`","period":30,"digits":6,"algorithm":"sha1"}`))
		if (report.Unreadable == 1) != (want == "") {
			t.Errorf("%q was read: %v", secret, report.Strings())
		}
	}
}

// §3.3, file
func TestMustFilesAreVerified(t *testing.T) {
	// The vector of the standard's example.
	hash, _, _ := decodeBase64([]byte("crWLSYO8T2f3yGaHQlDrMVvSvuu1YdXZewkjps422lQ"))
	f := &File{ID: "YQ", Name: "a.txt", DecryptedSize: 21, IntegrityHash: hash}
	if err := f.Verify(strings.NewReader("this is a sample file")); err != nil {
		t.Error(err)
	}
	for _, content := range []string{"this is a sample filE", "this is a sample file ", "this is a sample fil", ""} {
		if err := f.Verify(strings.NewReader(content)); !errors.Is(err, ErrIntegrity) {
			t.Errorf("%q: %v", content, err)
		}
	}
	if err := f.Verify(endless{}); !errors.Is(err, ErrIntegrity) {
		t.Errorf("an endless file: %v", err)
	}
}

// §3.3, file: the id names an entry of an archive.
func TestMustFileIDsAreSafeNames(t *testing.T) {
	for id, good := range map[string]bool{"ZmlsZQ": true, "../x": false, "a/b": false, "ZmlsZQ==": false, "": false, "..": false, "a b": false, strings.Repeat("A", 88): false} {
		h, report := mustRead(t, withCredential(`{"type":"file","id":"`+id+`","name":"../n","decryptedSize":1,"integrityHash":"crWLSYO8T2f3yGaHQlDrMVvSvuu1YdXZewkjps422lQ"}`))
		if _, ok := firstCredential(t, h).(*File); ok != good || len(report.Files) == 1 != good {
			t.Errorf("%q was read: %v", id, report.Strings())
		}
		_, report = mustWrite(t, header(item(&File{ID: id, Name: "n", DecryptedSize: 1, IntegrityHash: make([]byte, 32)})))
		if (report.LeftOut == 0) != good || len(report.Files) == 1 != good {
			t.Errorf("%q was written: %v", id, report.Strings())
		}
	}
}

// §3.4: custom extensions are called EXPORTER_RP_ID/NAME; others are the standard's.
func TestMustExtensionsHaveNames(t *testing.T) {
	h := header(Item{ID: "YQ", Title: "T", Extensions: []Extension{{Name: ""}, {Name: "vault.example/x", Extra: Extra{{"v", []byte("1")}}}, {Name: "registeredLater"}}})
	got, report := mustWrite(t, h)
	reports(t, report, "T → extensions 1: was left out: the extension has no name")
	if !strings.Contains(got, `"extensions":[{"name":"vault.example/x","v":1},{"name":"registeredLater"}]`) {
		t.Errorf("written: %s", got)
	}
}

// §3.4, shared
func TestMustSharedIsOnlyAppliedToCollectionsAndItems(t *testing.T) {
	shared := []Extension{{Name: ExtensionShared, Shared: &Shared{Accessors: []SharingAccessor{{Type: "user", AccountID: "eA", Name: "Bob", Permissions: []string{"read"}}}}}}
	h := &Header{Accounts: []Account{{ID: "YQ", Extensions: shared, Collections: []Collection{{ID: "Yg", Title: "C", Extensions: shared}},
		Items: []Item{{ID: "Yw", Title: "T", Extensions: shared, Credentials: []Credential{&CustomFields{Extensions: shared, Fields: []EditableField{{Extensions: shared}}}}}}}}}
	got, report := mustWrite(t, h)
	if n := strings.Count(got, `"shared"`); n != 2 || report.Count(CodeExtension) != 3 {
		t.Errorf("written %d times: %v", n, report.Strings())
	}
	var archive bytes.Buffer
	if _, err := Write(&archive, h, &WriteOptions{Archive: true, Now: now}); err != nil {
		t.Fatal(err)
	}
	if _, report := mustRead(t, archive.String()); report.Count(CodeExtension) != 3 {
		t.Errorf("read: %v", report.Strings())
	}
}

// §3.4, shared
func TestMustAccessorsThatAreUnknownOrMayDoNothingAreIgnored(t *testing.T) {
	h, _ := mustRead(t, testdata(t, "everything.json"))
	for _, e := range [][]Extension{h.Accounts[0].Items[1].Extensions, h.Accounts[0].Collections[0].Extensions} {
		if len(e[0].Shared.Accessors) != 3 {
			t.Fatalf("read %+v", e[0])
		}
		effective := e[0].Shared.Effective()
		if len(effective) != 1 || effective[0].Name != "Bob" || !slices.Equal(effective[0].Permissions, []string{"read", "readSecret"}) {
			t.Errorf("in effect: %+v", effective)
		}
	}
}

// Writing leaves what the caller handed over as it was.
func TestWritingChangesNothing(t *testing.T) {
	a, _ := mustRead(t, testdata(t, "everything.json"))
	b, _ := mustRead(t, testdata(t, "everything.json"))
	mustWrite(t, a)
	if !reflect.DeepEqual(a, b) {
		t.Error("the header changed")
	}
}
