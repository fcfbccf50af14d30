package cxp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// attached makes a document with the given attached files, by name, and a FileSource for them.
func attached(t testing.TB, files map[string]string) (*cxf.Header, FileSource) {
	t.Helper()
	h := &cxf.Header{ExporterRPID: "exporter.example", ExporterDisplayName: "Exporter", Timestamp: 1795305600}
	item := cxf.Item{ID: b64("item"), Title: "Files"}
	for name, content := range files {
		sum := sha256.Sum256([]byte(content))
		item.Credentials = append(item.Credentials, &cxf.File{
			ID: b64(name), Name: name, DecryptedSize: uint64(len(content)), IntegrityHash: sum[:],
		})
	}
	h.Accounts = []cxf.Account{{ID: b64("account"), Items: []cxf.Item{item}}}
	return h, func(_ context.Context, f cxf.File) (io.ReadCloser, error) {
		content, ok := files[f.Name]
		if !ok {
			return nil, ErrNoFile
		}
		return io.NopCloser(strings.NewReader(content)), nil
	}
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func newRequest(t testing.TB, o RequestOptions) *Pending {
	t.Helper()
	if o.Mode == "" {
		o.Mode = Indirect
	}
	if o.Importer == "" {
		o.Importer = "importer.example"
	}
	p, err := NewRequest(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// answer exports a document to a request as an exporter does.
func answer(t testing.TB, q *Request, h *cxf.Header, files FileSource) ([]byte, *ExportResult) {
	t.Helper()
	read, err := ReadRequest(context.Background(), bytes.NewReader(q.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewExporter(read, ExportOptions{Document: h, Files: files, Confirmation: confirm(t, read.Fingerprint())})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	res, err := e.WriteResponse(context.Background(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if res.Size != int64(out.Len()) || !res.Fingerprint.Equal(FingerprintOf(out.Bytes())) {
		t.Fatalf("result %+v does not describe what was written", res)
	}
	return out.Bytes(), res
}

func TestRoundTripOfEverySuite(t *testing.T) {
	for _, s := range Suites() {
		t.Run(s.Alg(), func(t *testing.T) {
			p := newRequest(t, RequestOptions{Suites: []Suite{s}})
			want := map[string]string{"one": "first file", "two": strings.Repeat("second ", 10_000), "empty": ""}
			h, source := attached(t, want)
			raw, res := answer(t, p.Request(), h, source)
			if res.Files != len(want) || len(res.Missing) != 0 {
				t.Fatalf("result %+v", res)
			}
			im, err := openBytes(t, p, raw)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			if err := drainInto(im, got); err != nil {
				t.Fatal(err)
			}
			for name, content := range want {
				if got[b64(name)] != content {
					t.Errorf("file %s came out differently", name)
				}
			}
			if !im.Verified() || im.Document().Accounts[0].Items[0].Title != "Files" {
				t.Errorf("verified %v, document %+v", im.Verified(), im.Document())
			}
			if err := p.Commit(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
