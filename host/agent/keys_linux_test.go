package agent

import (
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/keyferry/keyferry/vault"
	"github.com/keyferry/keyferry/vault/vaulttest"
)

// keysOfVault are the secret number of the passkey of example.com, the vault's root key and its record keys, by name, from
// a copy of the locked vault's files.
func (p *process) keysOfVault() map[string]string {
	p.t.Helper()
	dir := filepath.Join(p.t.TempDir(), "vault")
	if err := os.CopyFS(dir, os.DirFS(p.cfg.Profile.VaultDir)); err != nil {
		p.t.Fatal(err)
	}
	for _, name := range []string{"LOCK", "lock"} {
		_ = os.Remove(filepath.Join(dir, name))
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	secret := vault.Passphrase([]byte(goodPhrase))
	v, err := vault.Open(p.t.Context(), dir, secret, vaulttest.Options())
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = v.Close() }()
	found, err := v.PasskeysByRP(p.t.Context(), "example.com")
	if err != nil || len(found) != 1 {
		p.t.Fatal(found, err)
	}
	whole, err := v.Passkey(p.t.Context(), found[0].ID)
	if err != nil {
		p.t.Fatal(err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(whole.PrivateKey)
	if err != nil {
		p.t.Fatal(err)
	}
	d, err := parsed.(*ecdsa.PrivateKey).Bytes()
	if err != nil {
		p.t.Fatal(err)
	}
	keys := map[string]string{"private key": string(d)}
	inner := reflect.ValueOf(v).Elem()
	keys["root key"] = string(inner.FieldByName("keys").Elem().FieldByName("root").Bytes())
	for epoch, aead := range inner.FieldByName("epochs").Elem().FieldByName("aeads").Seq2() {
		keys[fmt.Sprint("record key ", epoch.Uint())] = arrayOf(aead.Elem().Elem().FieldByName("key"))
	}
	for what, key := range keys {
		if len(key) != 32 {
			p.t.Fatalf("the %s has %d bytes", what, len(key))
		}
	}
	return keys
}

// arrayOf reads a byte array that is another package's own. What it holds is looked for in memory, and nobody but this
// test has a reason to get at it.
func arrayOf(v reflect.Value) string {
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	return string(b)
}
