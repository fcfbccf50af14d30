package all

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// detect reads data as what all formats together take it for.
func detect(t *testing.T, data []byte, password string) *formats.Result {
	t.Helper()
	in := kit.Input(data, password)
	matches, err := formats.Detect(Formats(), in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := matches[0].Format.Read(t.Context(), in)
	if err != nil {
		t.Fatalf("reading as %s: %v", matches[0].Format.ID(), err)
	}
	kit.Consistent(t, r)
	return r
}

// Three managers' files hold one passkey: it must be one and the same credential.
func TestOneKeyInThreeSamples(t *testing.T) {
	var all []*cxf.Passkey
	for name, format := range map[string]string{
		"managers/bitwarden-plain-passkeys.json":           "bitwarden",
		"managers/protonpass-with-passkey.synthetic.json":  "protonpass",
		"managers/keepassxc-webauthn.io.synthetic.passkey": "keepassxc-passkey",
	} {
		r := detect(t, kit.Sample(t, name), "")
		if r.Format != format {
			t.Errorf("%s was read as %s", name, r.Format)
		}
		all = append(all, kit.Passkeys(r)...)
	}
	if len(all) != 4 {
		t.Fatalf("%d passkeys", len(all))
	}
	for _, p := range all {
		if !p.SameCeremony(all[0]) || p.Username != all[0].Username || p.UserDisplayName != all[0].UserDisplayName {
			t.Errorf("%q of %q is not %q of %q", p.Username, p.RPID, all[0].Username, all[0].RPID)
		}
		key, err := cxf.ParsePrivateKey(p.Key)
		if err != nil {
			t.Fatal(err)
		}
		kit.SignIn(t, p, key.Public())
	}
}

func TestSamplesOfCXF(t *testing.T) {
	for _, name := range []string{"appendix-a.errata-2026-03-09.json", "appendix-a.ps-2025-08-14.json", "apple-ios26.4-encoder.json", "dashlane-ios-account.json"} {
		in := kit.Input(kit.Sample(t, "cxf/"+name), "")
		matches, err := formats.Detect(Formats(), in)
		if err != nil || matches[0].Format.ID() != "cxf" {
			t.Errorf("%s: %v %v", name, matches, err)
			continue
		}
		r, err := matches[0].Format.Read(t.Context(), in)
		if err != nil || r.Report.Items == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a writer writes is recognised among all formats, and its passkeys sign in after having gone through all of them in turn.
func TestThroughEveryFormatInTurn(t *testing.T) {
	p, public := kit.NewPasskey(t, "turn.example", "ada@turn.example", "ES256", 16)
	item := kit.NewItem("turn.example", p, formats.Login("ada@turn.example", "a password"), &cxf.TOTP{Secret: "JBSWY3DPEHPK3PXP", Period: 30, Digits: 6, Algorithm: "sha1"},
		&cxf.Note{Content: cxf.Field(cxf.FieldString, "a note")})
	doc := kit.NewDocument([]cxf.Item{item}, map[string][]int{"Work": {0}})
	for _, f := range Formats() {
		w, ok := f.(formats.Writer)
		if !ok {
			continue
		}
		data, written := kit.Written(t, w, doc, formats.WriteOptions{Passphrase: []byte("pass phrase"), KDF: cheap(f)})
		if len(written.Losses) != 0 {
			t.Errorf("%s lost %v", f.ID(), written.Losses)
		}
		r := detect(t, data, "pass phrase")
		if r.Format != f.ID() || r.Plaintext == f.Holds().Encrypted {
			t.Errorf("%s was read as %s, plaintext %v", f.ID(), r.Format, r.Plaintext)
		}
		kit.Reports(t, r.Report)
		it := kit.Item(t, r, "turn.example")
		got := kit.Only[*cxf.Passkey](t, it)
		if !got.SameCeremony(p) || got.Username != p.Username || got.UserDisplayName != p.UserDisplayName {
			t.Errorf("%s changed the passkey: %+v", f.ID(), got)
		}
		kit.SignIn(t, got, public)
		login, totp, note := kit.Only[*cxf.BasicAuth](t, it), kit.Only[*cxf.TOTP](t, it), kit.Only[*cxf.Note](t, it)
		if login.Username.Text() != "ada@turn.example" || login.Password.Text() != "a password" || totp.Secret != "JBSWY3DPEHPK3PXP" || note.Content.Text() != "a note" {
			t.Errorf("%s changed the item: %+v %+v %+v", f.ID(), login, totp, note)
		}
		if it.CreationAt != item.CreationAt || it.ModifiedAt != item.ModifiedAt || strings.Join(it.Scope.URLs, " ") != "https://turn.example/login" {
			t.Errorf("%s changed the item: %+v", f.ID(), it)
		}
		if paths := formats.Paths(&r.Header.Accounts[0])[it.ID]; len(paths) != 1 || paths[0][len(paths[0])-1] != "Work" {
			t.Errorf("%s: the item is in %v", f.ID(), paths)
		}
		doc = &formats.Document{Header: r.Header, Files: r.Files}
	}
}

// cheap are costs that a test can pay.
func cheap(f formats.Format) formats.KDF {
	if f.ID() == "bitwarden" {
		return formats.KDF{Memory: 16 << 10, Time: 2, Threads: 1}
	}
	return formats.KDF{}
}

func TestWhatIsNoExport(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", "this is an empty file, not an export of a password manager that Keyferry knows"},
		{"%PDF-1.7\n", "this is a PDF document, not an export of a password manager that Keyferry knows"},
		{"<!DOCTYPE html><html>", "this is a web page, not an export of a password manager that Keyferry knows"},
		{`{"hello":"world"}`, "this is a JSON document, not an export of a password manager that Keyferry knows"},
		{"\x00\x01\x02\xff", "this is no export of a password manager that Keyferry knows"},
		{`{"version":0,"hpke":[],"mode":"direct"}`, "this is a request for an encrypted transfer (CXP); it is not an export of a password manager"},
		{`{"version":0,"hpke":{},"exporter":"a.example","payload":""}`, "this is an encrypted transfer (CXP); it is not an export of a password manager"},
		{"PK\x03\x04 and nothing more", "zip: the file is damaged; export it again: it has no end; it may have been cut short"},
		{"PK\x05\x06" + strings.Repeat("\x00", 18), "this is an empty zip archive, not an export of a password manager that Keyferry knows"},
	} {
		_, err := formats.Detect(Formats(), kit.Input([]byte(c.data), ""))
		if err == nil || err.Error() != c.want {
			t.Errorf("%.30q: %v", c.data, err)
		}
		var unknown *formats.UnknownError
		if errors.As(err, &unknown) != !errors.Is(err, formats.ErrDamaged) {
			t.Errorf("%.30q: %T", c.data, err)
		}
	}
}
