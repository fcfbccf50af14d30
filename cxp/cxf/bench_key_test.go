package cxf

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"testing"
	"time"
)

// BenchmarkCheckKey checks a P-256 key against the floor of deriving its public
// key, which is what the check is there for.
func BenchmarkCheckKey(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	der, err := MarshalPrivateKey(key)
	if err != nil {
		b.Fatal(err)
	}
	scalar, err := key.Bytes()
	if err != nil {
		b.Fatal(err)
	}
	const batch = 200
	var floor, ours time.Duration
	for b.Loop() {
		floor += timed(func() {
			for range batch {
				k, err := ecdh.P256().NewPrivateKey(scalar)
				if err != nil {
					b.Fatal(err)
				}
				k.PublicKey()
			}
		})
		ours += timed(func() {
			for range batch {
				if _, err := ParsePrivateKey(der); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ours)/float64(floor), "×floor")
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N*batch), "ns/key")
}

// BenchmarkParsePrivateKey is the time for one key of each kind.
func BenchmarkParsePrivateKey(b *testing.B) {
	for i, name := range []string{"P-256", "P-384", "P-521", "Ed25519", "RSA-1024", "ML-DSA-44", "ML-DSA-65"} {
		der, err := base64.StdEncoding.DecodeString(testKeys[i])
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ParsePrivateKey(der); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
