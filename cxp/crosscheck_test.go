package cxp

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// A second implementation of the profile's cryptography, over Go's crypto/hpke, which shares no code
// with circl. It takes numbers from the messages, not from our tables.

// judgeKey reads a private key for crypto/hpke.
func judgeKey(t testing.TB, kem uint16, private []byte) hpke.PrivateKey {
	t.Helper()
	k, err := hpke.NewKEM(kem)
	if err != nil {
		t.Fatal(err)
	}
	sk, err := k.NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return sk
}

func judgeSuite(t testing.TB, kdf, aead uint16) (hpke.KDF, hpke.AEAD) {
	t.Helper()
	d, err := hpke.NewKDF(kdf)
	if err != nil {
		t.Fatal(err)
	}
	a, err := hpke.NewAEAD(aead)
	if err != nil {
		t.Fatal(err)
	}
	return d, a
}

func unb64(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestCryptoHPKEOpensWhatWeSeal(t *testing.T) {
	for _, s := range Suites() {
		t.Run(s.Alg(), func(t *testing.T) {
			p := newRequest(t, RequestOptions{Suites: []Suite{s}})
			h, files := attached(t, map[string]string{"a": "alpha"})
			raw, _ := answer(t, p.Request(), h, files)

			var message struct {
				HPKE    struct{ KEM, KDF, AEAD uint16 }
				Payload string
			}
			if err := json.Unmarshal(raw, &message, json.MatchCaseInsensitiveNames(true)); err != nil {
				t.Fatal(err)
			}
			sk := judgeKey(t, message.HPKE.KEM, p.keys[s])
			kdf, aead := judgeSuite(t, message.HPKE.KDF, message.HPKE.AEAD)
			digest := sha256.Sum256(p.Request().Bytes())
			info := append([]byte("cxp-0/kf1\x00"), digest[:]...)

			payload := unb64(t, message.Payload)
			z, err := zip.NewReader(bytes.NewReader(payload), int64(len(payload)))
			if err != nil {
				t.Fatal(err)
			}
			var opened []string
			for _, f := range z.File {
				r, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				parts := strings.Split(string(text), ".")
				if len(parts) != 5 || parts[2] != "" || parts[4] != "" {
					t.Fatalf("%s is no JWE of the integrated form", f.Name)
				}
				recipient, err := hpke.NewRecipient(unb64(t, parts[1]), sk, kdf, aead, info)
				if err != nil {
					t.Fatal(err)
				}
				packed, err := recipient.Open([]byte(parts[0]), unb64(t, parts[3]))
				if err != nil {
					t.Fatalf("%s: %v", f.Name, err)
				}
				content, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
				if err != nil {
					t.Fatal(err)
				}
				opened = append(opened, string(content))
			}
			if len(opened) != 2 || opened[0] != string(document(t, h)) || opened[1] != "alpha" {
				t.Errorf("opened %q", opened)
			}
		})
	}
}

func TestWeOpenWhatCryptoHPKESeals(t *testing.T) {
	for _, s := range Suites() {
		t.Run(s.Alg(), func(t *testing.T) {
			p := newRequest(t, RequestOptions{Suites: []Suite{s}})
			h, _ := attached(t, map[string]string{"a": "alpha"})
			kem, kdfID, aeadID := s.IDs()
			kdf, aead := judgeSuite(t, kdfID, aeadID)
			public := judgePublic(t, kem, p.Request())
			digest := sha256.Sum256(p.Request().Bytes())
			seal := func(name, cty string, content []byte) piece {
				header := fmt.Sprintf(`{"alg":%q,"typ":"cxp+jwe","zip":"DEF","cty":%q,"path":%q,"crq":%q}`, s.Alg(), cty, name, b64(string(digest[:])))
				enc, sender, err := hpke.NewSender(public, kdf, aead, append([]byte("cxp-0/kf1\x00"), digest[:]...))
				if err != nil {
					t.Fatal(err)
				}
				ct, err := sender.Seal([]byte(b64(header)), pack(t, content))
				if err != nil {
					t.Fatal(err)
				}
				return piece{name, fmt.Appendf(nil, "%s.%s..%s.", b64(header), b64(string(enc)), b64(string(ct)))}
			}
			raw := response(s, archive(t,
				seal("CXP-Export/index.jwe", "cxf+json", document(t, h)),
				seal("CXP-Export/documents/"+b64("a")+".jwe", "octet-stream", []byte("alpha")),
			))
			im, err := openBytes(t, p, raw)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{}
			if err := drainInto(im, files); err != nil || files[b64("a")] != "alpha" {
				t.Errorf("files %v, %v", files, err)
			}
		})
	}
}

// judgePublic reads the offered key from the request's JSON.
func judgePublic(t testing.TB, kem uint16, q *Request) hpke.PublicKey {
	t.Helper()
	var m struct {
		HPKE []struct {
			Key struct{ Crv, X, Y, Pub string }
		}
	}
	if err := json.Unmarshal(q.Bytes(), &m, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	key := m.HPKE[0].Key
	var raw []byte
	switch key.Crv {
	case "P-256":
		raw = append(append([]byte{4}, unb64(t, key.X)...), unb64(t, key.Y)...)
		if _, err := ecdh.P256().NewPublicKey(raw); err != nil {
			t.Fatal(err)
		}
	case "X25519":
		raw = unb64(t, key.X)
	default:
		raw = unb64(t, key.Pub)
	}
	k, err := hpke.NewKEM(kem)
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.NewPublicKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	return public
}
