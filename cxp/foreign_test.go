package cxp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// The files in testdata/foreign were made by an implementation that shares no code with this one.

func readFile(t testing.TB, elem ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// foreignPending is the foreign request with its private keys in our hands.
func foreignPending(t testing.TB) *Pending {
	t.Helper()
	request, err := ParseRequest(readFile(t, "foreign", "request.json"))
	if err != nil {
		t.Fatal(err)
	}
	var stored []struct{ Name, SK string }
	if err := json.Unmarshal(readFile(t, "foreign", "keys.json"), &stored, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	names := map[string]Suite{
		"xwing": XWingAES256GCM, "x25519-chacha": X25519ChaCha20Poly1305, "x25519-aes128": X25519AES128GCM,
		"p256-aes256": P256AES256GCM, "p256-aes128": P256AES128GCM,
	}
	keys := make(map[Suite][]byte)
	for _, k := range stored {
		sk, err := base64.RawURLEncoding.DecodeString(k.SK)
		if err != nil {
			t.Fatal(err)
		}
		keys[names[k.Name]] = sk
	}
	if len(keys) != len(names) {
		t.Fatalf("%d keys instead of %d", len(keys), len(names))
	}
	p, err := newPending(request, keys, time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// confirm answers the challenge of a fingerprint as a person with the other screen before them would.
func confirm(t testing.TB, f Fingerprint) *Confirmation {
	t.Helper()
	c, err := f.Ask()
	if err != nil {
		t.Fatal(err)
	}
	groups := f.Groups()
	var typed []string
	for _, p := range c.Positions() {
		typed = append(typed, groups[p-1])
	}
	ok, err := c.Answer(typed...)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// openBytes scans and opens a response as an importer does.
func openBytes(t testing.TB, p *Pending, raw []byte) (*Import, error) {
	t.Helper()
	resp, err := ScanResponse(context.Background(), bytes.NewReader(raw), nil)
	if err != nil {
		return nil, err
	}
	return p.Open(context.Background(), bytes.NewReader(raw), resp, OpenOptions{
		Confirmation: confirm(t, resp.Fingerprint()), AcceptClassical: true,
	})
}

// readOut opens a response and reads it to its verified end.
func readOut(t testing.TB, p *Pending, raw []byte) (*cxf.Header, error) {
	t.Helper()
	im, err := openBytes(t, p, raw)
	if err != nil {
		return nil, err
	}
	return im.Document(), im.Drain()
}

func drainInto(im *Import, files map[string]string) error {
	for {
		f, err := im.NextFile()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		content, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		if files != nil {
			files[f.Refs[0].File.ID] = string(content)
		}
	}
}

func TestForeignResponses(t *testing.T) {
	p := foreignPending(t)
	want, _, err := cxf.Read(bytes.NewReader(readFile(t, "foreign", "document.cxf.json")), nil)
	if err != nil {
		t.Fatal(err)
	}
	var canonical bytes.Buffer
	if _, err := cxf.Write(&canonical, want, nil); err != nil {
		t.Fatal(err)
	}
	for name, suite := range map[string]Suite{
		"xwing": XWingAES256GCM, "x25519-chacha": X25519ChaCha20Poly1305, "x25519-aes128": X25519AES128GCM,
		"p256-aes256": P256AES256GCM, "p256-aes128": P256AES128GCM,
	} {
		t.Run(name, func(t *testing.T) {
			im, err := openBytes(t, p, readFile(t, "foreign", "response-"+name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if got := im.unseal.(*hpkeUnsealer).suite; got != suite {
				t.Errorf("suite %v instead of %v", got, suite)
			}
			files := map[string]string{}
			if err := drainInto(im, files); err != nil {
				t.Fatal(err)
			}
			if len(files) != 1 || files["ZmlsZS0x"] != "attached to an item\n" {
				t.Errorf("files: %q", files)
			}
			if !im.Verified() || len(im.Missing()) != 0 {
				t.Errorf("verified %v, missing %v", im.Verified(), im.Missing())
			}
			var got bytes.Buffer
			if _, err := cxf.Write(&got, im.Document(), nil); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), canonical.Bytes()) {
				t.Error("the document is not the one that was sent")
			}
		})
	}
}

func TestForeignBadResponsesAreRefused(t *testing.T) {
	p := foreignPending(t)
	for name, want := range map[string]error{
		"bad-ciphertext": ErrDecrypt, "bad-crq": ErrOtherRequest, "bad-path": ErrPayload, "bad-extra": ErrPayload,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readOut(t, p, readFile(t, "foreign", name+".json"))
			if !errors.Is(err, want) {
				t.Fatalf("got %v, want %v", err, want)
			}
			if p.Err() != nil {
				t.Fatal("a bad response closed the request")
			}
		})
	}
}

func TestForeignFingerprints(t *testing.T) {
	for line := range strings.Lines(string(readFile(t, "foreign", "fingerprints.txt"))) {
		want, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("unexpected line %q", line)
		}
		if got := FingerprintOf(readFile(t, "foreign", name)).String(); got != want {
			t.Errorf("%s: %s instead of %s", name, got, want)
		}
	}
	raw := readFile(t, "foreign", "request.json")
	q, err := ParseRequest(raw)
	if err != nil {
		t.Fatal(err)
	}
	if q.Digest() != sha256.Sum256(raw) || !bytes.Equal(q.Bytes(), raw) {
		t.Error("a request must be hashed and kept byte for byte")
	}
}
