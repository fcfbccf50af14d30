//go:build linux

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// scriptPhrase opens the scripts' vaults.
const scriptPhrase = "correct horse battery staple plum"

func scriptVault(ts *testscript.TestScript) string {
	return filepath.Join(ts.Getenv("HOME"), ".local", "share", "keyferry", "default", "vault")
}

// storePasskeys puts passkeys into the locked vault: store USER@SITE...
func storePasskeys(ts *testscript.TestScript, _ bool, args []string) {
	secret := vault.Passphrase([]byte(scriptPhrase))
	v, err := vault.Open(context.Background(), scriptVault(ts), secret, vault.Options{})
	ts.Check(err)
	for _, arg := range args {
		user, site, _ := strings.Cut(arg, "@")
		p, err := newPasskey(user, site)
		ts.Check(err)
		ts.Check(v.AddPasskey(context.Background(), p))
	}
	ts.Check(v.Close())
}

func newPasskey(user, site string) (*vault.Passkey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &vault.Passkey{
		RPID: site, RPName: site, CredentialID: []byte(rand.Text()), UserHandle: []byte(rand.Text()), UserName: user, UserDisplayName: user,
		Algorithm: -7, PrivateKey: der, BackupEligible: true, BackupState: true, Discoverable: true, CreatedAt: now, ModifiedAt: now,
	}, nil
}

// readID sets variables to an entry's ID and the beginning of it: id SHOWN ID PREFIX.
func readID(ts *testscript.TestScript, _ bool, args []string) {
	var e protocol.Entry
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &e))
	ts.Setenv(args[1], e.ID)
	ts.Setenv(args[2], idMark+e.ID[:8])
}

// damageVault changes a byte in the middle of each of the vault's files that match: damage PATTERN.
func damageVault(ts *testscript.TestScript, _ bool, args []string) {
	files, err := filepath.Glob(filepath.Join(scriptVault(ts), args[0]))
	ts.Check(err)
	if len(files) == 0 {
		ts.Fatalf("nothing matches %s", args[0])
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		ts.Check(err)
		b[len(b)/2] ^= 1
		b[len(b)-3] ^= 1
		ts.Check(os.WriteFile(path, b, 0o600))
	}
}
