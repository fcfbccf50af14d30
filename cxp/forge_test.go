package cxp

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"io"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Tools of an attacker who saw the request, as anybody may have.

// piece is an entry to be put into a forged archive.
type piece struct {
	name string
	text []byte
}

// document is the CXF JSON of a header.
func document(t testing.TB, h *cxf.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := cxf.Write(&out, h, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pack(t testing.TB, content []byte) []byte {
	t.Helper()
	packed, _, err := deflate(func(w io.Writer) error { return writeAll(w, content) }, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

// forge seals packed bytes to the request after change had its way with the header.
func forge(t testing.TB, q *Request, s Suite, name string, packed []byte, change func(*jweHeader)) piece {
	t.Helper()
	var public []byte
	for _, o := range q.offers {
		if o.suite == s {
			public = o.public
		}
	}
	digest := b64(string(q.digest[:]))
	h := jweHeader{Alg: s.Alg(), Typ: typeJWE, Zip: zipDeflate, Cty: entryType(name), Path: name, CRQ: &digest}
	if change != nil {
		change(&h)
	}
	aad, err := h.encode()
	if err != nil {
		t.Fatal(err)
	}
	enc, err := s.encapsulate(rand.Reader, public, hpkeInfo(q.digest))
	if err != nil {
		t.Fatal(err)
	}
	ct, err := enc.sealer.Seal(packed, []byte(aad))
	if err != nil {
		t.Fatal(err)
	}
	return piece{name, fmt.Appendf(nil, "%s.%s..%s.", aad, b64(string(enc.key)), b64(string(ct)))}
}

// fileEntry is the entry of an attached file.
func fileEntry(t testing.TB, q *Request, s Suite, id, content string) piece {
	t.Helper()
	return forge(t, q, s, fileName([]byte(id)), pack(t, []byte(content)), nil)
}

func indexEntry(t testing.TB, q *Request, s Suite, h *cxf.Header) piece {
	t.Helper()
	return forge(t, q, s, indexName, pack(t, document(t, h)), nil)
}

// archive stores the pieces as our exporter does.
func archive(t testing.TB, pieces ...piece) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range pieces {
		e, err := w.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(p.text),
			CompressedSize64: uint64(len(p.text)), UncompressedSize64: uint64(len(p.text)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(p.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// response wraps an archive.
func response(s Suite, archive []byte) []byte {
	kem, kdf, aead := s.IDs()
	return fmt.Appendf(nil, `{"version":0,"hpke":{"mode":"base","kem":%d,"kdf":%d,"aead":%d},"archive":"deflate","exporter":"exporter.example","payload":"%s"}`,
		kem, kdf, aead, b64(string(archive)))
}
