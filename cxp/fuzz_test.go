package cxp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Whatever bytes come, a parser answers with a value or an error of this package, in bounded memory,
// and never panics. Memory is bounded by the fuzzing engine's own limits on its inputs times ours.

// seeds adds every published message to the corpus.
func seeds(f *testing.F, prefix string) {
	f.Helper()
	for _, dir := range []string{"foreign", "vectors"} {
		names, err := filepath.Glob(filepath.Join("testdata", dir, prefix+"*.json"))
		if err != nil || len(names) == 0 {
			f.Fatalf("no seeds for %s in %s: %v", prefix, dir, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
}

// ours says whether an error is one that a caller can decide on.
func ours(err error) bool {
	var peer *PeerError
	var downgrade *DowngradeError
	if errors.As(err, &peer) || errors.As(err, &downgrade) {
		return true
	}
	for _, known := range []error{
		ErrSyntax, ErrTooLarge, ErrVersion, ErrNoSuite, ErrMissingKey, ErrBadKey, ErrMode, ErrOtherRequest, ErrSuiteNotOffered,
		ErrPayload, ErrDecrypt, ErrIntegrity, ErrExporter, ErrChanged, ErrKDF, ErrPassphrase, ErrFingerprint,
		cxf.ErrNotCXF, cxf.ErrTooLarge, cxf.ErrTooDeep, cxf.ErrVersion,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	var syntax *cxf.SyntaxError
	return errors.As(err, &syntax)
}

func FuzzRequest(f *testing.F) {
	seeds(f, "request")
	f.Add([]byte(`{"version":0,"hpke":[{"mode":"base","kem":48,"kdf":1,"aead":65535}],"archive":["deflate"],"mode":"self","importer":"a"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, err := ParseRequest(raw)
		if err != nil {
			if !ours(err) || CodeOf(err) == CodeForbiddenAction && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		if !bytes.Equal(q.Bytes(), raw) || q.Importer().Raw() == "" {
			t.Fatal("a request must keep its bytes")
		}
		s, err := q.Suite()
		if (err == nil) == (s == 0) || err != nil && !ours(err) {
			t.Fatalf("suite %v, %v", s, err)
		}
		if err != nil {
			return
		}
		// What was accepted can be answered, or its key fails HPKE's own checks.
		o, err := q.choose()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.encapsulate(zeros{}, o.public, hpkeInfo(q.digest)); err != nil && !errors.Is(err, ErrBadKey) {
			t.Fatal(err)
		}
	})
}

func FuzzResponse(f *testing.F) {
	seeds(f, "response")
	seeds2(f, "backup", "bad")
	f.Add([]byte(`{"version":0,"error":"user-canceled"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		resp, err := ScanResponse(context.Background(), bytes.NewReader(raw), nil)
		if err != nil {
			if !ours(err) {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		entries := resp.Entries()
		if len(entries) == 0 || entries[0].Name != indexName || resp.Size() != int64(len(raw)) || resp.Fingerprint() != FingerprintOf(raw) {
			t.Fatalf("scanned %+v", resp)
		}
	})
}

func seeds2(f *testing.F, prefixes ...string) {
	f.Helper()
	for _, prefix := range prefixes {
		names, err := filepath.Glob(filepath.Join("testdata", "*", prefix+"*.json"))
		if err != nil || len(names) == 0 {
			f.Fatalf("no seeds for %s: %v", prefix, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
}

// FuzzZip holds our reader against Go's: what ours accepts, Go's reads to the same entries.
func FuzzZip(f *testing.F) {
	for _, raw := range vectorPayloads(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		z := newZipReader(bytes.NewReader(raw))
		contents := map[string][]byte{}
		for {
			e, body, err := z.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				if !ours(err) {
					t.Fatalf("untyped: %v", err)
				}
				return
			}
			content, err := io.ReadAll(body)
			if err != nil {
				if !ours(err) {
					t.Fatalf("untyped: %v", err)
				}
				return
			}
			contents[e.name] = content
		}
		judgeZip(t, raw, contents)
	})
}

// FuzzJWE reads an entry as the importer of the vectors' request does, up to decryption.
func FuzzJWE(f *testing.F) {
	v := loadVectors(f)
	for _, s := range v.Suites {
		for _, e := range s.Entries {
			f.Add([]byte(e.JWE), e.Name)
		}
	}
	for _, e := range v.Backup.Entries {
		f.Add([]byte(e.JWE), e.Name)
	}
	f.Fuzz(func(t *testing.T, raw []byte, name string) {
		j := newJWEReader(bytes.NewReader(raw))
		m, err := j.readHeader(name)
		if err != nil {
			if !ours(err) {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		key, iv, tag := 32, 0, 0
		if m.header.Alg == algDirect {
			key, iv, tag = 0, ivSize, tagSize
			if _, err := parseBackupParams(&m.header); err != nil && !ours(err) {
				t.Fatalf("untyped: %v", err)
			}
		}
		if err := j.readRest(m, key, iv, tag, 0, 1<<20); err != nil {
			if !ours(err) {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		// What was read says the same when written again, to the character.
		parts := []string{string(m.aad), b64(string(m.key)), b64(string(m.iv)), b64(string(m.ciphertext)), b64(string(m.tag))}
		if strings.Join(parts, ".") != string(raw) {
			t.Fatalf("read %q as something else", raw)
		}
	})
}

// FuzzOpen changes honest responses and opens them with the right keys, then to their end.
func FuzzOpen(f *testing.F) {
	seeds(f, "response")
	seeds2(f, "bad")
	request, err := ParseRequest(readFile(f, "vectors", "request.json"))
	if err != nil {
		f.Fatal(err)
	}
	v := loadVectors(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := &Pending{request: request, keys: map[Suite][]byte{}, now: clock(nil)}
		p.created = p.now()
		for i, s := range Suites() {
			p.keys[s] = unhex(t, v.Suites[i].Private)
		}
		resp, err := ScanResponse(context.Background(), bytes.NewReader(raw), nil)
		if err != nil {
			return
		}
		im, err := p.Open(context.Background(), bytes.NewReader(raw), resp, OpenOptions{
			AcceptClassical: true, Confirmation: &Confirmation{resp.Fingerprint()},
		})
		if err == nil {
			err = im.Drain()
		}
		if err != nil && !ours(err) {
			t.Fatalf("untyped: %v", err)
		}
		if err == nil && !im.Verified() {
			t.Fatal("read to the end and not verified")
		}
	})
}

func FuzzInflate(f *testing.F) {
	f.Add(pack(f, []byte("attached to an item\n")))
	f.Add(bomb(f, 3<<20))
	f.Fuzz(func(t *testing.T, packed []byte) {
		var total int64
		n, err := io.Copy(io.Discard, newInflater(packed, 2<<20, &total))
		if err != nil && !ours(err) {
			t.Fatalf("untyped: %v", err)
		}
		if n > 2<<20 || n > RatioFloor && n > MaxRatio*int64(len(packed)) {
			t.Fatalf("%d bytes out of %d", n, len(packed))
		}
	})
}

func FuzzFingerprint(f *testing.F) {
	f.Add("GQJA-1NQR-7QKX-2JQK-FB7V-913T")
	f.Add("gqja1nqr7qkx2jqkfb7v9l3t")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseFingerprint(text)
		if err != nil {
			if !errors.Is(err, ErrFingerprint) {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		if again, err := ParseFingerprint(got.String()); err != nil || again != got {
			t.Fatalf("%q reads as %v, which reads as %v, %v", text, got, again, err)
		}
	})
}
