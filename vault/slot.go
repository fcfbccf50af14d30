package vault

import (
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
)

// A key slot holds the root key sealed to an X-Wing public key (ML-KEM-768 with X25519; HPKE, RFC 9180, KEM 0x647a):
// vault files get copied and kept, so they must stand against tomorrow's computers. The key pair comes from the
// slot's secret; since its public half stands in the header, a new root key can be sealed to every slot without
// asking for any secret.
//
// A public key alone would let anybody who has the file seal a root key of their own to it, and so pass a vault of
// theirs off as this one. So a slot also has a binder, a key that comes from the secret too and goes into the sealing as a
// pre-shared key would (as part of HPKE's info: crypto/hpke has no PSK mode). The header keeps it sealed under the
// root: who has the secret or the root can seal to the slot, nobody else.

const (
	saltSize   = 32
	xwingPub   = 1216
	xwingEnc   = 1120
	wrappedLen = xwingEnc + keySize + 16
	maxLabel   = 200
)

// slotKey is what a secret gives for a slot that is to be made. Argon2id's half a second goes into it, before any lock
// is taken.
type slotKey struct {
	kind    SlotKind
	cost    Cost
	salt    []byte
	private hpke.PrivateKey
	binder  []byte
}

func newSlotKey(s Secret, cost Cost) (*slotKey, error) {
	n := slot{kind: s.kind, salt: make([]byte, saltSize)}
	rand.Read(n.salt)
	if s.kind == SlotPassphrase {
		n.cost = cost
	}
	k, binder, err := n.derive(s)
	if err != nil {
		return nil, err
	}
	return &slotKey{n.kind, n.cost, n.salt, k, binder}, nil
}

// slot makes a slot with the root key in it, and opens it again before it counts. n gives what the slot has besides (id,
// label, date).
func (k *slotKey) slot(vault ID, root *keys, n slot) (slot, error) {
	if len(n.label) > maxLabel {
		return slot{}, fmt.Errorf("a slot's label has at most %d bytes: %w", maxLabel, ErrTooLarge)
	}
	n.kind, n.salt, n.cost, n.public = k.kind, k.salt, k.cost, k.private.PublicKey().Bytes()
	if err := n.seal(vault, root, k.binder); err != nil {
		return slot{}, err
	}
	back, err := n.unseal(vault, k.private, k.binder)
	if err != nil || subtle.ConstantTimeCompare(back, root.root) != 1 {
		return slot{}, errSlotDamaged
	}
	clear(back)
	return n, nil
}

func (k *slotKey) clear() { clear(k.binder) }

// derive makes the slot's key pair and binder of a secret.
func (s *slot) derive(secret Secret) (k hpke.PrivateKey, binder []byte, err error) {
	seed, err := secret.slotSeed(s.salt, s.cost)
	if err != nil {
		return nil, nil, err
	}
	defer clear(seed)
	if k, err = hpke.MLKEM768X25519().NewPrivateKey(seed); err != nil {
		return nil, nil, err
	}
	binder, err = hkdf.Expand(sha256.New, seed, "keyferry vault 1 slot binder", keySize)
	return k, binder, err
}

func (s *slot) info(vault ID, binder []byte) []byte {
	b := append([]byte("keyferry vault 1 slot"), byte(s.kind))
	return append(append(append(b, vault[:]...), s.id[:]...), binder...)
}

// seal puts the root key into the slot, and the binder under the root.
func (s *slot) seal(vault ID, root *keys, binder []byte) error {
	pub, err := hpke.MLKEM768X25519().NewPublicKey(s.public)
	if err != nil {
		return fmt.Errorf("slot %s: public key: %w", s.id, err)
	}
	s.wrapped, err = hpke.Seal(pub, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), s.info(vault, binder), root.root)
	s.binder = root.wrapKey(s.binderAAD(vault), binder)
	return err
}

// move puts a new root key into the slot in the place of the old one.
func (s *slot) move(vault ID, from, to *keys) error {
	binder, err := from.unwrapKey(s.binderAAD(vault), s.binder)
	if err != nil {
		return fmt.Errorf("slot %s: its binder: %w", s.id, errSlotDamaged)
	}
	defer clear(binder)
	return s.seal(vault, to, binder)
}

func (s *slot) binderAAD(vault ID) []byte {
	return append(append([]byte("slot binder"), vault[:]...), s.id[:]...)
}

var errSlotDamaged = errors.New("key slot does not authenticate")

// open takes the root key out: ErrWrongSecret when the secret gives another key pair.
func (s *slot) open(vault ID, secret Secret) ([]byte, error) {
	k, binder, err := s.derive(secret)
	if err != nil {
		return nil, err
	}
	defer clear(binder)
	if subtle.ConstantTimeCompare(k.PublicKey().Bytes(), s.public) != 1 {
		return nil, ErrWrongSecret
	}
	return s.unseal(vault, k, binder)
}

func (s *slot) unseal(vault ID, k hpke.PrivateKey, binder []byte) ([]byte, error) {
	root, err := hpke.Open(k, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), s.info(vault, binder), s.wrapped)
	if err != nil || len(root) != keySize {
		return nil, errSlotDamaged
	}
	return root, nil
}

func (s *slot) check(floor Cost) error {
	if s.id.IsZero() || len(s.salt) != saltSize || len(s.public) != xwingPub || len(s.wrapped) != wrappedLen || len(s.binder) != wrappedKey {
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
