package vault

import (
	"crypto/rand"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Outside seals small things that have to lie outside the vault's own files (the keys of a request that waits for its
// answer), so that nobody reads them who can't open the vault. Changing the vault's keys (Rekey, RemoveSlot) makes what
// was sealed before unreadable.
type Outside struct {
	v       *Vault
	purpose string
}

// MaxOutside is the largest thing that Outside seals, in bytes.
const MaxOutside = 1 << 20

// Outside returns the sealer for one purpose; what one purpose sealed, no other opens.
func (v *Vault) Outside(purpose string) *Outside { return &Outside{v, purpose} }

// Seal encrypts plaintext and binds it to aad.
func (o *Outside) Seal(plaintext, aad []byte) ([]byte, error) {
	if len(plaintext) > MaxOutside {
		return nil, fmt.Errorf("sealing %d bytes outside the vault: %w", len(plaintext), ErrTooLarge)
	}
	key, err := o.key()
	if err != nil {
		return nil, err
	}
	defer clear(key)
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plaintext)+chacha20poly1305.Overhead)
	rand.Read(nonce) // never fails
	return newAEAD(key).Seal(nonce, nonce, plaintext, aad), nil
}

// Open is the inverse of Seal; ErrInvalid for anything that Seal did not make for this purpose, with this aad, under
// the vault's present keys.
func (o *Outside) Open(sealed, aad []byte) ([]byte, error) {
	key, err := o.key()
	if err != nil {
		return nil, err
	}
	defer clear(key)
	if len(sealed) < chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead {
		return nil, fmt.Errorf("nothing that this vault sealed: %w", ErrInvalid)
	}
	n := sealed[:chacha20poly1305.NonceSizeX]
	plain, err := newAEAD(key).Open(nil, n, sealed[len(n):], aad)
	if err != nil {
		return nil, fmt.Errorf("nothing that this vault sealed under its present keys: %w", ErrInvalid)
	}
	return plain, nil
}

func (o *Outside) key() ([]byte, error) {
	o.v.hmu.RLock()
	defer o.v.hmu.RUnlock()
	o.v.mu.RLock()
	defer o.v.mu.RUnlock()
	if o.v.db == nil {
		return nil, ErrClosed
	}
	return subkey(o.v.keys.root, "outside "+o.purpose), nil
}
