package cxp

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/go-json-experiment/json"
)

// vectorPayloads are the archives of the published responses.
func vectorPayloads(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	v := loadVectors(t)
	for _, s := range v.Suites {
		var m struct {
			Payload string `json:"payload"`
		}
		if err := json.Unmarshal(readFile(t, "vectors", s.Response), &m); err != nil {
			t.Fatal(err)
		}
		out = append(out, unb64(t, m.Payload))
	}
	return out
}

// judgeZip wants Go's reader, which begins at the directory, to see the archive that ours saw.
func judgeZip(t *testing.T, raw []byte, contents map[string][]byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatalf("accepted what is no archive: %v", err)
	}
	if len(z.File) != len(contents) {
		t.Fatalf("%d entries instead of %d", len(contents), len(z.File))
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(content, contents[f.Name]) {
			t.Fatalf("%q: another content: %v", f.Name, err)
		}
	}
}
