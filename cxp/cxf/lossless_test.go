package cxf

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// everything.json holds all 17 types, every member, unknown members in every kind
// of object, unknown types, unknown values of each enumeration, extensions at
// every level, numbers that fit no machine type, and members that are there but
// say nothing.

func TestNothingIsLostBetweenReadingAndWriting(t *testing.T) {
	want := testdata(t, "everything.json")
	h, _ := mustRead(t, want)
	got, report := mustWrite(t, h)
	reports(t, report)
	sameJSON(t, got, want)
	stable(t, h)
}

func TestNothingIsLostInAVaultThatStoresItemsOneByOne(t *testing.T) {
	want := testdata(t, "everything.json")
	h, _ := mustRead(t, want)
	got, report := mustWrite(t, vault(t, h))
	reports(t, report)
	sameJSON(t, got, want)
}

func TestEverythingIsReportedExactly(t *testing.T) {
	_, report := mustRead(t, testdata(t, "everything.json"))
	reports(t, report,
		"Everything about a passkey → passkey 2 → fido2Extensions → hmacCredentials → algorithm: has a value that the standard does not know, and must be ignored",
		"Login → scope → androidApps 2 → certificate → hashAlg: has a value that the standard does not know, and must be ignored",
		"Login → totp 2 → algorithm: is not one that the standard knows; it is kept but must not be used",
		"Cards → wifi 1 → networkSecurityType: is not a kind of Wi-Fi security that the standard knows",
		"Rest → custom-fields 1 → fields 2: has a field type that the standard does not know; it is shown as text",
		"Rest → future-credential 1: is of a type that is not known here; it is kept as it is",
		"Links → item-reference 2 → reference: points to an item that is not in this document",
	)
	if report.Accounts != 2 || report.Items != 7 || report.Collections != 3 || report.Unreadable != 1 || len(report.Files) != 1 {
		t.Errorf("miscounted: %+v", report)
	}
	for _, kind := range CredentialTypes() {
		if report.Credentials[kind] == 0 {
			t.Errorf("no %s was counted", kind)
		}
	}
}

func TestAnUnreadableCredentialStaysInTheVaultAndOutOfExports(t *testing.T) {
	bad := `{"type":"passkey","credentialId":"AQID","rpId":"example.com","username":"u","userDisplayName":"U","userHandle":"AQ","key":"AAAA","future":[1.50]}`
	good := `{"type":"note","content":{"fieldType":"string","value":"x"}}`
	h, report := mustRead(t, withCredential(bad+","+good))
	reports(t, report, "GitHub → passkey 1: the key is not PKCS#8")
	h = vault(t, h)
	u, ok := firstCredential(t, h).(*Unknown)
	if !ok || !u.Broken || u.Type != TypePasskey {
		t.Fatalf("not kept: %#v", firstCredential(t, h))
	}
	sameJSON(t, string(u.Raw), bad)
	got, report := mustWrite(t, h)
	reports(t, report, "GitHub → passkey 1: was left out: it could not be read and breaks the standard")
	sameJSON(t, got, withCredential(good))

	var b strings.Builder
	if _, err := Write(&b, h, &WriteOptions{Archive: true, Now: now}); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, b.String(), withCredential(bad+","+good))
}

func TestAMemberOfTheWrongKindIsKeptAsideAndNotExported(t *testing.T) {
	doc := document(`{"id":"aXRlbQ","title":"T","subtitle":["no","text"],"scope":7,"tags":[1],"favorite":"maybe","credentials":[` +
		`{"type":"custom-fields","fields":[{"fieldType":"string","value":"a"},{"label":"no value"},5]}]}`)
	h, report := mustRead(t, doc)
	reports(t, report,
		"T → subtitle: is not text and is kept aside",
		"T → favorite: is not true or false and is kept aside",
		"T → scope: is not an object and is kept aside",
		"T → custom-fields 1 → fields 2: cannot be read and is kept aside: the value is missing",
		"T → custom-fields 1 → fields 3: is not an object and is kept aside",
		"T → tags: is not a list of text and is kept aside",
	)
	h = vault(t, h)
	it := h.Accounts[0].Items[0]
	for name, want := range map[string]string{"subtitle": `["no","text"]`, "scope": "7", "tags": "[1]", "favorite": `"maybe"`} {
		if got := string(it.Extra.Get(name)); got != want {
			t.Errorf("%s kept as %s, want %s", name, got, want)
		}
	}
	fields := firstCredential(t, h).(*CustomFields)
	if got := string(fields.Extra.Get("keyferry.app/unreadable/fields")); got != `[{"label":"no value"},5]` {
		t.Errorf("the fields kept aside are %s", got)
	}
	got, _ := mustWrite(t, h)
	sameJSON(t, got, document(`{"id":"aXRlbQ","title":"T","credentials":[{"type":"custom-fields","fields":[{"fieldType":"string","value":"a"}]}]}`))
}

func TestTheSignatureCounterSurvivesTheVaultAlone(t *testing.T) {
	h, _ := mustRead(t, testdata(t, "everything.json"))
	p := firstCredential(t, h).(*Passkey)
	p.SignCount = 7
	h.Accounts[0].Items[1].SharedWithMe = true
	back := vault(t, h)
	if got := firstCredential(t, back).(*Passkey).SignCount; got != 7 {
		t.Errorf("the counter came back as %d", got)
	}
	if !back.Accounts[0].Items[1].SharedWithMe {
		t.Error("SharedWithMe did not come back")
	}
}

func TestCollectionsOnTheirOwn(t *testing.T) {
	h, _ := mustRead(t, testdata(t, "everything.json"))
	c := &h.Accounts[0].Collections[0]
	c.SubCollections[0].SharedWithMe = true
	stored, err := MarshalCollection(c)
	if err != nil {
		t.Fatal(err)
	}
	back, report, err := UnmarshalCollection(stored, readOptions())
	if err != nil || !reflect.DeepEqual(back, c) || report.Collections != 3 {
		t.Errorf("%v, %v: %+v became %+v", err, report.Strings(), c, back)
	}
	for text, want := range map[string]error{`5`: ErrNotCXF, `[]`: ErrNotCXF, wide(1 << 17): ErrTooLarge} {
		if _, _, err := UnmarshalCollection([]byte(text), nil); !errors.Is(err, want) {
			t.Errorf("%.20s: %v", text, err)
		}
	}
}
