package protonpass

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

func everything(t testing.TB) []byte {
	return kit.Zip(t, [2]string{dataName, string(kit.Testdata(t, "everything.json"))},
		[2]string{filesName + "0123456789abcdef-codes.txt", "1234"}, [2]string{filesName + "fedcba9876543210-plan.pdf", "%PDF"},
		[2]string{filesName + "aaaaaaaaaaaaaaaa-trash.txt", "x"}, [2]string{filesName + "bbbbbbbbbbbbbbbb-lost.txt", "x"})
}

func TestEverything(t *testing.T) {
	r := kit.MustRead(t, Format{}, everything(t), "")
	kit.Reports(t, r.Report,
		"New file name → file missing-file: was left out: it is not in the export; choose to include attached files",
		"Alias: is an alias of Proton's; its address was kept, but only Proton Pass can manage it",
		"Odd card → expiry date: is no year and month; it was kept as a field",
		"Trashed: was in Proton Pass's trash and was left there",
		"New kind: is of a kind that Keyferry does not know; its texts were kept as fields",
		"lost.txt: was left out: no item in the export has it",
	)
	if string(kit.File(t, r, "codes.txt")) != "1234" || string(kit.File(t, r, "plan.pdf")) != "%PDF" || r.Report.Items != 13 || !r.Plaintext {
		t.Errorf("read %+v", r.Report)
	}
	it := kit.Item(t, r, "Everything")
	if !it.Favorite || !slices.Equal(it.Scope.URLs, []string{"https://site.example/", "https://site.example"}) || it.CreationAt != 1700000000 {
		t.Errorf("item %+v", it)
	}
	if l := kit.Only[*cxf.BasicAuth](t, it); l.Username.Text() != "ada" || l.Password.Text() != "pw" {
		t.Errorf("login %+v", l)
	}
	var got []string
	for _, c := range it.Credentials {
		switch c := c.(type) {
		case *cxf.CustomFields:
			for _, f := range c.Fields {
				got = append(got, f.Label+"="+f.Value+" "+string(f.Type))
			}
		case *cxf.TOTP:
			got = append(got, c.Secret)
		}
	}
	if !slices.Equal(got, []string{
		"Email=ada@example.com email", "JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXQ", "open=one string", "secret=two concealed-string", "when=2025-01-02 date",
	}) {
		t.Errorf("fields %q", got)
	}
	if c := kit.Only[*cxf.CreditCard](t, kit.Item(t, r, "Old card")); c.ExpiryDate.Text() != "2029-05" {
		t.Errorf("card %+v", c)
	}
	if w := kit.Only[*cxf.WIFI](t, kit.Item(t, r, "Home")); w.NetworkSecurityType.Text() != "wpa2-personal" {
		t.Errorf("wifi %+v", w)
	}
	if k := kit.Only[*cxf.SSHKey](t, kit.Item(t, r, "SSH")); k.KeyComment != "ada@ferry" {
		t.Errorf("ssh %+v", k)
	}
	ada := kit.Item(t, r, "Ada")
	if n := kit.Only[*cxf.PersonName](t, ada); n.Given.Text() != "Ada" || n.Surname.Text() != "Lovelace" {
		t.Errorf("name %+v", n)
	}
	if a := kit.Only[*cxf.Address](t, ada); a.StreetAddress.Text() != "12 Square\n2" || a.City.Text() != "London" {
		t.Errorf("address %+v", a)
	}
	if kit.Only[*cxf.BasicAuth](t, kit.Item(t, r, "Old user name")).Username.Text() != "olduser" {
		t.Error("the old user name is lost")
	}
	if c := r.Header.Accounts[0].Collections; len(c) != 2 || c[0].Title != "Personal" || c[1].Title != "Personal" || c[0].Subtitle != "mine" || len(c[0].Items) != 7 {
		t.Errorf("vaults %+v", c)
	}
}

func TestBrokenEntriesSpoilNothingElse(t *testing.T) {
	r := kit.MustRead(t, Format{}, kit.Testdata(t, "broken.json"), "")
	kit.Reports(t, r.Report,
		"no content → passkey 1: has no content, and so no key",
		"no base64 → passkey 1: has content that is no base64",
		"no MessagePack → passkey 1: has damaged content",
		"newer version → passkey 1: is of a version (2) that Keyferry does not know yet",
		"inner is a number → passkey 1: has damaged content",
		"keys of two → passkey 1: has a private key that does not belong to its public key",
		"no private part → passkey 1: has a key with a part missing",
		"no public part → passkey 1: has a key with a part missing",
		"unknown curve → passkey 1: has a key on a curve that is not known",
		"unknown kind → passkey 1: has a kind of key that is not known",
		"secret of 33 bytes → passkey 1: has a private key of impossible length",
		"secret is zero → passkey 1: has an impossible private key",
		"no relying party → passkey 1: has damaged content",
		"counter is negative → passkey 1: has an impossible signature counter",
		"Ed25519 of two → passkey 1: has a private key that does not belong to its public key",
		"trailing bytes → passkey 1: has damaged content",
		"list too long → passkey 1: has damaged content",
		"nested deeply → passkey 1: has damaged content",
		"passkey is a number → passkey 1: is not of the expected form",
		"entry 20: is not of the expected form, so the entry was left out",
		"entry 21: is not of the expected form, so the entry was left out",
		"content is text → login: is not of the expected form",
		"entry 23: has something unexpected at data, so the entry was left out",
		"entry 24: has something unexpected at data/metadata/name, so the entry was left out",
		"a vault: is not what it should be and was left out",
	)
	for _, it := range r.Header.Accounts[0].Items {
		if it.Title != "content is text" && kit.Only[*cxf.BasicAuth](t, &it).Password.Text() != "kept" {
			t.Errorf("%s: the password is lost", it.Title)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ doc, says string }{
		{`{"version":"1","vaults":{`, "JSON: the file is damaged; export it again: it ends in the middle; it may have been cut short"},
		{`{"version":"1","vaults":{}} x`, "JSON: the file is damaged; export it again: it is no JSON from byte 28 on"},
		{`{"version":"1","vaults":{"a":{"items":7}}}`, "JSON: the file is damaged; export it again: the document is not put together as it should be"},
		{`{"version":"1","vaults":{"a":{},"a":{}}}`, "JSON: the file is damaged; export it again: a member stands there twice"},
		{string(kit.Zip(t, [2]string{sealedName, "no message"})), "OpenPGP: the file is damaged; export it again: it ends in the middle; it may have been cut short"},
		{string(kit.Zip(t, [2]string{dataName, "{"})), "JSON: the file is damaged; export it again: it ends in the middle; it may have been cut short"},
	} {
		_, err := kit.Read(t, Format{}, []byte(c.doc), "p")
		if err == nil || err.Error() != c.says || !errors.Is(err, formats.ErrDamaged) {
			t.Errorf("%.40q: %v", c.doc, err)
		}
	}
}

// Exports of 2026 have folders in vaults, and rules for addresses.
func TestFoldersAndRules(t *testing.T) {
	entry := func(title, folder, content string) string {
		return fmt.Sprintf(`{"itemId":%q,"folderId":%s,"data":{"metadata":{"name":%q},"type":"login","content":%s},"state":1}`, title, folder, title, content)
	}
	login := `{"password":"p","urls":["https://a.example"],"autofillUrls":[{"url":"https://a.example","mode":0},{"url":"https://b.example","mode":1},` +
		`{"url":"https://never.example","mode":2},{"url":"*.c.example","mode":4}]}`
	doc := `{"version":"1.40.0","vaults":{"v":{"name":"Vault","items":[` + strings.Join([]string{
		entry("top", "null", login), entry("deep", `"f2"`, `{"password":"p"}`), entry("lost", `"gone"`, `{"password":"p"}`), entry("round", `"f3"`, `{"password":"p"}`),
	}, ",") + `],"folders":[{"folderId":"f2","parentFolderId":"f1","name":"Inner"},{"folderId":"f1","parentFolderId":null,"name":"Outer"},` +
		`{"folderId":"f3","parentFolderId":"f4","name":"Three"},{"folderId":"f4","parentFolderId":"f3","name":"Four"},7,{"folderId":[]}]}}}`
	r := kit.MustRead(t, Format{}, []byte(doc), "")
	kit.Reports(t, r.Report,
		"top → address: says where never to fill it in; it was kept as a field", "top → address: is a pattern; it was kept as a field",
		"a folder: is not of the expected form", "a folder: has something unexpected at folderId")
	if it := kit.Item(t, r, "top"); !slices.Equal(it.Scope.URLs, []string{"https://a.example", "https://b.example"}) {
		t.Errorf("addresses %v", it.Scope.URLs)
	}
	paths := formats.Paths(&r.Header.Accounts[0])
	for title, want := range map[string]string{"top": "Vault", "deep": "Vault/Outer/Inner", "lost": "Vault", "round": "Vault/Four/Three"} {
		if got := paths[kit.Item(t, r, title).ID]; len(got) != 1 || strings.Join(got[0], "/") != want {
			t.Errorf("%s is in %v", title, got)
		}
	}
}
