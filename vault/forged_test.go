package vault

import (
	"bytes"
	"context"
	"crypto/hpke"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Somebody who has the vault's files, but none of its secrets, knows the public key of each slot. With that they make a
// vault of their own that carries the victim's slot, with a root key of theirs sealed to it, and put it in the victim's
// place. Opened with the victim's passphrase it would look whole, and whatever is stored from then on would be theirs.
func TestForgedVaultDoesNotOpen(t *testing.T) {
	ctx := context.Background()
	victim := newVaultIn(t, fastDir(t)+"/v")
	if err := victim.Close(); err != nil {
		t.Fatal(err)
	}
	_, public, err := readHeaders(victim.dir)
	if err != nil {
		t.Fatal(err)
	}
	forger := newVaultIn(t, fastDir(t)+"/f")
	if err := forger.AddPasskey(ctx, samplePasskey(1, "planted.example", p256Key(t))); err != nil {
		t.Fatal(err)
	}
	forged := forger.hdr.clone()
	forged.slots = []slot{public.slots[0]}
	s := &forged.slots[0]
	pub, err := hpke.MLKEM768X25519().NewPublicKey(s.public)
	if err != nil {
		t.Fatal(err)
	}
	root := newKeys(bytes.Clone(forger.keys.root)) // Close erases the vault's own
	if err := forger.Close(); err != nil {
		t.Fatal(err)
	}
	for _, binder := range [][]byte{nil, make([]byte, keySize), s.binder, randomKey()} {
		s.wrapped, err = hpke.Seal(pub, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), s.info(forged.vault, binder), root.root)
		if err != nil {
			t.Fatal(err)
		}
		for _, kept := range [][]byte{s.binder, root.wrapKey(s.binderAAD(forged.vault), binder)} {
			h := forged.clone()
			h.slots[0].binder = kept
			raw := h.encode(root.mac)
			for _, name := range []string{fileHeader, fileBackup} {
				if err := os.WriteFile(filepath.Join(forger.dir, name), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			v, err := Open(ctx, forger.dir, secret(), cheap())
			if err == nil {
				p, err := v.Search(ctx, "", "", 0)
				t.Fatalf("the victim's passphrase opened a forged vault with %d entries (%v, %v)", p.Total, err, v.Close())
			}
			var d *DamagedError
			if !errors.As(err, &d) {
				t.Fatalf("a forged vault is refused by %v", err)
			}
		}
	}
}
