package webauthn

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"testing"

	"github.com/keyferry/keyferry/vault"
)

// The floor under every sign-in with ES256: hashing what is signed, and one bare P-256 signature.
func BenchmarkFloorP256(b *testing.B) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	hash := sha256.Sum256([]byte("message"))
	for b.Loop() {
		if _, err := ecdsa.SignASN1(rand.Reader, k, hash[:]); err != nil {
			b.Fatal(err)
		}
	}
}

// What the standard library takes to parse the key and sign, for comparison.
func BenchmarkFloorParseAndSign(b *testing.B) {
	pkcs8 := importedKeys(b)["ES256"].pkcs8
	hash := sha256.Sum256([]byte("message"))
	for b.Loop() {
		parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ecdsa.SignASN1(rand.Reader, parsed.(*ecdsa.PrivateKey), hash[:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	keys := importedKeys(b)
	for _, name := range []string{"ES256", "ES384", "EdDSA", "RS256", "ML-DSA-44"} {
		b.Run(name, func(b *testing.B) {
			k := keys[name]
			a := mustAssertion(b, `{}`)
			p := Passkey{RPID: a.RPID, CredentialID: make([]byte, 32), UserHandle: make([]byte, 16), Algorithm: k.alg, Discoverable: true}
			for b.Loop() {
				p.PrivateKey = slices.Clone(k.pkcs8)
				if _, err := a.Sign(context.Background(), &p, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Against the first: what a registration costs beyond its key.
func BenchmarkMake(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			if _, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, options := range map[string]string{"none": `{}`, "packed": `{"attestation":"direct"}`} {
		b.Run(name, func(b *testing.B) {
			c := mustCreation(b, options)
			for b.Loop() {
				if _, _, err := c.Make(context.Background(), rand.Reader, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewAssertion(b *testing.B) {
	options := requestWith(b, `{"allowCredentials":[{"type":"public-key","id":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}],"extensions":{"prf":{}}}`)
	for b.Loop() {
		if _, err := NewAssertion(options, "", simpleCaller(), now()); err != nil {
			b.Fatal(err)
		}
	}
}

// A whole sign-in as the agent does it after consent, from the sealed record: read, parse, sign, answer. Against
// BenchmarkFloorP256 it has to stay under 2.2. The second is all of the ceremony, options and look-up too.
func BenchmarkAssertionFromVault(b *testing.B) {
	ctx, v := context.Background(), newVault(b)
	var last *Passkey
	for range 1000 {
		p, _, err := mustCreation(b, `{}`).Make(ctx, rand.Reader, true)
		if err != nil {
			b.Fatal(err)
		}
		if last == nil {
			p.RPID = "example.com"
			last = p
		} else {
			p.RPID = "other.test"
		}
		if err := v.AddPasskey(ctx, p); err != nil {
			b.Fatal(err)
		}
	}
	sign := func(b *testing.B, a *Assertion, id vault.ID) {
		p, err := v.Passkey(ctx, id)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := a.Sign(ctx, p, true); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("floor", BenchmarkFloorP256)
	b.Run("sealed record to answer", func(b *testing.B) {
		a := mustAssertion(b, `{}`)
		for b.Loop() {
			sign(b, a, last.ID)
		}
	})
	for name, options := range map[string]string{"all of a discoverable one": `{}`, "all of a listed one": `{"allowCredentials":[{"type":"public-key","id":"` + base64.RawURLEncoding.EncodeToString(last.CredentialID) + `"}]}`} {
		b.Run(name, func(b *testing.B) {
			options := requestWith(b, options)
			for b.Loop() {
				a, err := NewAssertion(options, "", simpleCaller(), now())
				if err != nil {
					b.Fatal(err)
				}
				matches, err := a.Matches(ctx, v)
				if err != nil {
					b.Fatal(err)
				}
				sign(b, a, matches[0].ID)
			}
		})
	}
}
