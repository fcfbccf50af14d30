package kdbx

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

const benchItems = 10_000

// benchDocument has 10,000 items, each a login with a passkey of one key, whose making is not what is measured.
func benchDocument(b *testing.B) *formats.Document {
	key := newKey(b, "ES256")
	items := make([]cxf.Item, benchItems)
	for i := range items {
		host := fmt.Sprintf("site%d.example", i)
		items[i] = cxf.Item{
			Title: host, CreationAt: 1_600_000_000, ModifiedAt: 1_600_000_000, Scope: &cxf.CredentialScope{URLs: []string{"https://" + host}},
			Credentials: []cxf.Credential{
				formats.Login(fmt.Sprint("user", i), fmt.Sprint("password ", i)),
				&cxf.Passkey{CredentialID: fmt.Append(nil, "credential ", i), RPID: host, Username: "ann", UserHandle: []byte("handle"), Key: key},
			},
		}
	}
	return document(nil, items...)
}

// BenchmarkWrite is with the least costs of the key derivation, which does not depend on the items.
func BenchmarkWrite(b *testing.B) {
	d := benchDocument(b)
	for b.Loop() {
		if _, err := (Format{}).Write(b.Context(), io.Discard, d, formats.WriteOptions{Passphrase: []byte("x"), KDF: cheap}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(benchItems*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

func BenchmarkRead(b *testing.B) {
	var out bytes.Buffer
	if _, err := (Format{}).Write(b.Context(), &out, benchDocument(b), formats.WriteOptions{Passphrase: []byte("x"), KDF: cheap}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Format{}).Read(b.Context(), input(out.Bytes(), "x", nil)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(benchItems*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkUnlock is the key derivation alone, with the costs that are written.
func BenchmarkUnlock(b *testing.B) {
	costs := defaultKDF()
	k := kdf{kind: kdfArgon2id, salt: make([]byte, 32), memory: uint64(costs.Memory) << 10, passes: uint64(costs.Time), lanes: uint64(costs.Threads)}
	for b.Loop() {
		if _, err := k.derive(b.Context(), make([]byte, 32)); err != nil {
			b.Fatal(err)
		}
	}
}
