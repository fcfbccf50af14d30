package formatstest

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// NewKey makes a private key for a passkey: "ES256", "ES384", "EdDSA" or "RS256".
func NewKey(t testing.TB, algorithm string) crypto.Signer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch algorithm {
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "EdDSA":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "RS256":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		t.Fatalf("no algorithm %q", algorithm)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// NewPasskey makes a passkey at rp, with the public key that the relying party has.
func NewPasskey(t testing.TB, rp, user, algorithm string, idSize int) (*cxf.Passkey, crypto.PublicKey) {
	t.Helper()
	key := NewKey(t, algorithm)
	der, err := cxf.MarshalPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	id := sha256.Sum256([]byte(rp + user))
	return &cxf.Passkey{
		CredentialID: bytes.Repeat(id[:], idSize/32+1)[:idSize], RPID: rp, Username: user, UserDisplayName: "Display " + user,
		UserHandle: id[8:24], Key: der,
	}, key.Public()
}

// PRF gives a passkey PRF secrets that differ.
func PRF(p *cxf.Passkey) *cxf.Passkey {
	with, without := sha256.Sum256([]byte("with"+p.RPID)), sha256.Sum256([]byte("without"+p.RPID))
	p.Fido2Extensions = &cxf.Fido2Extensions{HMACCredentials: &cxf.Fido2HMACCredentials{
		Algorithm: cxf.HMACSHA256, CredWithUV: with[:], CredWithoutUV: without[:],
	}}
	return p
}

// NewItem makes an item for a site.
func NewItem(title string, credentials ...cxf.Credential) cxf.Item {
	return cxf.Item{
		ID: cxf.NewID(), Title: title, CreationAt: 1_700_000_000, ModifiedAt: 1_700_000_500,
		Scope: &cxf.CredentialScope{URLs: []string{"https://" + title + "/login"}}, Credentials: credentials,
	}
}

// NewDocument makes a document of one account; folders maps a title to the indexes of items.
func NewDocument(items []cxf.Item, folders map[string][]int) *formats.Document {
	a := cxf.Account{ID: cxf.NewID(), Items: items}
	for title, members := range folders {
		c := cxf.Collection{ID: cxf.NewID(), Title: title}
		for _, i := range members {
			c.Items = append(c.Items, cxf.LinkedItem{Item: items[i].ID})
		}
		a.Collections = append(a.Collections, c)
	}
	return &formats.Document{Header: &cxf.Header{Version: cxf.Version{Major: 1}, ExporterRPID: "keyferry.app", Accounts: []cxf.Account{a}}}
}

// Attach makes a file credential and a source that has it.
func Attach(d *formats.Document, name string, content []byte) *cxf.File {
	sum := sha256.Sum256(content)
	f := &cxf.File{ID: cxf.NewID(), Name: name, DecryptedSize: uint64(len(content)), IntegrityHash: sum[:]}
	before := d.Files
	d.Files = func(ctx context.Context, want cxf.File) (io.ReadCloser, error) {
		if want.ID == f.ID {
			return io.NopCloser(bytes.NewReader(content)), nil
		}
		if before == nil {
			return nil, formats.ErrNoFile
		}
		return before(ctx, want)
	}
	return f
}

// Person is one of everything that describes a person, a card, a network and so on, each in an item of its own.
func Person() []cxf.Item {
	text := formats.TextField
	return []cxf.Item{
		NewItem("person.example", &cxf.PersonName{Given: text("Ada"), Surname: text("Lovelace"), Generation: text("II")},
			&cxf.Address{StreetAddress: text("12 St James's Square"), City: text("London"), PostalCode: text("SW1Y"), Country: text("GB"), Tel: text("+44 20")},
			&cxf.Passport{PassportNumber: text("P123")}, &cxf.DriversLicense{LicenseNumber: text("L123")},
			&cxf.IdentityDocument{IdentificationNumber: text("I123")}),
		NewItem("card.example", &cxf.CreditCard{
			Number: formats.ConcealedField("4111111111111111"), FullName: text("Ada Lovelace"), VerificationNumber: formats.ConcealedField("123"),
			PIN: formats.ConcealedField("9876"), ExpiryDate: cxf.Field(cxf.FieldYearMonth, "2031-04"),
		}),
		NewItem("wifi.example", &cxf.WIFI{
			SSID: text("ferry"), Passphrase: formats.ConcealedField("over the river"),
			NetworkSecurityType: cxf.Field(cxf.FieldWIFINetworkSecurityType, "wpa2-personal"),
		}),
		NewItem("note.example", &cxf.Note{Content: text("a note\nof two lines")}),
		NewItem("fields.example", &cxf.CustomFields{Label: "Section", Fields: []cxf.EditableField{
			{Type: cxf.FieldString, Label: "Open", Value: "one"}, {Type: cxf.FieldConcealedString, Label: "Hidden", Value: "two"},
		}}),
	}
}

// Many makes a document of n logins with a passkey each; keys are few, since making them takes longer than anything measured.
func Many(t testing.TB, n int) *formats.Document {
	t.Helper()
	var keys [8]*cxf.Passkey
	for i := range keys {
		keys[i], _ = NewPasskey(t, "bench.example", "user", "ES256", 16)
	}
	items := make([]cxf.Item, n)
	for i := range items {
		p := *keys[i%len(keys)]
		id := sha256.Sum256(fmt.Append(nil, i))
		p.RPID, p.CredentialID, p.Username = fmt.Sprintf("site%d.example", i), id[:16], fmt.Sprintf("user%d", i)
		items[i] = NewItem(p.RPID, &p, formats.Login(p.Username, fmt.Sprintf("password %d", i)))
	}
	return NewDocument(items, nil)
}

// Written writes a document and gives the file.
func Written(t testing.TB, w formats.Writer, d *formats.Document, o formats.WriteOptions) ([]byte, *formats.Written) {
	t.Helper()
	losses, err := w.Losses(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	written, err := w.Write(t.Context(), &out, d, o)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(losses) != fmt.Sprint(written.Losses) {
		t.Errorf("announced %v, lost %v", losses, written.Losses)
	}
	return out.Bytes(), written
}

// Zip makes an archive of names and contents, in this order.
func Zip(t testing.TB, entries ...[2]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		f, err := w.Create(e[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
