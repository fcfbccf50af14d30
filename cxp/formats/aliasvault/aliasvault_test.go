package aliasvault

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

type m = map[string]any

func jsonOf(t testing.TB, v any) string { return string(kit.JSON(t, v)) }

// jwks makes the two JSON Web Keys of a passkey, as AliasVault keeps them.
func jwks(t testing.TB, p *cxf.Passkey) (public, private m) {
	t.Helper()
	key, err := cxf.ParsePrivateKey(p.Key)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	switch k := key.Signer.(type) {
	case *ecdsa.PrivateKey:
		raw, err := k.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		d, err := k.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		public = m{"kty": "EC", "crv": "P-256", "x": b64(raw[1:33]), "y": b64(raw[33:])}
		private = m{"kty": "EC", "crv": "P-256", "x": public["x"], "y": public["y"], "d": b64(d)}
	case ed25519.PrivateKey:
		public = m{"kty": "OKP", "crv": "Ed25519", "x": b64(k[32:])}
		private = m{"kty": "OKP", "crv": "Ed25519", "x": b64(k[32:]), "d": b64(k.Seed())}
	}
	return public, private
}

func passkeyOf(t testing.TB, p *cxf.Passkey) m {
	public, private := jwks(t, p)
	out := m{
		"id": "11111111-2222-4333-8444-555555555555", "credentialId": nil, "rpId": p.RPID, "displayName": p.UserDisplayName, "additionalData": nil,
		"userHandle": base64.StdEncoding.EncodeToString(p.UserHandle), "publicKey": jsonOf(t, public), "privateKey": jsonOf(t, private), "prfKey": nil,
	}
	if id := hex.EncodeToString(p.CredentialID); len(id) == 32 {
		out["id"] = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	} else {
		out["credentialId"] = base64.StdEncoding.EncodeToString(p.CredentialID)
	}
	return out
}

func val(key, v string) m {
	return m{"id": "v", "fieldKey": key, "fieldDefinitionId": nil, "value": v, "weight": 0}
}

func entry(id, name string, more m) m {
	out := m{
		"id": id, "name": name, "itemType": "Login", "createdAt": "2025-01-02T03:04:05.000Z", "updatedAt": "2025-01-02T03:04:06.000Z", "folderId": nil,
		"fieldValues": []m{}, "fieldHistories": []m{}, "attachments": []m{}, "totpCodes": []m{}, "passkeys": []m{},
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func manifest(items ...any) m {
	return m{
		"version": "1.0.0", "exportedAt": "2025-01-02T03:04:05.000Z", "items": items,
		"folders":          []m{{"id": "f2", "name": "Inner", "parentFolderId": "f1"}, {"id": "f1", "name": "Outer", "parentFolderId": nil}},
		"tags":             []m{{"id": "t1", "name": "blue"}},
		"itemTags":         []m{{"id": "x", "itemId": "i1", "tagId": "t1"}},
		"fieldDefinitions": []m{{"id": "d1", "fieldType": "Text", "label": "Colour", "isHidden": false}, {"id": "d2", "fieldType": "Password", "label": "Door", "isHidden": true}},
		"logos":            []m{},
	}
}

func TestEverything(t *testing.T) {
	first, public := kit.NewPasskey(t, "alias.example", "ada", "ES256", 16)
	second, public2 := kit.NewPasskey(t, "alias.example", "bob", "EdDSA", 32)
	withPRF := passkeyOf(t, second)
	withPRF["prfKey"] = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	doc := manifest(
		entry("i1", "Everything", m{
			"folderId": "f2", "archivedAt": "2025-02-02T00:00:00Z", "passkeys": []m{passkeyOf(t, first), withPRF},
			"fieldValues": []m{val("login.username", "ada"), val("login.password", "pw"), val("login.email", "ada@alias.example"), val("login.url", "https://a.example"),
				val("login.url", "b.example"), val("notes.content", "a note"), val("alias.first_name", "Ada"), val("alias.birthdate", "1815-12-10"),
				{"fieldDefinitionId": "d1", "value": "red"}, {"fieldDefinitionId": "d2", "value": "1234"}, {"fieldDefinitionId": "gone", "value": "?"}},
			"fieldHistories": []m{{"fieldKey": "login.password", "valueSnapshot": "older", "changedAt": "2024"}},
			"totpCodes":      []m{{"name": "Site", "secretKey": "JBSWY3DPEHPK3PXP", "algorithm": "SHA256", "digits": 8, "period": 60}},
			"attachments":    []m{{"filename": "codes.txt", "relativePath": "attachments/i1_a_codes.txt"}, {"filename": "gone.txt", "relativePath": "attachments/gone"}},
		}),
		entry("i2", "Card", m{"folderId": "nowhere", "fieldValues": []m{val("card.number", "4111"), val("card.expiry_month", "4"), val("card.expiry_year", "31"), val("card.cvv", "123")}}),
		entry("i3", "", m{"fieldValues": []m{val("login.email", "only@mail.example")}}),
	)
	r := kit.MustRead(t, Format{}, kit.Zip(t, [2]string{manifestName, jsonOf(t, doc)}, [2]string{"attachments/i1_a_codes.txt", "1234"}, [2]string{"logos/x.png", "png"}), "")
	kit.Reports(t, r.Report,
		"Everything → file gone.txt: was left out: no such attached file",
		"Card: was in a folder that is not in the file",
	)
	it := kit.Item(t, r, "Everything")
	got := kit.Passkeys(r)
	if len(got) != 2 || !bytes.Equal(got[0].CredentialID, first.CredentialID) || !bytes.Equal(got[1].CredentialID, second.CredentialID) || got[0].Username != "ada" {
		t.Fatalf("passkeys %+v", got)
	}
	kit.SignIn(t, got[0], public)
	kit.SignIn(t, got[1], public2)
	if with, without, ok := got[1].PRF(); !ok || !bytes.Equal(with, without) || with[0] != 7 {
		t.Error("the PRF secret is lost")
	}
	if !slices.Equal(it.Tags, []string{"blue", "Archived"}) || !slices.Equal(it.Scope.URLs, []string{"https://a.example", "https://b.example"}) {
		t.Errorf("item %+v", it)
	}
	if got := formats.Paths(&r.Header.Accounts[0])[it.ID]; len(got) != 1 || !slices.Equal(got[0], []string{"Outer", "Inner"}) {
		t.Errorf("folders %v", got)
	}
	var fields []string
	for _, c := range it.Credentials {
		if section, ok := c.(*cxf.CustomFields); ok {
			for _, f := range section.Fields {
				fields = append(fields, section.Label+"/"+f.Label+"="+f.Value+" "+string(f.Type))
			}
		}
	}
	if want := []string{
		"/Colour=red string", "/Door=1234 concealed-string", "/=? concealed-string", "/Email=ada@alias.example string", "/Birthdate=1815-12-10 string",
		"History/Password 2024=older concealed-string",
	}; !slices.Equal(fields, want) {
		t.Errorf("fields %q", fields)
	}
	if c := kit.Only[*cxf.TOTP](t, it); c.Digits != 8 || c.Period != 60 || c.Algorithm != "sha256" {
		t.Errorf("totp %+v", c)
	}
	if c := kit.Only[*cxf.CreditCard](t, kit.Item(t, r, "Card")); c.ExpiryDate.Text() != "2031-04" {
		t.Errorf("card %+v", c)
	}
	if string(kit.File(t, r, "codes.txt")) != "1234" {
		t.Error("the file is lost")
	}
}

// Older archives have members in upper case.
func TestUpperCase(t *testing.T) {
	p, public := kit.NewPasskey(t, "alias.example", "ada", "ES256", 16)
	text := jsonOf(t, manifest(entry("i1", "Upper", m{"passkeys": []m{passkeyOf(t, p)}})))
	for _, name := range []string{"version", "exportedAt", "items", "passkeys", "rpId", "userHandle", "privateKey", "publicKey", "name", "id"} {
		text = strings.ReplaceAll(text, `"`+name+`":`, `"`+strings.ToUpper(name[:1])+name[1:]+`":`)
	}
	r := kit.MustRead(t, Format{}, kit.Zip(t, [2]string{manifestName, text}), "")
	kit.SignIn(t, kit.Only[*cxf.Passkey](t, kit.Item(t, r, "Upper")), public)
}

func TestBrokenEntriesSpoilNothingElse(t *testing.T) {
	p, _ := kit.NewPasskey(t, "alias.example", "ada", "ES256", 16)
	other, _ := kit.NewPasskey(t, "alias.example", "ada", "ES256", 16)
	otherPublic, _ := jwks(t, other)
	_, private := jwks(t, p)
	without := m{}
	for k, v := range private {
		if k != "d" {
			without[k] = v
		}
	}
	var items []any
	var want []string
	for _, c := range []struct {
		name   string
		change m
		says   string
	}{
		{"no key", m{"privateKey": ""}, "has no private key"},
		{"key is no JSON", m{"privateKey": "{"}, "has a private key that is no JSON Web Key"},
		{"key is public", m{"privateKey": jsonOf(t, without)}, "has a private key whose secret part is missing"},
		{"secret is no base64", m{"privateKey": `{"kty":"EC","crv":"P-256","d":"***"}`}, "has a private key whose secret part is missing"},
		{"secret is zero", m{"privateKey": `{"kty":"EC","crv":"P-256","d":"` + strings.Repeat("A", 43) + `"}`}, "has an impossible private key"},
		{"secret is short", m{"privateKey": `{"kty":"OKP","crv":"Ed25519","d":"AAAA"}`}, "has a private key of impossible length"},
		{"unknown curve", m{"privateKey": `{"kty":"EC","crv":"P-1","d":"AAAA"}`}, "has a kind of key that is not known"},
		{"other public key", m{"publicKey": jsonOf(t, otherPublic)}, "has a private key that does not belong to its public key"},
		{"public key is no JSON", m{"publicKey": "x"}, "has a public key that is no JSON Web Key"},
		{"no id", m{"id": ""}, "has an id that is no GUID, and so no credential ID"},
		{"id is no GUID", m{"id": "abc"}, "has an id that is no GUID, and so no credential ID"},
		{"credential ID is no base64", m{"credentialId": "***"}, "has a credential ID that is no base64"},
		{"user handle is no base64", m{"userHandle": "***"}, "has a user handle that is no base64"},
		{"no relying party", m{"rpId": nil}, "names no relying party"},
		{"passkey of lists", m{"rpId": []int{1}}, "has something unexpected at rpId"},
	} {
		broken := passkeyOf(t, p)
		for k, v := range c.change {
			broken[k] = v
		}
		items = append(items, entry("", c.name, m{"passkeys": []m{broken}, "fieldValues": []m{val("login.password", "kept")}}))
		want = append(want, c.name+" → passkey 1: "+c.says)
	}
	items = append(items, 7, nil, entry("", "values are text", m{"fieldValues": "x"}))
	want = append(want, "entry 16: is not of the expected form, so the entry was left out", "entry 17: is not of the expected form, so the entry was left out",
		"values are text: has something unexpected at fieldValues, so the entry was left out")
	r := kit.MustRead(t, Format{}, kit.Zip(t, [2]string{manifestName, jsonOf(t, manifest(items...))}), "")
	kit.Reports(t, r.Report, want...)
	for _, it := range r.Header.Accounts[0].Items {
		if kit.Only[*cxf.BasicAuth](t, &it).Password.Text() != "kept" {
			t.Errorf("%s: the password is lost", it.Title)
		}
	}
}

func TestRefused(t *testing.T) {
	with := func(name string, v any) string {
		doc := manifest()
		doc[name] = v
		return jsonOf(t, doc)
	}
	for _, c := range []struct {
		name, manifest, says string
		want                 error
	}{
		{"newer", with("version", "2.0.0"), "the file is of AliasVault version 2.0.0, newer than Keyferry knows; update Keyferry, or export in an older format", nil},
		{"older", with("version", "0.9"), "the file is of AliasVault version 0.9, older than Keyferry reads; update the program it comes from and export again", nil},
		{"items are a number", with("items", 7), "JSON: the file is damaged; export it again: the document is not put together as it should be", formats.ErrDamaged},
		{"circle of folders", with("folders", []m{{"id": "a", "parentFolderId": "b"}, {"id": "b", "parentFolderId": "a"}}), "folders: the file is damaged; export it again: they nest in a circle, or too deeply", formats.ErrDamaged},
		{"twice", strings.Replace(jsonOf(t, manifest()), `"logos":[]`, `"items":[]`, 1), "JSON: the file is damaged; export it again: a member stands there twice", formats.ErrDamaged},
		{"cut short", strings.TrimSuffix(jsonOf(t, manifest()), `"}`), "JSON: the file is damaged; export it again: it ends in the middle; it may have been cut short", formats.ErrDamaged},
	} {
		_, err := kit.Read(t, Format{}, kit.Zip(t, [2]string{manifestName, c.manifest}), "")
		if err == nil || err.Error() != c.says || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := (Format{}).Read(t.Context(), kit.Input(kit.Zip(t, [2]string{"a", "b"}), "")); !errors.Is(err, formats.ErrNotThis) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	p, _ := kit.NewPasskey(f, "alias.example", "ada", "ES256", 16)
	f.Add(jsonOf(f, manifest(entry("i1", "One", m{"passkeys": []m{passkeyOf(f, p)}, "folderId": "f2", "fieldValues": []m{val("login.url", "x")}}))))
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := (Format{}).Read(t.Context(), kit.Input(kit.Zip(t, [2]string{manifestName, text}), "")); err == nil {
			kit.Consistent(t, r)
		}
	})
}

func BenchmarkRead10000(b *testing.B) {
	p, _ := kit.NewPasskey(b, "alias.example", "ada", "ES256", 16)
	one := entry("", "One", m{"passkeys": []m{passkeyOf(b, p)}, "fieldValues": []m{val("login.username", "ada"), val("login.password", "pw"), val("login.url", "https://a.example")}})
	items := make([]any, 10_000)
	for i := range items {
		items[i] = one
	}
	kit.BenchmarkRead(b, Format{}, kit.Zip(b, [2]string{manifestName, jsonOf(b, manifest(items...))}), "", 10_000)
}
