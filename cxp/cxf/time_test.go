package cxf

import (
	"strconv"
	"strings"
	"testing"
)

// Times are whole UNIX seconds, and only such as a reader will take for what they are.
func TestTimesAreWrittenWholeAndPossible(t *testing.T) {
	latest := now.Unix() + day
	for at, written := range map[int64]bool{1: true, 721692800: true, 1700000000: true, latest: true, latest + 1: false, 1 << 62: false, 0: false, -1: false, -11644473600: false} {
		h := header(Item{ID: "YQ", Title: "T", CreationAt: at, ModifiedAt: at})
		h.Accounts[0].Collections = []Collection{{ID: "Yg", Title: "C", ModifiedAt: at}}
		doc, report := mustWrite(t, h)
		if strings.Contains(doc, `"creationAt"`) != written || strings.Contains(doc, `"modifiedAt"`) != written {
			t.Errorf("%d was written: %s", at, doc)
		}
		if report.Has(CodeTimeRange) == (written || at == 0) {
			t.Errorf("%d: the report says %v", at, report.Strings())
		}
		back, report := mustRead(t, doc)
		reports(t, report)
		if got := back.Accounts[0].Items[0].CreationAt; written && got != at {
			t.Errorf("%d came back as %d", at, got)
		}
		stable(t, h)
	}
}

func TestADocumentSaysWhenItWasMade(t *testing.T) {
	for at, want := range map[int64]int64{0: now.Unix(), 5: now.Unix(), 1700000000: 1700000000, now.Unix() + day + 1: now.Unix(), -1: now.Unix()} {
		doc, report := mustWrite(t, &Header{Timestamp: at})
		if !strings.Contains(doc, `"timestamp":`+strconv.FormatInt(want, 10)+`,`) {
			t.Errorf("%d: %s", at, doc)
		}
		if report.Has(CodeTimeRange) != (want != at && at != 0) {
			t.Errorf("%d: the report says %v", at, report.Strings())
		}
	}
}

// An exporter that shows that it counts from 1970 is believed; any other, where
// the alternative is a date before password managers, is not.
func TestEarlyTimesDependOnTheExporter(t *testing.T) {
	item := `{"id":"YQ","title":"T","creationAt":600000000,"credentials":[]}`
	account := `{"id":"Yg","username":"","email":"","collections":[],"items":[` + item + `]}`
	for doc, want := range map[string]int64{
		document(item):                   600000000,
		account:                          600000000 + epoch2001,
		`{"accounts":[` + account + `]}`: 600000000 + epoch2001,
		`{"timestamp":600000001,"accounts":[` + account + `]}`:                                                 600000000 + epoch2001,
		`{"timestamp":1700000000,"accounts":[` + account + `]}`:                                                600000000,
		`{"timestamp":99999999999,"accounts":[` + account + `]}`:                                               600000000 + epoch2001,
		`{"timestamp":"1700000000","version":{"major":1,"minor":0},"accounts":[` + account + `,` + `{}` + `]}`: 600000000,
	} {
		h, _ := mustRead(t, doc)
		if got := h.Accounts[0].Items[0].CreationAt; got != want {
			t.Errorf("%s: read as %d", doc, got)
		}
	}
}

// An import never lets a credential be offered in more places than before.
func TestAScopeNeverBecomesBroader(t *testing.T) {
	const login = `{"type":"basic-auth","urls":["https://other.example"]}`
	h, _ := mustRead(t, document(`{"id":"YQ","title":"T","scope":{"urls":["https://example.com"],"androidApps":[]},"credentials":[`+login+`]},`+
		`{"id":"Yg","title":"U","credentials":[`+login+`]},{"id":"Yw","title":"V","scope":{"urls":[],"androidApps":[]},"credentials":[`+login+`]}`))
	items := h.Accounts[0].Items
	if got := items[0].Scope.URLs; len(got) != 1 || got[0] != "https://example.com" {
		t.Errorf("the scope became %v", got)
	}
	if got := string(items[0].Credentials[0].(*BasicAuth).Extra.Get("urls")); got != `["https://other.example"]` {
		t.Errorf("the URLs kept aside are %s", got)
	}
	if items[1].Scope == nil || len(items[1].Scope.URLs) != 1 {
		t.Errorf("the URLs of the draft became %v", items[1].Scope)
	}
	if len(items[2].Scope.URLs) != 0 {
		t.Errorf("a scope of nowhere became %v", items[2].Scope)
	}
	stable(t, h)

	for text, want := range map[string]string{
		"example.com": "https://example.com", "localhost:8080/x": "https://localhost:8080/x", "example.com:443": "https://example.com:443",
		"https://example.com": "https://example.com", "http://example.com": "http://example.com", "androidapp://com.example": "androidapp://com.example",
		"": "", "example": "", "user@example.com": "", "a b.example": "", `\\example.com`: "", "//example.com": "", "https://": "", "http:": "",
	} {
		got, ok := absoluteURL(text)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q became %q, %v", text, got, ok)
		}
	}
}
