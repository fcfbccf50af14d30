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
	"time"
)

// cheap makes Argon2id cost nothing. Only tests inside the package can lower the floor.
func cheap() Options {
	c := Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}
	return Options{Cost: c, hooks: hooks{floor: c}}
}

var testPassphrase = []byte("seven brown otters paddle")

func secret() Secret { return Passphrase(testPassphrase) }

func newVaultIn(tb testing.TB, dir string) *Vault {
	tb.Helper()
	v, err := Create(context.Background(), dir, secret(), cheap())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := v.Close(); err != nil {
			tb.Error(err)
		}
	})
	return v
}

func reopen(tb testing.TB, v *Vault) *Vault {
	tb.Helper()
	if err := v.Close(); err != nil {
		tb.Fatal(err)
	}
	return openIn(tb, v.dir)
}

func openIn(tb testing.TB, dir string) *Vault {
	tb.Helper()
	v, err := Open(context.Background(), dir, secret(), cheap())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { v.Close() })
	return v
}

func p256Key(tb testing.TB) []byte {
	tb.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

// samplePasskey is like a real one in size. n makes it distinct.
func samplePasskey(n int, rp string, key []byte) *Passkey {
	cred := make([]byte, 32)
	rand.Read(cred)
	user := make([]byte, 32)
	rand.Read(user)
	prf := make([]byte, 64)
	rand.Read(prf)
	at := time.UnixMilli(1_700_000_000_000 + int64(n)*1000)
	return &Passkey{
		RPID: rp, RPName: "The site " + rp, CredentialID: cred, UserHandle: user,
		UserName: fmt.Sprintf("person%d@%s", n, rp), UserDisplayName: fmt.Sprintf("José Person %d", n),
		Algorithm: -7, PrivateKey: key, BackupEligible: true, BackupState: true, Discoverable: true,
		CreatedAt: at, ModifiedAt: at, CredWithUV: prf[:32], CredWithoutUV: prf[32:],
	}
}

// fastDir is a temporary folder in memory where there is one: for tests that open hundreds of vaults and do not ask what a disk
// does.
func fastDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "keyferry-test-")
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	return dir
}

func tortureSite(n int) string { return fmt.Sprintf("site%d.example", n%25) }

// torturePasskey is the n-th passkey of a site, the same in every process.
func torturePasskey(rp string, n int) *Passkey {
	sum := sha256.Sum256([]byte(fmt.Sprint(rp, " ", n)))
	return &Passkey{RPID: rp, CredentialID: sum[:16], UserHandle: sum[16:], UserName: fmt.Sprint("user ", n), Algorithm: -7,
		PrivateKey: append([]byte("key "), sum[:]...), Discoverable: true, CreatedAt: time.UnixMilli(1_700_000_000_000)}
}
