package bitwarden

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

func TestLossesAreAnnounced(t *testing.T) {
	first, public := kit.NewPasskey(t, "two.example", "ada", "ES256", 16)
	second, public2 := kit.NewPasskey(t, "two.example", "bob", "ES256", 64)
	third, _ := kit.NewPasskey(t, "ed.example", "ada", "EdDSA", 16)
	fourth, _ := kit.NewPasskey(t, "rsa.example", "ada", "RS256", 16)
	counted, public5 := kit.NewPasskey(t, "count.example", "ada", "ES256", 32)
	counted.SignCount = 7
	blob := &cxf.Fido2Extensions{CredBlob: []byte{1}}
	fifth, _ := kit.NewPasskey(t, "blob.example", "ada", "ES256", 16)
	fifth.Fido2Extensions = blob
	items := append(kit.Person(),
		kit.NewItem("two.example", kit.PRF(first), second, formats.Login("ada", "one"), formats.Login("eve", "two")),
		kit.NewItem("ed.example", third), kit.NewItem("rsa.example", fourth, formats.Login("ada", "kept")),
		kit.NewItem("count.example", counted), kit.NewItem("blob.example", fifth),
		kit.NewItem("api.example", &cxf.APIKey{Key: formats.ConcealedField("k")}),
		kit.NewItem("odd.example", &cxf.Unknown{Type: "new", Raw: []byte(`{"type":"new"}`)}),
	)
	shared := kit.NewItem("shared.example", formats.Login("u", "p"))
	shared.SharedWithMe = true
	items = append(items, shared)
	doc := kit.NewDocument(items, map[string][]int{"A": {5}})
	doc.Header.Accounts[0].Collections = append(doc.Header.Accounts[0].Collections, cxf.Collection{ID: cxf.NewID(), Title: "B", Items: []cxf.LinkedItem{{Item: items[5].ID}}})
	doc.Header.Accounts[0].Items = append(doc.Header.Accounts[0].Items, kit.NewItem("file.example", kit.Attach(doc, "a.txt", []byte("a"))))

	data, written := kit.Written(t, Format{}, doc, formats.WriteOptions{Passphrase: []byte(password), KDF: quick()})
	var losses []string
	for _, l := range written.Losses {
		losses = append(losses, fmt.Sprintf("%s %s", l.Severity, l))
	}
	if want := []string{
		"problem Bitwarden keeps passkeys with P-256 keys only: 2 items affected",
		"problem Bitwarden has no place for it: 1 item affected",
		"problem Bitwarden gets nothing that belongs to somebody else: 1 item affected",
		"problem Bitwarden's encrypted file holds no attached files: 1 item affected",
		"warning Bitwarden keeps no PRF secrets: 1 item affected",
		"warning " + lossID + ": 2 items affected",
		"warning " + lossCounter + ": 1 item affected",
		"warning Bitwarden keeps no data that sites stored with a passkey: 1 item affected",
		"notice Bitwarden has no type for it, so it becomes fields: 3 items affected",
		"notice Bitwarden keeps an item in one folder: 1 item affected",
		"notice Bitwarden keeps one passkey, one password and one of everything else per item: 1 item affected",
	}; !slices.Equal(losses, want) {
		t.Errorf("announced\n%q", losses)
	}
	r := kit.MustRead(t, Format{}, data, password)
	kit.Reports(t, r.Report, "count.example → passkey 1: has a signature counter (7), which is kept but no longer counts up")
	one, two := kit.Item(t, r, "two.example"), kit.Item(t, r, "two.example (2)")
	kit.SignIn(t, kit.Only[*cxf.Passkey](t, one), public)
	kit.SignIn(t, kit.Only[*cxf.Passkey](t, two), public2)
	if a := kit.Only[*cxf.BasicAuth](t, one); a.Username.Text() != "ada" || a.Password.Text() != "one" {
		t.Errorf("the first login is %q", a.Username.Text())
	}
	if a := kit.Only[*cxf.BasicAuth](t, kit.Item(t, r, "two.example (3)")); a.Username.Text() != "eve" || a.Password.Text() != "two" {
		t.Errorf("the last login is %q", a.Username.Text())
	}
	kit.SignIn(t, kit.Only[*cxf.Passkey](t, kit.Item(t, r, "count.example")), public5)
	if kit.Only[*cxf.BasicAuth](t, kit.Item(t, r, "rsa.example")).Password.Text() != "kept" {
		t.Error("a password was lost with the passkey")
	}
	person := kit.Item(t, r, "person.example")
	if kit.Only[*cxf.Passport](t, person).PassportNumber.Text() != "P123" || kit.Only[*cxf.Address](t, person).City.Text() != "London" {
		t.Errorf("person %+v", person)
	}
	if c := kit.Only[*cxf.CreditCard](t, kit.Item(t, r, "card.example")); c.ExpiryDate.Text() != "2031-04" || c.Number.Text() != "4111111111111111" {
		t.Errorf("card %+v", c)
	}
	for _, it := range r.Header.Accounts[0].Items {
		for _, gone := range []string{"ed.example", "odd.example", "shared.example", "file.example"} {
			if it.Title == gone {
				t.Errorf("%s was written: %+v", gone, it)
			}
		}
	}
}

// Reading, writing and reading again loses nothing that is not announced.
func TestRoundTripOfEverything(t *testing.T) {
	before := kit.MustRead(t, Format{}, kit.Testdata(t, "everything.json"), "")
	data, written := kit.Written(t, Format{}, &formats.Document{Header: before.Header}, formats.WriteOptions{Passphrase: []byte(password), KDF: quick()})
	if got := fmt.Sprint(written.Losses); got != "[Bitwarden keeps passkeys with P-256 keys only: 1 item affected "+lossCounter+": 1 item affected "+lossID+": 1 item affected]" {
		t.Errorf("lost %s", got)
	}
	after := kit.MustRead(t, Format{}, data, password)
	for _, was := range before.Header.Accounts[0].Items {
		if was.Title == "" || was.Title == "Ed25519 that says ECDSA" {
			continue
		}
		is := kit.Item(t, after, was.Title)
		if is.ID != was.ID || is.CreationAt != was.CreationAt || is.ModifiedAt != was.ModifiedAt || is.Favorite != was.Favorite {
			t.Errorf("%s: %+v is %+v", was.Title, was, is)
		}
		for _, c := range was.Credentials {
			if p, ok := c.(*cxf.Passkey); ok && !kit.Only[*cxf.Passkey](t, is).SameCeremony(p) {
				t.Errorf("%s: the passkey changed", was.Title)
			}
		}
	}
	if steam := kit.Only[*cxf.Unknown](t, kit.Item(t, after, "Steam")); steam.Type != cxf.TypeTOTP {
		t.Errorf("steam %+v", steam)
	}
}

func TestRefusedToWrite(t *testing.T) {
	doc := kit.NewDocument(nil, nil)
	if _, err := (Format{}).Write(t.Context(), new(bytes.Buffer), doc, formats.WriteOptions{}); !errors.Is(err, formats.ErrNoPassphrase) {
		t.Error(err)
	}
	for _, k := range []formats.KDF{{Memory: 1024, Time: 3, Threads: 4}, {Memory: 2 << 20, Time: 3, Threads: 4}, {Memory: 16<<10 + 1, Time: 3, Threads: 4}, {Memory: 16 << 10, Time: 1, Threads: 4}, {Memory: 16 << 10, Time: 3, Threads: 17}} {
		if _, err := (Format{}).Write(t.Context(), new(bytes.Buffer), doc, formats.WriteOptions{Passphrase: []byte("x"), KDF: k}); !errors.Is(err, formats.ErrKDF) {
			t.Errorf("%+v: %v", k, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"everything.json", "broken.json", "organization.json", "account-restricted.json"} {
		f.Add(kit.Testdata(f, name))
	}
	f.Add(kit.JSON(f, protect(f, `{"encrypted":false,"items":[]}`, &kdf{iterations: 10, salt: "s"}, "p")))
	f.Add(kit.Zip(f, [2]string{"data.json", `{"encrypted":false,"items":[]}`}, [2]string{"attachments/a/b", "c"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := readEnvelope(bytes.NewReader(data), int64(len(data))); err == nil && (e.Memory > 0 || e.Iterations > 1000) {
			return // what the file asks for is granted within bounds (CheckArgon2), and would take the fuzzer's time
		}
		r, err := (Format{}).Read(t.Context(), kit.Input(data, "p"))
		if err == nil {
			kit.Consistent(t, r)
		}
	})
}

func BenchmarkRead10000(b *testing.B) {
	data, _ := kit.Written(b, Format{}, kit.Many(b, 10_000), formats.WriteOptions{Passphrase: []byte("p"), KDF: quick()})
	kit.BenchmarkRead(b, Format{}, data, "p", 10_000)
}

func BenchmarkWrite10000(b *testing.B) {
	kit.BenchmarkWrite(b, Format{}, kit.Many(b, 10_000), formats.WriteOptions{Passphrase: []byte("p"), KDF: quick()}, 10_000)
}
