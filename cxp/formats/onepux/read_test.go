package onepux

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// archive makes a zip of names and contents, in turn.
func archive(t testing.TB, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: parts[i]}) // stored: fuzzing wants the same steps each time
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// data is export.data with one vault of these items.
func data(items ...string) string {
	return `{"accounts":[{"attrs":{"accountName":"Ann's","name":"Ann Example","email":"ann@example.com","uuid":"A"},"vaults":[{"attrs":` +
		`{"uuid":"V","desc":"","name":"Personal","type":"P"},"items":[` + strings.Join(items, ",") + `]}]}]}`
}

// item is an item of a category with details.
func item(title, category, details string) string {
	return fmt.Sprintf(`{"uuid":"u-%s","favIndex":0,"createdAt":1600000000,"updatedAt":1600000001,"state":"active","categoryUuid":%q,"overview":{"title":%q},"details":%s}`,
		title, category, title, details)
}

// fields is a section of fields, each with an id, a title and a value.
func fields(section string, list ...[3]string) string {
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf(`{"title":%q,"id":%q,"value":%s,"guarded":false}`, f[1], f[0], f[2]))
	}
	return fmt.Sprintf(`{"sections":[{"title":%q,"name":"s","fields":[%s]}]}`, section, strings.Join(out, ","))
}

const attrs = `{"version":3,"description":"1Password Unencrypted Export","createdAt":1600000000}`

func show(it *cxf.Item) string {
	out := it.Title
	for _, c := range it.Credentials {
		out += " | " + string(c.CredentialType())
		if x, ok := c.(*cxf.TOTP); ok {
			out += " " + x.Secret
		}
		fields, _ := formats.Flatten(c)
		for _, f := range fields {
			out += " " + f.Label + "=" + f.Value + map[bool]string{true: "(hidden)"}[f.Type == cxf.FieldConcealedString]
		}
	}
	return out
}

// TestRead reads an archive with an item of each kind.
func TestRead(t *testing.T) {
	login := `{"uuid":"u-login","favIndex":1,"createdAt":1600000000,"updatedAt":1600000001,"state":"archived","categoryUuid":"001",` +
		`"overview":{"subtitle":"ann","urls":[{"label":"","url":"https://example.com"},{"label":"","url":"b.example.com"}],"title":"Login","url":"https://example.com","tags":["work"]},` +
		`"details":{"loginFields":[{"value":"ann","designation":"username","fieldType":"T"},{"value":"pw","designation":"password","fieldType":"P"},` +
		`{"value":"77","name":"pin","fieldType":"P"},{"value":"on","name":"submit","fieldType":"B"},{"value":"some\\nlines","name":"area","fieldType":"A"},` +
		`{"value":{"email_address":"alias@example.com"},"name":"alias","fieldType":"E"}],"notesPlain":"note","sections":[{"title":"More","fields":[` +
		`{"title":"code","id":"TOTP_1","value":{"totp":"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"}},{"title":"mail","id":"m","value":{"email":{"email_address":"a@example.com","provider":null}}},` +
		`{"title":"born","id":"b","value":{"date":-86400}},{"title":"answer","id":"a","value":{"concealed":"42"}}]}],"passwordHistory":[{"value":"old","time":1}]}}`
	raw := archive(t, attributesName, attrs, dataName, data(login,
		item("Card", "002", fields("", [3]string{"cardholder", "holder", `{"string":"Ann"}`}, [3]string{"ccnum", "number", `{"creditCardNumber":"4111"}`},
			[3]string{"cvv", "cvv", `{"concealed":"123"}`}, [3]string{"expiry", "expiry", `{"monthYear":203107}`}, [3]string{"bank", "bank", `{"string":"Bank"}`})),
		item("Me", "004", fields("Name", [3]string{"firstname", "first", `{"string":"Ann"}`}, [3]string{"lastname", "last", `{"string":"Example"}`},
			[3]string{"address", "address", `{"address":{"street":"Street 1","city":"Bern","zip":"3000","state":"BE","country":"ch"}}`})),
		item("Passport", "106", fields("", [3]string{"number", "number", `{"string":"P1"}`}, [3]string{"expiry_date", "expires", `{"date":1900000000}`})),
		item("Wifi", "109", fields("", [3]string{"network_name", "net", `{"string":"Home"}`}, [3]string{"wireless_password", "pw", `{"concealed":"secret"}`})),
		item("API", "112", fields("", [3]string{"credential", "key", `{"concealed":"k"}`}, [3]string{"hostname", "host", `{"string":"api.example.com"}`})),
		item("SSN", "108", fields("", [3]string{"name", "name", `{"string":"Ann"}`}, [3]string{"number", "number", `{"concealed":"078"}`})),
		item("Document", "006", `{"documentAttributes":{"fileName":"a.txt","documentId":"d1","decryptedSize":5}}`),
		item("Password", "005", `{"password":"generated"}`),
		item("Note", "003", `{"notesPlain":"just text"}`),
	), "files/d1__a.txt", "hello")
	r := formatstest.MustRead(t, Format{}, raw, "")
	want := []string{
		"Login | basic-auth User name=ann Password=pw(hidden) | custom-fields pin=77(hidden) area=some\\nlines alias=alias@example.com | totp JBSWY3DPEHPK3PXP | note Note=note | custom-fields mail=a@example.com born=1969-12-31 answer=42(hidden)",
		"Card | credit-card Card number=4111(hidden) Cardholder=Ann Verification number=123(hidden) Expiry date=2031-07 | custom-fields bank=Bank",
		"Me | address Street address=Street 1 Postal code=3000 City=Bern Territory=BE Country=CH | person-name First name=Ann Last name=Example",
		"Passport | passport Passport number=P1 Expiry date=2030-03-17",
		"Wifi | wifi Network name=Home Network password=secret(hidden)",
		"API | api-key API key=k(hidden) URL=api.example.com",
		"SSN | identity-document Identification number=078(hidden) Full name=Ann",
		"Document | file",
		"Password | basic-auth Password=generated(hidden)",
		"Note | note Note=just text",
	}
	var got []string
	for i := range r.Header.Accounts[0].Items {
		got = append(got, show(&r.Header.Accounts[0].Items[i]))
	}
	if !slices.Equal(got, want) {
		t.Errorf("read\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	formatstest.Reports(t, r.Report,
		`Login: was archived; it was taken with the tag "Archived"`, "Login: has 1 earlier passwords, which were not taken")
	if got := string(formatstest.File(t, r, "a.txt")); got != "hello" {
		t.Errorf("the file says %q", got)
	}
	account := r.Header.Accounts[0]
	if account.Username != "Ann's" || account.Email != "ann@example.com" || account.FullName != "Ann Example" {
		t.Errorf("account %+v", account)
	}
	if len(account.Collections) != 1 || account.Collections[0].Title != "Personal" || len(account.Collections[0].Items) != len(want) {
		t.Errorf("collections %+v", account.Collections)
	}
	it := account.Items[0]
	if !it.Favorite || it.CreationAt != 1600000000 || !slices.Equal(it.Scope.URLs, []string{"https://example.com", "https://b.example.com"}) ||
		!slices.Equal(it.Tags, []string{"work", "Archived"}) {
		t.Errorf("item %+v", it)
	}
	if !r.Plaintext || !strings.Contains(r.NoPasskeys, "never hold passkeys") {
		t.Errorf("plaintext %v, %q", r.Plaintext, r.NoPasskeys)
	}
}

// TestBroken reads archives with something wrong in one place: exactly the rest is read, and exactly this is said.
func TestBroken(t *testing.T) {
	good := item("Good", "003", `{"notesPlain":"x"}`)
	for _, c := range []struct {
		name, item string
		items      int
		report     []string
	}{
		{"not an object", `7`, 1, []string{"entry 1: is not of the expected form"}},
		{"details are text", item("A", "001", `"oops"`), 1, []string{"A: has something unexpected at details"}},
		{"fields are text", item("A", "001", `{"sections":[{"title":"","fields":"oops"}]}`), 1, []string{"A: has something unexpected at details/sections/0/fields"}},
		{"a field without value", item("A", "001", `{"sections":[{"fields":[{"title":"f","id":"f"}]}]}`), 2,
			[]string{"A → field f: is not of the expected form and was left out"}},
		{"a field of text", item("A", "001", fields("", [3]string{"f", "f", `"x"`})), 2,
			[]string{"A → field f: is not of the expected form and was left out"}},
		{"a new kind of field", item("A", "001", fields("", [3]string{"f", "f", `{"hologram":{"x":1}}`})), 2,
			[]string{"A → field f: is of a kind that is not known; it was kept as text"}},
		{"a broken address", item("A", "001", fields("", [3]string{"f", "f", `{"address":"Street"}`})), 2,
			[]string{"A → field f: is not of the expected form and was left out"}},
		{"a broken code", item("A", "001", fields("", [3]string{"f", "f", `{"totp":"otpauth://hotp/x"}`})), 2,
			[]string{"A → totp 1: this is no time-based one-time password: it counts, or is of another kind; it was kept as a hidden field"}},
		{"a broken SSH key", item("A", "114", fields("", [3]string{"k", "k", `{"sshKey":{"privateKey":"oops"}}`})), 2,
			[]string{"A → ssh-key 1: is no SSH key that can be read; it was kept as a hidden field"}},
		{"a missing file", item("A", "006", `{"documentAttributes":{"fileName":"a.txt","documentId":"none"}}`), 2,
			[]string{"A → file a.txt: was left out: no such attached file"}},
		{"a link", item("A", "001", fields("", [3]string{"f", "f", `{"reference":"uuid"}`})), 2,
			[]string{"A → field f: is a link to another item, which was not taken"}},
		{"deleted", strings.Replace(item("A", "003", `{}`), "active", "deleted", 1), 1, []string{"A: was deleted and was not taken"}},
		{"no address", strings.Replace(item("A", "003", `{}`), `"overview":{`, `"overview":{"url":"who knows",`, 1), 2,
			[]string{"A → address: is no address that is known; it was kept as a field"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := formatstest.MustRead(t, Format{}, archive(t, attributesName, attrs, dataName, data(c.item, good)), "")
			if n := len(r.Header.Accounts[0].Items); n != c.items {
				t.Errorf("%d items", n)
			}
			formatstest.Reports(t, r.Report, c.report...)
		})
	}
}

// TestRefused are files of which nothing may be used.
func TestRefused(t *testing.T) {
	whole := archive(t, attributesName, attrs, dataName, data())
	newer := &formats.VersionError{}
	for _, c := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"another archive", archive(t, "a.txt", "x"), formats.ErrNotThis, "an archive without export.data: the file is of another kind"},
		{"other JSON", []byte(`{"items":[]}`), formats.ErrNotThis, "neither an archive nor export.data: the file is of another kind"},
		{"cut short", whole[:len(whole)-30], formats.ErrDamaged, "zip: the file is damaged; export it again: it has no end; it may have been cut short"},
		{"half a document", archive(t, attributesName, attrs, dataName, data()[:60]), formats.ErrDamaged, "JSON: the file is damaged; export it again: it ends in the middle; it may have been cut short"},
		{"accounts are text", archive(t, attributesName, attrs, dataName, `{"accounts":"x"}`), formats.ErrDamaged, "JSON: the file is damaged; export it again: is not of the expected form"},
		{"something behind", archive(t, attributesName, attrs, dataName, data()+"x"), formats.ErrDamaged, "JSON: the file is damaged; export it again: it is no JSON from byte 190 on"},
		{"attributes are none", archive(t, attributesName, "x", dataName, data()), formats.ErrDamaged, "export.attributes: the file is damaged; export it again: it is no JSON"},
		{"a version to come", archive(t, attributesName, `{"version":9}`, dataName, data()), newer, "the file is of 1PUX version 9, newer than Keyferry knows; update Keyferry, or export in an older format"},
	} {
		_, err := Format{}.Read(t.Context(), formatstest.Input(c.data, ""))
		if c.want == newer && errors.As(err, &newer) && newer.Newer && err.Error() == c.says {
			continue
		}
		if !errors.Is(err, c.want) || err.Error() != c.says {
			t.Errorf("%s: %v, want %v", c.name, err, c.says)
		}
	}
}

// TestBomb is an archive of a few hundred kilobytes that unpacks to more than is read.
func TestBomb(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(dataName)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, formatstest.Spaces(formats.MaxDocument+1)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := (Format{}).Read(t.Context(), formatstest.Input(out.Bytes(), "")); !errors.Is(err, formats.ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

// TestSample reads the published sample where it is: export.data without its archive, so that its file is missing.
func TestSample(t *testing.T) {
	raw := formatstest.Sample(t, "managers/1password-1pux-export.data.json")
	r := formatstest.MustRead(t, Format{}, raw, "")
	if n := len(r.Header.Accounts[0].Items); n != 6 {
		t.Errorf("%d items", n)
	}
	formatstest.Reports(t, r.Report, "Example Login: has 1 earlier passwords, which were not taken",
		"Sample Document → file sample-document.pdf: was left out: no such attached file")
	if c := formatstest.Only[*cxf.CreditCard](t, formatstest.Item(t, r, "My Visa Card")); c.ExpiryDate.Text() != "2025-12" {
		t.Errorf("card %+v", c)
	}
}

// FuzzRead reads anything as export.data, alone and in an archive: it never panics, and what it returns is consistent.
func FuzzRead(f *testing.F) {
	f.Add([]byte(data(item("A", "001", fields("s", [3]string{"totp", "t", `{"totp":"x"}`})))))
	f.Add([]byte(data(item("A", "002", fields("s", [3]string{"expiry", "t", `{"monthYear":203107}`})), `7`)))
	f.Add([]byte(data(item("A", "006", `{"documentAttributes":{"fileName":"a","documentId":"d"}}`))))
	f.Add([]byte(`{"accounts":[{"vaults":[{"items":null}]},null,3]}`))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, data := range [][]byte{raw, archive(t, dataName, string(raw), "files/d__a", "x")} {
			if r, err := (Format{}).Read(t.Context(), formatstest.Input(data, "")); err == nil {
				formatstest.Consistent(t, r)
			}
		}
	})
}

// BenchmarkRead reads 10,000 logins.
func BenchmarkRead(b *testing.B) {
	const n = 10_000
	items := make([]string, n)
	for i := range items {
		items[i] = item(fmt.Sprint("Site ", i), "001", fmt.Sprintf(`{"loginFields":[{"value":"user%d","designation":"username","fieldType":"T"},{"value":"password %d","designation":"password","fieldType":"P"}],"notesPlain":"note"}`, i, i))
	}
	raw := archive(b, attributesName, attrs, dataName, data(items...))
	for b.Loop() {
		if _, err := (Format{}).Read(b.Context(), formatstest.Input(raw, "")); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
