package cxp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"maps"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// mixed is an item with a login, a note and a file.
func mixed(t testing.TB) (*cxf.Header, FileSource) {
	t.Helper()
	h, files := attached(t, map[string]string{"a": "alpha"})
	item := &h.Accounts[0].Items[0]
	item.Credentials = append(item.Credentials,
		&cxf.BasicAuth{Username: cxf.Field(cxf.FieldString, "anna"), Password: cxf.Field(cxf.FieldConcealedString, "secret")},
		&cxf.Note{Content: cxf.Field(cxf.FieldString, "a note")},
	)
	return h, files
}

func TestOnlyRequestedTypesAreSent(t *testing.T) {
	for name, c := range map[string]struct {
		asked   []string
		options *cxf.WriteOptions
		want    []cxf.CredentialType
	}{
		"all":                       {nil, nil, []cxf.CredentialType{cxf.TypeBasicAuth, cxf.TypeFile, cxf.TypeNote}},
		"one":                       {[]string{"basic-auth"}, nil, []cxf.CredentialType{cxf.TypeBasicAuth}},
		"one and an unknown":        {[]string{"note", "future-type"}, nil, []cxf.CredentialType{cxf.TypeNote}},
		"files":                     {[]string{"file"}, nil, []cxf.CredentialType{cxf.TypeFile}},
		"what both sides want":      {[]string{"note", "file"}, &cxf.WriteOptions{Types: []cxf.CredentialType{cxf.TypeNote, cxf.TypeBasicAuth}}, []cxf.CredentialType{cxf.TypeNote}},
		"nothing that both want":    {[]string{"file"}, &cxf.WriteOptions{Types: []cxf.CredentialType{cxf.TypeNote}}, nil},
		"nothing known":             {[]string{"future-type"}, nil, nil},
		"an empty list":             {[]string{}, nil, nil},
		"an empty list, and a view": {[]string{}, &cxf.WriteOptions{Items: func(int) func(func(*cxf.Item, error) bool) { panic("asked for items") }}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h, files := mixed(t)
			p := newRequest(t, RequestOptions{Mode: Direct, CredentialTypes: c.asked})
			e, err := NewExporter(p.Request(), ExportOptions{Document: h, Files: files, CXF: c.options})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			res, err := e.WriteResponse(context.Background(), &out)
			if err != nil {
				t.Fatal(err)
			}
			got := slices.Sorted(maps.Keys(res.Report.Credentials))
			if !slices.Equal(got, c.want) {
				t.Errorf("sent %v instead of %v", got, c.want)
			}
			if wantFile := slices.Contains(c.want, cxf.TypeFile); (res.Files == 1) != wantFile {
				t.Errorf("%d files were sent", res.Files)
			}
			im, err := openBytes(t, p, out.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if err := im.Drain(); err != nil || len(im.Document().Accounts) != 1 {
				t.Errorf("%v", err)
			}
		})
	}
}

// An attached file that changed since its credential was written stops the export.
func TestExportChecksItsFiles(t *testing.T) {
	p := newRequest(t, RequestOptions{Mode: Direct})
	h, _ := attached(t, map[string]string{"a": "alpha"})
	_, changed := attached(t, map[string]string{"a": "other"})
	gone := errors.New("disk gone")
	failing := func(context.Context, cxf.File) (io.ReadCloser, error) {
		return io.NopCloser(iotest.ErrReader(gone)), nil
	}
	for name, c := range map[string]struct {
		files FileSource
		want  error
	}{"changed": {changed, ErrIntegrity}, "failing": {failing, gone}} {
		e, err := NewExporter(p.Request(), ExportOptions{Document: h, Files: c.files})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.WriteResponse(context.Background(), io.Discard); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e, err := NewExporter(p.Request(), ExportOptions{Document: h})
	if err != nil {
		t.Fatal(err)
	}
	res, err := e.WriteResponse(context.Background(), io.Discard)
	if err != nil || len(res.Missing) != 1 {
		t.Errorf("without a source of files: %+v, %v", res, err)
	}
}

// A full disk is an error, not half a file called whole.
func TestExportReportsAFailingWriter(t *testing.T) {
	p := newRequest(t, RequestOptions{Mode: Direct})
	h, files := attached(t, map[string]string{"a": "alpha"})
	full, _ := answer(t, p.Request(), h, files)
	for room := 0; room < len(full); room += 1 + len(full)/40 {
		e, err := NewExporter(p.Request(), ExportOptions{Document: h, Files: files})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.WriteResponse(context.Background(), &countingWriter{w: io.Discard, limit: int64(room)}); err == nil {
			t.Fatalf("all is well with room for %d bytes", room)
		}
	}
}

// A credential that can't be read is one lost credential; its file is neither an intruder nor accepted.
func TestFileOfAnUnreadableCredential(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	h, _ := attached(t, map[string]string{"a": "alpha", "b": "beta"})
	doc := document(t, h)
	sum := sha256.Sum256([]byte("alpha"))
	broken := bytes.Replace(doc, []byte(`"integrityHash":"`+b64(string(sum[:]))+`"`), []byte(`"integrityHash":7`), 1)
	if bytes.Equal(doc, broken) {
		t.Fatal("nothing was broken")
	}
	q := p.Request()
	entries := func(last string) []byte {
		return response(XWingAES256GCM, archive(t, forge(t, q, XWingAES256GCM, indexName, pack(t, broken), nil),
			fileEntry(t, q, XWingAES256GCM, "a", "alpha"), fileEntry(t, q, XWingAES256GCM, "b", last)))
	}
	im, err := openBytes(t, p, entries("beta"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	if err := drainInto(im, files); err != nil {
		t.Fatal(err)
	}
	if im.Report().Unreadable != 1 || len(files) != 1 || files[b64("b")] != "beta" || !im.Verified() {
		t.Errorf("unreadable %d, files %v: %v", im.Report().Unreadable, files, im.Report().Strings())
	}
	refused(t, p, entries("other"), ErrIntegrity)
}

// Two credentials may stand for one file; it then travels once.
func TestFileThatTwoCredentialsShare(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	h, files := attached(t, map[string]string{"a": "alpha"})
	account := &h.Accounts[0]
	copied := account.Items[0]
	copied.ID = b64("second item")
	account.Items = append(account.Items, copied)
	doc := document(t, h)
	index := forge(t, p.Request(), XWingAES256GCM, indexName, pack(t, doc), nil)
	im, err := openBytes(t, p, response(XWingAES256GCM, archive(t, index, fileEntry(t, p.Request(), XWingAES256GCM, "a", "alpha"))))
	if err != nil {
		t.Fatal(err)
	}
	f, err := im.NextFile()
	if err != nil || len(f.Refs) != 2 {
		t.Fatalf("refs %v, %v", f, err)
	}
	if err := im.Drain(); err != nil || len(im.Missing()) != 0 {
		t.Errorf("missing %v, %v", im.Missing(), err)
	}
	raw, res := answer(t, p.Request(), h, files)
	if _, err := readOut(t, p, raw); err != nil || res.Files != 1 {
		t.Errorf("%d files were sent: %v", res.Files, err)
	}

	// One id for two different files.
	other := *copied.Credentials[0].(*cxf.File)
	other.IntegrityHash = bytes.Repeat([]byte{7}, 32)
	account.Items[1].Credentials = []cxf.Credential{&other}
	if _, err := exportedFiles(&cxf.Report{Files: []cxf.FileRef{{File: *copied.Credentials[0].(*cxf.File)}, {File: other}}}); !errors.Is(err, ErrIntegrity) {
		t.Errorf("got %v", err)
	}
	index = forge(t, p.Request(), XWingAES256GCM, indexName, pack(t, document(t, h)), nil)
	refused(t, p, response(XWingAES256GCM, archive(t, index, fileEntry(t, p.Request(), XWingAES256GCM, "a", "alpha"))), ErrIntegrity)
}
