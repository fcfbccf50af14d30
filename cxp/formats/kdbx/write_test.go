package kdbx

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// cheap are the least costs, for tests that are not about them.
var cheap = formats.KDF{Memory: 64, Time: 1, Threads: 1}

func newKey(t testing.TB, kind string) []byte {
	t.Helper()
	var key any
	var err error
	switch kind {
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "EdDSA":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "RS256":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	der, err := cxf.MarshalPrivateKey(signer(key))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func newPasskey(t testing.TB, kind string) *cxf.Passkey {
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &cxf.Passkey{
		CredentialID: id, RPID: "example.com", Username: "ann", UserDisplayName: "ann",
		UserHandle: []byte("user-" + kind), Key: newKey(t, kind),
	}
}

func fileOf(name string, content []byte) *cxf.File {
	sum := sha256.Sum256(content)
	return &cxf.File{ID: cxf.NewID(), Name: name, DecryptedSize: uint64(len(content)), IntegrityHash: sum[:]}
}

// document is one account with the items in one folder, and files by their names.
func document(files map[string][]byte, items ...cxf.Item) *formats.Document {
	folder := cxf.Collection{ID: cxf.NewID(), Title: "Folder & <more>", CreationAt: 1_600_000_000, ModifiedAt: 1_600_000_001}
	for i := range items {
		if items[i].ID == "" {
			items[i].ID = cxf.NewID()
		}
		folder.Items = append(folder.Items, cxf.LinkedItem{Item: items[i].ID})
	}
	return &formats.Document{
		Header: &cxf.Header{Accounts: []cxf.Account{{ID: cxf.NewID(), Items: items, Collections: []cxf.Collection{folder}}}},
		Files: func(_ context.Context, f cxf.File) (io.ReadCloser, error) {
			content, ok := files[f.Name]
			if !ok {
				return nil, formats.ErrNoFile
			}
			return io.NopCloser(bytes.NewReader(content)), nil
		},
	}
}

func write(t testing.TB, d *formats.Document, password string) ([]byte, *formats.Written) {
	t.Helper()
	var out bytes.Buffer
	w, err := Format{}.Write(t.Context(), &out, d, formats.WriteOptions{Passphrase: []byte(password), KDF: cheap, Now: time.Unix(1_700_000_000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	losses, err := Format{}.Losses(t.Context(), d)
	if err != nil || !reflect.DeepEqual(losses, w.Losses) {
		t.Errorf("Losses said %v, %v; Write said %v", losses, err, w.Losses)
	}
	return out.Bytes(), w
}

// everything is an item with all that an entry can hold.
func everything(t testing.TB, photo []byte) cxf.Item {
	p := newPasskey(t, "ES256")
	p.Fido2Extensions = formats.OnePRF(bytes.Repeat([]byte{7}, 32))
	SetBackupFlags(p, true, false)
	return cxf.Item{
		ID: cxf.NewID(), Title: "Example ]]> & \"more\"", CreationAt: 1_500_000_000, ModifiedAt: 1_600_000_000, Favorite: true,
		Tags: []string{"one", "two words"},
		Scope: &cxf.CredentialScope{
			URLs: []string{"https://example.com/login?a=b&c=d", "https://a.example.com", "https://b.example.com"},
			AndroidApps: []cxf.AndroidAppID{{BundleID: "com.example.app", Certificate: &cxf.AndroidAppCertificateFingerprint{
				Fingerprint: bytes.Repeat([]byte{0xAB}, 32), HashAlg: "sha256",
			}}},
		},
		Credentials: []cxf.Credential{
			p,
			&cxf.BasicAuth{Username: cxf.Field(cxf.FieldString, "ann"), Password: cxf.Field(cxf.FieldConcealedString, "p\u00e4ss\nword <&>")},
			&cxf.TOTP{Secret: "JBSWY3DPEHPK3PXP", Period: 60, Digits: 8, Username: "ann", Algorithm: "sha256", Issuer: "Example"},
			&cxf.Note{Content: cxf.Field(cxf.FieldString, "line one\r\nline two")},
			&cxf.CustomFields{Fields: []cxf.EditableField{
				{Type: cxf.FieldString, Label: "Plain", Value: "value"},
				{Type: cxf.FieldConcealedString, Label: "Hidden", Value: "secret"},
				{Type: cxf.FieldConcealedString, Label: "KPEX_FUTURE_THING", Value: "kept"},
				{Type: cxf.FieldDate, Label: expiresLabel, Value: "2031-05-06"},
			}},
			fileOf("photo.jpg", photo),
		},
	}
}

// TestRoundTrip writes everything that fits and reads the same again.
func TestRoundTrip(t *testing.T) {
	photo := make([]byte, 3<<20)
	_, _ = rand.Read(photo)
	item := everything(t, photo)
	d := document(map[string][]byte{"photo.jpg": photo}, item)
	data, w := write(t, d, "pass phrase")
	if len(w.Losses) != 0 {
		t.Errorf("losses: %v", w.Losses)
	}
	r := read(t, data, "pass phrase")
	if got := r.Report.Strings(); len(got) != 0 {
		t.Errorf("report: %q", got)
	}
	if r.Variant != "KDBX 4, Argon2id" {
		t.Errorf("variant %q", r.Variant)
	}
	got := r.Header.Accounts[0]
	stored := got.Items[0].Credentials[len(got.Items[0].Credentials)-1].(*cxf.File)
	f, err := r.Files(t.Context(), *stored)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(f); err != nil || !bytes.Equal(content, photo) {
		t.Errorf("the file came back with %d bytes, %v", len(content), err)
	}
	stored.ID = item.Credentials[5].(*cxf.File).ID // ids of files are new each time
	// XML turns \r into a character reference and back, so that nothing is lost; only a field's absence of type is.
	if !reflect.DeepEqual(got.Items[0], item) {
		a, _ := cxf.MarshalItem(&item)
		b, _ := cxf.MarshalItem(&got.Items[0])
		t.Errorf("wrote\n%s\nread\n%s", a, b)
	}
	if want := d.Header.Accounts[0].Collections; !reflect.DeepEqual(got.Collections, want) {
		t.Errorf("wrote %+v\nread %+v", want, got.Collections)
	}
}

// TestSeveralOfAKind writes an item with two of everything: it becomes two entries, and nothing is lost.
func TestSeveralOfAKind(t *testing.T) {
	kinds := []string{"ES256", "EdDSA", "RS256"}
	var item cxf.Item
	item.Title = "Many"
	for _, kind := range kinds {
		item.Credentials = append(item.Credentials, newPasskey(t, kind))
	}
	item.Credentials = append(item.Credentials, formats.Login("a", "1"), formats.Login("b", "2"))
	d := document(nil, item)
	data, w := write(t, d, "x")
	if len(w.Losses) != 1 || w.Losses[0].String() != lossSplit.sentence+": 1 item affected" {
		t.Errorf("losses: %v", w.Losses)
	}
	r := read(t, data, "x")
	items := r.Header.Accounts[0].Items
	if len(items) != 3 {
		t.Fatalf("%d items", len(items))
	}
	for i, it := range items {
		p := it.Credentials[0].(*cxf.Passkey)
		if !p.SameCeremony(item.Credentials[i].(*cxf.Passkey)) {
			t.Errorf("passkey %d is another", i+1)
		}
	}
	for i, want := range []string{"1", "2"} {
		if login := items[i].Credentials[1].(*cxf.BasicAuth); login.Password.Text() != want {
			t.Errorf("password %d is %q", i+1, login.Password.Text())
		}
	}
}

// TestLosses lists what does not fit, before and after writing.
func TestLosses(t *testing.T) {
	odd := newPasskey(t, "ES384")
	odd.SignCount = 9
	odd.UserDisplayName = "Ann Example"
	odd.Fido2Extensions = &cxf.Fido2Extensions{CredBlob: []byte("blob"), HMACCredentials: &cxf.Fido2HMACCredentials{
		Algorithm: cxf.HMACSHA256, CredWithUV: bytes.Repeat([]byte{1}, 32), CredWithoutUV: bytes.Repeat([]byte{2}, 32),
	}}
	broken := newPasskey(t, "ES256")
	broken.Key = []byte("no key")
	items := []cxf.Item{
		{Title: "Odd", Subtitle: "sub", Tags: []string{"a;b"}, Credentials: []cxf.Credential{odd}},
		{Title: "Broken", Credentials: []cxf.Credential{broken, &cxf.Note{Content: formats.TextField("stays\x00")}}},
		{Title: "Card", Credentials: []cxf.Credential{&cxf.CreditCard{Number: formats.TextField("4111111111111111")}, fileOf("gone.txt", []byte("x"))}},
		{Title: "Reference", Credentials: []cxf.Credential{&cxf.ItemReference{Reference: cxf.LinkedItem{Item: "x"}}}},
		{Title: "Theirs", SharedWithMe: true, Credentials: []cxf.Credential{&cxf.Note{Content: formats.TextField("theirs")}}},
	}
	d := document(nil, items...)
	second := cxf.Collection{ID: cxf.NewID(), Title: "Second", Items: []cxf.LinkedItem{{Item: d.Header.Accounts[0].Items[0].ID}}}
	d.Header.Accounts[0].Collections = append(d.Header.Accounts[0].Collections, second)
	data, w := write(t, d, "x")
	var got []string
	for _, l := range w.Losses {
		got = append(got, l.String())
	}
	var want []string
	for _, l := range []struct {
		loss
		n string
	}{
		{lossKey, "1 item"}, {lossFile, "1 item"}, {lossNotOwned, "1 item"}, {lossAlgorithm, "1 item"}, {lossCounter, "1 item"},
		{lossBlob, "1 item"}, {lossPRF, "1 item"}, {lossUnknown, "1 item"}, {lossFolder, "1 item"},
		{lossSubtitle, "1 item"}, {lossText, "2 items"}, {lossType, "1 item"},
	} {
		want = append(want, l.sentence+": "+l.n+" affected")
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("losses:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	r := read(t, data, "x")
	if n := len(r.Header.Accounts[0].Items); n != 4 {
		t.Errorf("%d items", n)
	}
	p := r.Header.Accounts[0].Items[0].Credentials[0].(*cxf.Passkey)
	if !p.SameCeremony(odd) || p.UserDisplayName != odd.UserDisplayName {
		t.Error("the odd passkey is another")
	}
}

// TestWriteRefuses what would be no protection, or too much of it.
func TestWriteRefuses(t *testing.T) {
	d := document(nil)
	for _, c := range []struct {
		o    formats.WriteOptions
		want error
	}{
		{formats.WriteOptions{}, formats.ErrNoPassphrase},
		{formats.WriteOptions{Passphrase: []byte("x"), KDF: formats.KDF{Memory: 1 << 30, Time: 1, Threads: 1}}, formats.ErrKDF},
		{formats.WriteOptions{Passphrase: []byte("x"), KDF: formats.KDF{Memory: 1, Time: 1, Threads: 1}}, formats.ErrKDF},
	} {
		if _, err := (Format{}).Write(t.Context(), io.Discard, d, c.o); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := formats.WriteOptions{Passphrase: []byte("x"), KDF: cheap}
	if _, err := (Format{}).Write(ctx, io.Discard, d, o); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
}

// TestKeePassXCReadsOurs lets KeePassXC open what we write, show the passkey and export the file.
func TestKeePassXCReadsOurs(t *testing.T) {
	photo := make([]byte, 1<<20+17)
	_, _ = rand.Read(photo)
	item := everything(t, photo)
	item.Title = "Example"
	passkey := item.Credentials[0].(*cxf.Passkey)
	d := document(map[string][]byte{"photo.jpg": photo}, item)
	d.Header.Accounts[0].Collections[0].Title = "Folder"
	data, _ := write(t, d, "pass phrase")
	dir := t.TempDir()
	db := filepath.Join(dir, "ours.kdbx")
	if err := os.WriteFile(db, data, 0o600); err != nil {
		t.Fatal(err)
	}
	const path = "Folder/Example"
	for attribute, want := range map[string]string{
		"Title": "Example", "UserName": "ann", "Password": "p\u00e4ss\nword <&>", "URL": item.Scope.URLs[0],
		"KP2A_URL": item.Scope.URLs[1], "KP2A_URL_1": item.Scope.URLs[2], "Hidden": "secret", "KPEX_FUTURE_THING": "kept",
		attrUsername: "ann", attrRelyingParty: "example.com", attrEligible: "1", attrBackedUp: "0",
		attrID: b64(passkey.CredentialID), attrHandle: b64(passkey.UserHandle),
		attrKey: strings.TrimSpace(formats.EncodePEM(passkey.Key)), attrPRF: b64(bytes.Repeat([]byte{7}, 32)),
	} {
		got := cli(t, "pass phrase\n", "show", "-q", "-s", "-a", attribute, db, path)
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: KeePassXC shows %q, want %q", attribute, got, want)
		}
	}
	code := cli(t, "pass phrase\n", "show", "-q", "-t", db, path)
	now := time.Now().Unix() / 60
	if code = strings.TrimSpace(code); code != totp(t, "JBSWY3DPEHPK3PXP", now) && code != totp(t, "JBSWY3DPEHPK3PXP", now-1) {
		t.Errorf("KeePassXC shows the code %q", code)
	}
	out := filepath.Join(dir, "photo.jpg")
	cli(t, "pass phrase\n", "attachment-export", "-q", db, path, "photo.jpg", out)
	if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, photo) {
		t.Errorf("KeePassXC exports %d bytes, %v", len(got), err)
	}
	info := cli(t, "pass phrase\n", "db-info", "-q", db)
	if !strings.Contains(info, "Argon2id") || !strings.Contains(info, "ChaCha20") {
		t.Errorf("KeePassXC says:\n%s", info)
	}
	// And it writes it back; its own file gives the same item again.
	cli(t, "pass phrase\n", "edit", "-q", "-t", "Renamed", db, path)
	back, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, back, "pass phrase")
	it := r.Header.Accounts[0].Items[0]
	if it.ID != item.ID || it.Title != "Renamed" {
		t.Errorf("came back as %q, %q", it.ID, it.Title)
	}
	p, ok := it.Credentials[0].(*cxf.Passkey)
	if !ok || !p.SameCeremony(passkey) || !bytes.Equal(p.Key, passkey.Key) {
		t.Error("the passkey did not come back as it was")
	}
	if with, without, ok := p.PRF(); !ok || !bytes.Equal(with, without) || with[0] != 7 {
		t.Error("the PRF secret did not come back")
	}
	if be, bs, known := BackupFlags(p); !known || !be || bs {
		t.Errorf("flags %v %v %v", be, bs, known)
	}
}

// totp computes a code of eight digits with SHA-256 (RFC 6238).
func totp(t *testing.T, secret string, step int64) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha256.New, key)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%08d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%100_000_000)
}

// TestSeveralAccounts gives each account a group, and keeps what is in none and what is in folders within folders.
func TestSeveralAccounts(t *testing.T) {
	item := func(title string) cxf.Item {
		return cxf.Item{ID: cxf.NewID(), Title: title, Credentials: []cxf.Credential{&cxf.Note{Content: formats.TextField("n")}}}
	}
	a, b, c := item("In none"), item("Deep"), item("Other")
	d := &formats.Document{Header: &cxf.Header{Accounts: []cxf.Account{
		{ID: cxf.NewID(), Email: "ann@example.com", Items: []cxf.Item{a, b}, Collections: []cxf.Collection{{
			ID: cxf.NewID(), Title: "Outer", SubCollections: []cxf.Collection{{ID: cxf.NewID(), Title: "Inner", Items: []cxf.LinkedItem{{Item: b.ID}}}},
		}}},
		{ID: cxf.NewID(), Username: "bob", Items: []cxf.Item{c}},
	}}}
	data, w := write(t, d, "x")
	if len(w.Losses) > 0 || w.Report.Items != 3 || w.Report.Collections != 2 {
		t.Errorf("%+v", w)
	}
	account := read(t, data, "x").Header.Accounts[0]
	paths := formats.Paths(&account)
	for _, it := range account.Items {
		want := map[string]string{"In none": "ann@example.com", "Deep": "ann@example.com/Outer/Inner", "Other": "bob"}[it.Title]
		if got := strings.Join(paths[it.ID][0], "/"); got != want {
			t.Errorf("%s is in %s", it.Title, got)
		}
	}
}

// TestManyOfAName writes an item with very many fields, files, notes and passkeys of one name: it takes no quadratic time, and all
// come back.
func TestManyOfAName(t *testing.T) {
	const n = 20_000
	var item cxf.Item
	item.Title = "Many"
	fields := &cxf.CustomFields{}
	p := newPasskey(t, "ES256")
	files := map[string][]byte{"same": []byte("x")}
	for i := range n {
		fields.Fields = append(fields.Fields, cxf.EditableField{Type: cxf.FieldString, Label: keyPassword, Value: "v"})
		item.Tags = append(item.Tags, "tag"+fmt.Sprint(i))
		item.Credentials = append(item.Credentials, &cxf.Note{Content: formats.TextField("note")}, fileOf("same", files["same"]))
		if i%10 == 0 {
			q := *p
			item.Credentials = append(item.Credentials, &q)
		}
	}
	item.Credentials = append(item.Credentials, fields)
	data, _ := write(t, document(files, item), "x")
	r := read(t, data, "x")
	if got := len(formatstest.Passkeys(r)); got != n/10 {
		t.Errorf("%d passkeys", got)
	}
	it := &r.Header.Accounts[0].Items[0]
	labels := map[string]bool{}
	for _, f := range formatstest.Only[*cxf.CustomFields](t, it).Fields {
		labels[f.Label] = true
	}
	names := map[string]bool{}
	for _, f := range r.Report.Files {
		names[f.File.Name] = true
	}
	if len(labels) != n || len(names) != n || len(it.Tags) != n {
		t.Errorf("%d fields, %d files, %d tags", len(labels), len(names), len(it.Tags))
	}
	if note := formatstest.Only[*cxf.Note](t, it).Content.Text(); len(note) != n*len("note\n\n")-2 {
		t.Errorf("a note of %d bytes", len(note))
	}
}

// TestFieldsOfOtherMeaning are a person's fields called like those that programs know: they stay fields.
func TestFieldsOfOtherMeaning(t *testing.T) {
	list := &cxf.CustomFields{}
	for _, label := range []string{"otp", "KP2A_URL_3", "AndroidApp", "Title", "Plain"} {
		list.Fields = append(list.Fields, cxf.EditableField{Type: cxf.FieldString, Label: label, Value: "JBSWY3DPEHPK3PXP"})
	}
	totp := &cxf.TOTP{Secret: "JBSWY3DPEHPK3PXQ", Period: 30, Digits: 6, Algorithm: "sha1"}
	data, w := write(t, document(nil, cxf.Item{Title: "A", Credentials: []cxf.Credential{list, totp}}), "x")
	if len(w.Losses) > 0 {
		t.Errorf("losses %v", w.Losses)
	}
	r := read(t, data, "x")
	it := formatstest.Item(t, r, "A")
	if got := formatstest.Only[*cxf.TOTP](t, it); got.Secret != totp.Secret || it.Scope != nil {
		t.Errorf("%+v %+v", got, it.Scope)
	}
	if got := labels(r); got != "otp (2) KP2A_URL_3 (2) AndroidApp (2) Title (2) Plain" {
		t.Errorf("fields %q", got)
	}
}
