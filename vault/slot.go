package vault

import (
	"crypto/hpke"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
)

// A key slot holds the root key sealed to an X-Wing public key (ML-KEM-768 with X25519; HPKE, RFC 9180, KEM 0x647a):
// vault files get copied and kept, so they must stand against tomorrow's computers. The key pair comes from the
// slot's secret; since its public half stands in the header, a new root key can be sealed to every slot without
// asking for any secret.

const (
	saltSize   = 32
	xwingPub   = 1216
	xwingEnc   = 1120
	wrappedLen = xwingEnc + keySize + 16
	maxLabel   = 200
)

// newSlot makes a slot for the secret with the root key in it, and opens it again before it counts. n gives what the
// slot has besides (id, label, date).
func newSlot(vault ID, root []byte, s Secret, cost Cost, n slot) (slot, error) {
	if len(n.label) > maxLabel {
		return slot{}, fmt.Errorf("a slot's label has at most %d bytes: %w", maxLabel, ErrTooLarge)
	}
	n.kind, n.salt, n.cost = s.kind, make([]byte, saltSize), Cost{}
	rand.Read(n.salt)
	if s.kind == SlotPassphrase {
		n.cost = cost
	}
	k, err := n.private(s)
	if err != nil {
		return slot{}, err
	}
	n.public = k.PublicKey().Bytes()
	if err := n.seal(vault, root); err != nil {
		return slot{}, err
	}
	back, err := n.unseal(vault, k)
	if err != nil || subtle.ConstantTimeCompare(back, root) != 1 {
		return slot{}, errSlotDamaged
	}
	clear(back)
	return n, nil
}

func (s *slot) private(secret Secret) (hpke.PrivateKey, error) {
	seed, err := secret.slotSeed(s.salt, s.cost)
	if err != nil {
		return nil, err
	}
	defer clear(seed)
	return hpke.MLKEM768X25519().NewPrivateKey(seed)
}

func (s *slot) info(vault ID) []byte {
	b := append([]byte("keyferry vault 1 slot"), byte(s.kind))
	return append(append(b, vault[:]...), s.id[:]...)
}

// seal puts the root key into the slot.
func (s *slot) seal(vault ID, root []byte) error {
	pub, err := hpke.MLKEM768X25519().NewPublicKey(s.public)
	if err != nil {
		return fmt.Errorf("slot %s: public key: %w", s.id, err)
	}
	s.wrapped, err = hpke.Seal(pub, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), s.info(vault), root)
	return err
}

var errSlotDamaged = errors.New("key slot does not authenticate")

// open takes the root key out: ErrWrongSecret when the secret gives another key pair.
func (s *slot) open(vault ID, secret Secret) ([]byte, error) {
	k, err := s.private(secret)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(k.PublicKey().Bytes(), s.public) != 1 {
		return nil, ErrWrongSecret
	}
	return s.unseal(vault, k)
}

func (s *slot) unseal(vault ID, k hpke.PrivateKey) ([]byte, error) {
	root, err := hpke.Open(k, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), s.info(vault), s.wrapped)
	if err != nil || len(root) != keySize {
		return nil, errSlotDamaged
	}
	return root, nil
}

func (s *slot) check(floor Cost) error {
	if s.id.IsZero() || len(s.salt) != saltSize || len(s.public) != xwingPub || len(s.wrapped) != wrappedLen {
		return errHeader
	}
	if s.kind == SlotPassphrase {
		return s.cost.check(floor)
	}
	return nil
}

// openHeader tries the secret on every slot of its kind and returns the root key of the first that opens.
func (h *header) open(secret Secret, floor Cost) ([]byte, error) {
	if secret.kind == secretRoot {
		return append([]byte(nil), secret.value...), nil
	}
	// One damaged slot must not keep the others from opening; it is reported when none does.
	var broken error
	for i := range h.slots {
		s := &h.slots[i]
		if s.kind != secret.kind {
			continue
		}
		err := s.check(floor)
		if err == nil {
			var root []byte
			if root, err = s.open(h.vault, secret); err == nil {
				return root, nil
			}
		}
		if !errors.Is(err, ErrWrongSecret) {
			broken = fmt.Errorf("slot %s: %w", s.id, err)
		}
	}
	if broken != nil {
		return nil, broken
	}
	return nil, ErrWrongSecret
}
