// Package keyring keeps the random secret of a vault's keyring slot in the login keyring: Secret Service on Linux, the
// Keychain on macOS, the Credential Manager on Windows (through zalando/go-keyring).
//
// It is off unless the person asks for it. What lies in the keyring opens one key slot of one vault; it is not the
// root key, and removing the slot makes it worthless. Any program of the person's can read it while they are logged
// in, so it proves nothing about who is there: the vault does not take it for verification, and after an explicit lock
// nothing may reopen the vault with it.
package keyring

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/keyferry/keyferry/vault"
)

const (
	service = "app.keyferry.vault"
	// A keyring that is locked asks the person, and one whose daemon hangs never answers.
	timeout = 30 * time.Second
)

// ErrNotFound: the keyring holds no secret for this vault.
var ErrNotFound = errors.New("the login keyring holds nothing for this vault")

// Create makes a random secret, stores it for the vault and returns it for vault.AddSlot. An older one is replaced, which
// makes its slot unusable; remove that slot first. vault.ErrKeyring where there is no keyring.
func Create(ctx context.Context, id vault.ID) (vault.Secret, error) {
	b := make([]byte, vault.KeyringSecretSize)
	defer clear(b)
	rand.Read(b) // never fails
	s, err := vault.KeyringSecret(b)
	if err != nil {
		return vault.Secret{}, err
	}
	value := base64.RawURLEncoding.EncodeToString(b)
	_, err = call(ctx, func() (string, error) { return "", gokeyring.Set(service, id.String(), value) })
	return s, err
}

// Load reads the vault's secret; vault.IDOf says which ID a folder's vault has. ErrNotFound, vault.ErrKeyring.
func Load(ctx context.Context, id vault.ID) (vault.Secret, error) {
	value, err := call(ctx, func() (string, error) { return gokeyring.Get(service, id.String()) })
	if err != nil {
		return vault.Secret{}, err
	}
	b, err := base64.RawURLEncoding.DecodeString(value)
	defer clear(b)
	if err != nil {
		return vault.Secret{}, fmt.Errorf("%w: what it holds for this vault is malformed", vault.ErrKeyring)
	}
	return vault.KeyringSecret(b)
}

// Delete removes the vault's secret. Nothing there is no error.
func Delete(ctx context.Context, id vault.ID) error {
	_, err := call(ctx, func() (string, error) { return "", gokeyring.Delete(service, id.String()) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// call gives the keyring a time limit. The library has none: a call that hangs is left behind, and its result dropped.
func call(ctx context.Context, fn func() (string, error)) (string, error) {
	if err := reachable(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type result struct {
		value string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := fn()
		done <- result{v, err}
	}()
	select {
	case <-ctx.Done():
		return "", fmt.Errorf("%w: it does not answer (%w)", vault.ErrKeyring, ctx.Err())
	case r := <-done:
		switch {
		case r.err == nil:
			return r.value, nil
		case errors.Is(r.err, gokeyring.ErrNotFound):
			return "", ErrNotFound
		}
		return "", fmt.Errorf("%w: %w", vault.ErrKeyring, r.err)
	}
}

// reachable refuses where there is no session bus: the D-Bus client would start one and leave it running.
func reachable() error {
	switch runtime.GOOS {
	case "darwin", "windows":
		return nil
	}
	switch addr := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); addr {
	case "":
	case "disabled:":
		return fmt.Errorf("%w: the session bus is disabled", vault.ErrKeyring)
	default:
		return nil
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		if _, err := os.Stat(filepath.Join(dir, "bus")); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: there is no session bus", vault.ErrKeyring)
}
