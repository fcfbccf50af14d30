package vault

import (
	"bytes"
	"context"
	"crypto/subtle"
	"fmt"
	"path/filepath"
	"slices"
)

// Verify says whether the secret opens one of the vault's slots: a fresh proof of who is there, independent of the
// vault being open. ErrWrongSecret when not. The login keyring proves nothing about who is there: ErrInvalid.
func (v *Vault) Verify(ctx context.Context, s Secret) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.kind == SlotKeyring {
		return fmt.Errorf("the login keyring is no proof of a person: %w", ErrInvalid)
	}
	v.hmu.RLock()
	h := v.hdr.clone()
	own := bytes.Clone(v.keys.root)
	v.hmu.RUnlock()
	defer clear(own)
	root, err := h.open(s, v.opts.floor())
	if err != nil {
		return err
	}
	defer clear(root)
	if subtle.ConstantTimeCompare(root, own) != 1 {
		return ErrWrongSecret // a PIN blob from before the keys were changed
	}
	return nil
}

// ID names the vault for as long as it exists, whatever becomes of its keys.
func (v *Vault) ID() ID {
	v.hmu.RLock()
	defer v.hmu.RUnlock()
	return v.hdr.vault
}

// IDOf reads a vault's ID without opening it. It is not authenticated: good for finding something again, not for a
// decision. ErrNoVault.
func IDOf(dir string) (ID, error) {
	for _, name := range []string{fileHeader, fileBackup} {
		raw, err := readFile(filepath.Join(dir, name), maxHeader)
		if err != nil {
			continue
		}
		if h, err := decodeHeader(raw); err == nil {
			return h.vault, nil
		}
	}
	if there, err := Exists(dir); err != nil {
		return ID{}, err
	} else if !there {
		return ID{}, ErrNoVault
	}
	return ID{}, damaged("header", "neither copy can be read")
}

// HasSlot reports whether the vault has a slot of that kind, without opening it. Like IDOf it believes an unauthenticated
// file: good for deciding what to try, nothing else.
func HasSlot(dir string, kind SlotKind) bool {
	for _, name := range []string{fileHeader, fileBackup} {
		raw, err := readFile(filepath.Join(dir, name), maxHeader)
		if err != nil {
			continue
		}
		if h, err := decodeHeader(raw); err == nil {
			return slices.ContainsFunc(h.slots, func(s slot) bool { return s.kind == kind })
		}
	}
	return false
}
