package transfer

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/vault"
)

// excluding is what leaves to an app that takes no logins for some sites.
func excluding(domains ...string) Selection {
	r := localexchange.Registration{ExcludedSites: domains}
	return Selection{Excluded: r.Excluded(), Receiver: "Example App"}
}

// several is a vault with an item for each way in which sites and credentials can come together.
func several(t testing.TB) *vault.Vault {
	t.Helper()
	v := newVault(t)
	key := func(rpID string) *cxf.Passkey {
		return &cxf.Passkey{CredentialID: []byte(rpID), RPID: rpID, Username: "ann", UserHandle: []byte("u"), Key: newKey(t)}
	}
	item := func(id, title string, urls string, more ...cxf.Credential) cxf.Item {
		it := login(id, "secret of "+title)
		it.Title, it.Scope = title, &cxf.CredentialScope{URLs: strings.Fields(urls)}
		it.Credentials = append(it.Credentials, more...)
		return it
	}
	note := &cxf.Note{Content: cxf.Field(cxf.FieldString, "recovery codes")}
	none := item("bm9uZQ", "Nowhere", "")
	none.Scope = nil
	broken := item("YnJva2Vu", "Half", "https://shop.example")
	lost := key("old.bank.example")
	lost.Username = strings.Repeat("a", vault.MaxName+1) // which the vault can't sign in with
	broken.Credentials = append(broken.Credentials, lost)
	take(t, v, document(docOf(t, cxf.Account{
		ID: "b25l", Items: []cxf.Item{
			item("b25seQ", "Bank", "https://bank.example/login https://www.bank.example", key("bank.example"), note),
			item("Ym90aA", "Both", "https://bank.example https://shop.example", key("login.bank.example")),
			item("Zm9yZWlnbg", "Bank and shop key", "https://bank.example", key("shop.example")),
			none, broken,
		}, Collections: []cxf.Collection{{ID: "YQ", Title: "Money", Items: []cxf.LinkedItem{{Item: "b25seQ"}}}},
	})), nil)
	return v
}

func TestWhatAnAppExcludesStays(t *testing.T) {
	v := several(t)
	_, all := review(t, v, Selection{})
	_, r := review(t, v, excluding("bank.example"))
	wantLines(t, r,
		"item | Bank and shop key | stays | basic-auth | Other:",
		"item | Bank | stays | basic-auth+note | Other:,Other:Money",
		"item | Both | goes | basic-auth | Other:",
		"item | Half | part | basic-auth+passkey | Other:",
		"item | Nowhere | goes | basic-auth | Other:",
		"passkey | bank.example | stays | passkey | Other:,Other:Money",
		"passkey | login.bank.example | stays | passkey | Other:",
		"passkey | shop.example | goes | passkey | Other:",
	)
	before, after := 0, 0
	for _, n := range all.Counts() {
		before += n
	}
	for _, n := range r.Counts() {
		after += n
	}
	if before != 10 || after != 4 || r.LeftOut() != 6 || r.Excluded() != 6 || !r.All() {
		t.Errorf("%d of %d go, %d are left out, %d of them excluded", after, before, r.LeftOut(), r.Excluded())
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Excluded() > 0 && !slices.Equal(e.Reasons, []string{"Example App does not take logins for this site"}) {
			t.Errorf("%s stays because %q", e.Title, e.Reasons)
		}
		if e.Chosen == (e.Status() == Stays) {
			t.Errorf("%s %s: chosen %v", e.Title, e.Status(), e.Chosen)
		}
		if err := e.Choose(Take); (err == nil) == (e.Status() == Stays) {
			t.Errorf("%s, which %s, was chosen: %v", e.Title, e.Status(), err)
		}
	}
	whole := map[vault.ID]bool{}
	for _, id := range r.Whole() {
		whole[id] = true
	}
	for i := range r.Entries {
		if e := &r.Entries[i]; whole[e.ID] && e.Excluded() > 0 || whole[e.ID] != (e.Status() == Goes) {
			t.Errorf("the original of %s, which %s, may be trashed: %v", e.Title, e.Status(), whole[e.ID])
		}
	}
}

// The writer leaves it out by itself, also where nobody looked before, and writes what the review promised.
func TestWhatAnAppExcludesIsNotWritten(t *testing.T) {
	v := several(t)
	sel := excluding("bank.example")
	_, r := review(t, v, sel)
	for _, only := range []map[vault.ID]bool{nil, r.Chosen()} {
		sel.Only = only
		e, err := NewExport(ctx, v, sel)
		if err != nil {
			t.Fatal(err)
		}
		progress := 0
		var b bytes.Buffer
		report, err := cxf.Write(&b, e.Header(), e.Options(ctx, false, func(int, int) { progress++ }))
		if err != nil {
			t.Fatal(err)
		}
		wrote := map[string]int{}
		for typ, n := range report.Credentials {
			wrote[string(typ)] = n
		}
		if !maps.Equal(wrote, r.Counts()) || progress != e.Groups() {
			t.Errorf("promised %v, written %v; %d of %d told", r.Counts(), wrote, progress, e.Groups())
		}
		for _, no := range []string{`"rpId":"bank.example"`, "login.bank.example", "old.bank.example", "secret of Bank", "recovery codes"} {
			if strings.Contains(b.String(), no) {
				t.Errorf("%s left", no)
			}
		}
		if only != nil && (strings.Contains(b.String(), "Money") || report.Items != 4) {
			t.Errorf("a folder of what stays left, or %d items", report.Items)
		}
	}
	// An app without a list gets all of it.
	e, err := NewExport(ctx, v, Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if report, err := cxf.Write(io.Discard, e.Header(), e.Options(ctx, false, nil)); err != nil || report.Credentials[cxf.TypePasskey] != 4 {
		t.Errorf("%v %v", report.Credentials, err)
	}
}

func TestWhatIsOfAnotherKindAndExcludedHasBothReasons(t *testing.T) {
	sel := excluding("bank.example")
	sel.Types = []cxf.CredentialType{cxf.TypePasskey}
	_, r := review(t, several(t), sel)
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Title == "Bank" && e.Kind == "item" && !slices.Equal(e.Reasons, []string{sel.excludes(), notTaken}) {
			t.Errorf("%q", e.Reasons)
		}
	}
	if r.Counts()["passkey"] != 1 || r.Excluded() != 6 {
		t.Errorf("%v go, %d are excluded", r.Counts(), r.Excluded())
	}
}
