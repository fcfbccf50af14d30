package vault

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// SlotKind says what opens a key slot.
type SlotKind uint8

// The kinds of key slots.
const (
	SlotPassphrase SlotKind = 1 // Argon2id over a passphrase
	SlotRecovery   SlotKind = 2 // a recovery phrase of 15 words
	SlotKeyring    SlotKind = 3 // a random secret kept by the login keyring
)

// String is the kind's name in messages and on the command line.
func (k SlotKind) String() string {
	switch k {
	case SlotPassphrase:
		return "passphrase"
	case SlotRecovery:
		return "recovery"
	case SlotKeyring:
		return "keyring"
	}
	return "unknown"
}

const secretRoot SlotKind = 255 // the root key itself, out of a PIN blob

// Secret is what opens a vault. Make one with Passphrase, RecoveryPhrase, KeyringSecret or OpenPIN, and Clear it.
type Secret struct {
	kind  SlotKind
	value []byte
}

// Passphrase makes a secret of a passphrase (its UTF-8 bytes, copied; erase your own). The dialog that asks for it
// decides about normalisation; every byte counts here.
func Passphrase(p []byte) Secret { return Secret{kind: SlotPassphrase, value: bytes.Clone(p)} }

// Clear erases the secret in memory.
func (s Secret) Clear() { clear(s.value) }

// Kind is the kind of slot that the secret can open.
func (s Secret) Kind() SlotKind { return s.kind }

// slotSeed turns a secret into the seed of a slot's X-Wing key pair. Only a passphrase needs slow work: the others
// have 128 bits of entropy or more.
func (s Secret) slotSeed(salt []byte, c Cost) ([]byte, error) {
	if s.kind == SlotPassphrase {
		return c.derive(s.value, salt), nil
	}
	return hkdf.Key(sha256.New, s.value, salt, "keyferry vault 1 slot seed "+s.kind.String(), 32)
}

// KeyringSecretSize is the length of a login keyring's secret in bytes.
const KeyringSecretSize = 32

// KeyringSecret makes a secret of the random bytes that a login keyring keeps (package vault/keyring). It is no proof
// of a person. ErrInvalid for another length.
func KeyringSecret(b []byte) (Secret, error) {
	if len(b) != KeyringSecretSize {
		return Secret{}, fmt.Errorf("a keyring secret has %d bytes: %w", KeyringSecretSize, ErrInvalid)
	}
	return Secret{kind: SlotKeyring, value: bytes.Clone(b)}, nil
}
