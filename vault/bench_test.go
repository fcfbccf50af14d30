package vault

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"os"
	"testing"
)

// filled makes a vault of n passkeys by one import: 10 sites with many, the rest one each.
func filled(tb testing.TB, n int) (*Vault, []*Passkey) {
	tb.Helper()
	ctx := context.Background()
	v := newVaultIn(tb, tb.TempDir())
	return v, fill(tb, ctx, v, n)
}

func fill(tb testing.TB, ctx context.Context, v *Vault, n int) []*Passkey {
	tb.Helper()
	s, err := v.Stage(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	key := p256Key(tb)
	var sample []*Passkey
	for i := range n {
		p := samplePasskey(i, fmt.Sprintf("site%d.example", i), key)
		if err := s.AddPasskey(ctx, p); err != nil {
			tb.Fatal(err)
		}
		if i%max(1, n/100) == 0 {
			sample = append(sample, p)
		}
	}
	if err := s.Commit(ctx); err != nil {
		tb.Fatal(err)
	}
	return sample
}

// BenchmarkAssertion: from the sealed record to the signature, against a bare P-256 signature.
func BenchmarkAssertion(b *testing.B) {
	ctx := context.Background()
	v, sample := filled(b, 1000)
	digest := sha256.Sum256([]byte("x"))
	b.Run("bare", func(b *testing.B) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := ecdsa.SignASN1(rand.Reader, k, digest[:]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("vault", func(b *testing.B) {
		i := 0
		for b.Loop() {
			p := sample[i%len(sample)]
			i++
			got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID)
			if err != nil {
				b.Fatal(err)
			}
			k, err := x509.ParsePKCS8PrivateKey(got.PrivateKey)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := ecdsa.SignASN1(rand.Reader, k.(*ecdsa.PrivateKey), digest[:]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("lookup", func(b *testing.B) {
		i := 0
		b.ReportAllocs()
		for b.Loop() {
			p := sample[i%len(sample)]
			i++
			if _, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list", func(b *testing.B) {
		i := 0
		b.ReportAllocs()
		for b.Loop() {
			p := sample[i%len(sample)]
			i++
			if _, err := v.PasskeysByRP(ctx, p.RPID); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCreate: a durable AddPasskey against key generation and one fsynced append.
func BenchmarkCreate(b *testing.B) {
	ctx := context.Background()
	v, _ := filled(b, 1000)
	b.Run("floor", func(b *testing.B) {
		f, err := os.Create(b.TempDir() + "/append")
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		buf := make([]byte, 1024)
		for b.Loop() {
			if _, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
				b.Fatal(err)
			}
			if _, err := f.Write(buf); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("vault", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i++
			k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				b.Fatal(err)
			}
			der, err := x509.MarshalPKCS8PrivateKey(k)
			if err != nil {
				b.Fatal(err)
			}
			if err := v.AddPasskey(ctx, samplePasskey(i, fmt.Sprintf("new%d.example", i), der)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
