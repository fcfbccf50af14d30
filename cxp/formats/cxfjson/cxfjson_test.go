package cxfjson

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

func TestEveryKindOfPasskeySurvives(t *testing.T) {
	for _, algorithm := range []string{"ES256", "ES384", "EdDSA", "RS256"} {
		p, public := kit.NewPasskey(t, "cxf.example", "ada", algorithm, 64)
		doc := kit.NewDocument(append(kit.Person(), kit.NewItem("cxf.example", kit.PRF(p))), map[string][]int{"Work": {0, 5}})
		data, written := kit.Written(t, Format{}, doc, formats.WriteOptions{})
		if len(written.Losses) != 0 || written.Extension != ".json" {
			t.Errorf("lost %v, %q", written.Losses, written.Extension)
		}
		r := kit.MustRead(t, Format{}, data, "")
		kit.Reports(t, r.Report)
		got := kit.Only[*cxf.Passkey](t, kit.Item(t, r, "cxf.example"))
		if _, _, ok := got.PRF(); !ok || !got.SameCeremony(p) {
			t.Errorf("%s: %+v", algorithm, got)
		}
		kit.SignIn(t, got, public)
	}
}

func TestZipWithFiles(t *testing.T) {
	doc := kit.NewDocument(nil, nil)
	gone := &cxf.File{ID: "Z29uZQ", Name: "gone.txt", DecryptedSize: 1, IntegrityHash: make([]byte, 32)}
	doc.Header.Accounts[0].Items = []cxf.Item{
		kit.NewItem("file.example", kit.Attach(doc, "../codes.txt", []byte("1234"))),
		kit.NewItem("gone.example", gone, formats.Login("u", "p")),
	}
	data, written := kit.Written(t, Format{}, doc, formats.WriteOptions{})
	if fmt.Sprint(written.Losses) != "[An attached file is not there any more: 1 item affected]" || written.Extension != ".zip" {
		t.Errorf("lost %v, %q", written.Losses, written.Extension)
	}
	in := kit.Input(data, "")
	r, err := (Format{}).Read(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	kit.Reports(t, r.Report, "file gone.txt: is not in the export")
	if string(kit.File(t, r, "../codes.txt")) != "1234" || r.Variant != "zip with attached files" {
		t.Errorf("read %q", r.Variant)
	}
	if _, err := r.Files(t.Context(), *gone); !errors.Is(err, formats.ErrNoFile) {
		t.Error(err)
	}
}

// Other programs' archives have the document elsewhere.
func TestOtherZips(t *testing.T) {
	doc := kit.NewDocument([]cxf.Item{kit.NewItem("one.example", formats.Login("u", "p"))}, nil)
	data, _ := kit.Written(t, Format{}, doc, formats.WriteOptions{})
	for _, name := range []string{"index.json", "export/index.json", "cxf.json", "payload.json"} {
		r := kit.MustRead(t, Format{}, kit.Zip(t, [2]string{"readme.txt", "x"}, [2]string{name, string(data)}), "")
		kit.Reports(t, r.Report)
		kit.Item(t, r, "one.example")
	}
}

func TestLossesAreAnnounced(t *testing.T) {
	counted, _ := kit.NewPasskey(t, "count.example", "ada", "ES256", 16)
	counted.SignCount = 3
	bad, _ := kit.NewPasskey(t, "bad.example", "ada", "ES256", 16)
	bad.Key = []byte("nonsense")
	shared := kit.NewItem("shared.example", formats.Login("u", "p"))
	shared.SharedWithMe = true
	doc := kit.NewDocument([]cxf.Item{kit.NewItem("count.example", counted), kit.NewItem("bad.example", bad), shared}, nil)
	_, written := kit.Written(t, Format{}, doc, formats.WriteOptions{})
	if got, want := fmt.Sprint(written.Losses), "["+strings.Join([]string{
		"CXF takes no passkeys with a signature counter: 1 item affected",
		"CXF takes no passkeys whose key cannot be used: 1 item affected",
		"CXF takes nothing that belongs to somebody else: 1 item affected",
	}, " ")+"]"; got != want {
		t.Errorf("announced\n%s\nwant\n%s", got, want)
	}
}

func TestBareAccountsAndWrappers(t *testing.T) {
	for name, doc := range map[string]string{
		"account":  `{"items":[{"id":"AA","title":"One","credentials":[]}]}`,
		"accounts": `{"accounts":[{"id":"AA","items":[{"id":"AA","title":"One","credentials":[]}]}],"version":{"major":1,"minor":0}}`,
		"wrapper":  `{"payload":"eyJhY2NvdW50cyI6W3siaWQiOiJBQSIsIml0ZW1zIjpbeyJpZCI6IkFBIiwidGl0bGUiOiJPbmUiLCJjcmVkZW50aWFscyI6W119XX1dLCJ2ZXJzaW9uIjp7Im1ham9yIjoxLCJtaW5vciI6MH19"}`,
		"mark":     "\xef\xbb\xbf" + `{"accounts":[{"id":"AA","items":[{"id":"AA","title":"One","credentials":[]}]}],"version":{"major":1,"minor":0}}`,
	} {
		r, err := kit.Read(t, Format{}, []byte(doc), "")
		if err != nil || r.Report.Items != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefused(t *testing.T) {
	good := `{"accounts":[{"id":"AA","items":[]}],"version":{"major":1,"minor":0}}`
	var version *formats.VersionError
	for _, c := range []struct {
		name, doc string
		want      error
	}{
		{"cut short", good[:len(good)-1], formats.ErrDamaged},
		{"something follows", good + "{}", formats.ErrDamaged},
		{"twice", strings.Replace(good, `"version"`, `"accounts":[],"version"`, 1), formats.ErrDamaged},
		{"invalid text", strings.Replace(good, "AA", "A\xff", 1), formats.ErrDamaged},
		{"trailing comma", strings.Replace(good, `}}`, `},}`, 1), formats.ErrDamaged},
		{"too deep", strings.Replace(good, `"items":[]`, `"x":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`,"items":[]`, 1), formats.ErrTooLarge},
		{"payload is nonsense", `{"payload":"***"}`, formats.ErrNotThis},
		{"payload is something else", `{"payload":"e30"}`, formats.ErrNotThis},
		{"newer", strings.Replace(good, `"major":1`, `"major":2`, 1), nil},
		{"zip without document", string(kit.Zip(t, [2]string{"a", "b"})), formats.ErrNotThis},
	} {
		_, err := (Format{}).Read(t.Context(), kit.Input([]byte(c.doc), ""))
		if err == nil || c.want != nil && !errors.Is(err, c.want) || c.name == "newer" && !errors.As(err, &version) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	p, _ := kit.NewPasskey(f, "cxf.example", "ada", "ES256", 16)
	doc := kit.NewDocument(append(kit.Person(), kit.NewItem("cxf.example", p)), nil)
	data, _ := kit.Written(f, Format{}, doc, formats.WriteOptions{})
	f.Add(data)
	f.Add(kit.Zip(f, [2]string{"index.json", string(data)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := (Format{}).Read(t.Context(), kit.Input(data, ""))
		if err != nil {
			return
		}
		for _, ref := range r.Report.Files {
			if r.Files != nil {
				if body, err := r.Files(t.Context(), ref.File); err == nil {
					if err := body.Close(); err != nil {
						t.Error(err)
					}
				}
			}
		}
	})
}

func BenchmarkRead10000(b *testing.B) {
	data, _ := kit.Written(b, Format{}, kit.Many(b, 10_000), formats.WriteOptions{})
	kit.BenchmarkRead(b, Format{}, data, "", 10_000)
}

func BenchmarkWrite10000(b *testing.B) {
	kit.BenchmarkWrite(b, Format{}, kit.Many(b, 10_000), formats.WriteOptions{}, 10_000)
}
