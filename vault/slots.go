package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// SlotInfo is one way into the vault.
type SlotInfo struct {
	ID        ID
	Kind      SlotKind
	Label     string
	CreatedAt time.Time
	Cost      Cost // passphrase slots
}

func (s *slot) describe() SlotInfo { return SlotInfo{s.id, s.kind, s.label, s.created, s.cost} }

// Slots lists the ways into the vault, oldest first.
func (v *Vault) Slots() []SlotInfo {
	v.hmu.RLock()
	defer v.hmu.RUnlock()
	list := make([]SlotInfo, len(v.hdr.slots))
	for i := range v.hdr.slots {
		list[i] = v.hdr.slots[i].describe()
	}
	return list
}

// AddSlot adds a way into the vault. A passphrase gets the cost of Options, or a calibrated one.
func (v *Vault) AddSlot(ctx context.Context, s Secret, label string) (SlotInfo, error) {
	k, err := v.slotKey(s)
	if err != nil {
		return SlotInfo{}, err
	}
	defer k.clear()
	var made slot
	err = v.changeHeader(ctx, func(h *header) (err error) {
		if len(h.slots) >= maxSlots {
			return fmt.Errorf("a vault has at most %d key slots: %w", maxSlots, ErrTooLarge)
		}
		if made, err = k.slot(h.vault, v.keys, slot{id: NewID(), label: label, created: v.opts.now()}); err != nil {
			return err
		}
		h.slots = append(h.slots, made)
		return nil
	})
	if err != nil {
		return SlotInfo{}, err
	}
	return made.describe(), nil
}

// ChangePassphrase gives a slot another secret of its kind. No key of the vault changes: who has seen the old
// passphrase and has an old copy of the header still opens that copy. Rekey is for that case. ErrNotFound.
func (v *Vault) ChangePassphrase(ctx context.Context, id ID, s Secret) error {
	k, err := v.slotKey(s)
	if err != nil {
		return err
	}
	defer k.clear()
	return v.changeSlot(ctx, id, nil, k)
}

// changeSlot puts another secret into a slot. A salt says that the slot must still be the one that has it.
func (v *Vault) changeSlot(ctx context.Context, id ID, salt []byte, k *slotKey) error {
	return v.changeHeader(ctx, func(h *header) error {
		i := slices.IndexFunc(h.slots, func(s slot) bool { return s.id == id })
		if i < 0 || salt != nil && !bytes.Equal(salt, h.slots[i].salt) {
			return fmt.Errorf("key slot %s: %w", id, ErrNotFound)
		}
		if h.slots[i].kind != k.kind {
			return fmt.Errorf("a %s slot can't take a %s: %w", h.slots[i].kind, k.kind, ErrInvalid)
		}
		made, err := k.slot(h.vault, v.keys, slot{id: id, label: h.slots[i].label, created: h.slots[i].created})
		if err == nil {
			h.slots[i] = made
		}
		return err
	})
}

// UpgradeCost gives the passphrase slot that s opens a higher Argon2id cost when this machine has become able to bear
// twice of what is stored. It reports whether it did. ErrWrongSecret when s opens no slot. Two derivations and a
// calibration are in it, about a second; nothing waits for it.
func (v *Vault) UpgradeCost(ctx context.Context, s Secret) (bool, error) {
	want, err := v.opts.cost()
	if err != nil {
		return false, err
	}
	v.hmu.RLock()
	slots, vault := slices.Clone(v.hdr.slots), v.hdr.vault
	v.hmu.RUnlock()
	for i := range slots {
		if slots[i].kind != SlotPassphrase || s.kind != SlotPassphrase {
			continue
		}
		root, err := slots[i].open(vault, s)
		clear(root)
		if errors.Is(err, ErrWrongSecret) {
			continue
		}
		if err != nil || want.work() < 2*slots[i].cost.work() {
			return false, err
		}
		k, err := newSlotKey(s, want)
		if err != nil {
			return false, err
		}
		defer k.clear()
		err = v.changeSlot(ctx, slots[i].id, slots[i].salt, k)
		if errors.Is(err, ErrNotFound) { // removed or changed meanwhile
			return false, nil
		}
		return err == nil, err
	}
	return false, ErrWrongSecret
}

func (c Cost) work() uint64 { return uint64(c.MemoryKiB) * uint64(c.Passes) }

// RemoveSlot removes a way into the vault and makes new root and record keys, since whoever knows its secret may have
// a copy of the old header. ErrLastSlot, ErrNotFound. It takes as long as Rekey.
func (v *Vault) RemoveSlot(ctx context.Context, id ID) error {
	return v.rekey(ctx, func(h *header) error {
		i := slices.IndexFunc(h.slots, func(s slot) bool { return s.id == id })
		if i < 0 {
			return fmt.Errorf("key slot %s: %w", id, ErrNotFound)
		}
		if len(h.slots) == 1 {
			return ErrLastSlot
		}
		h.slots = slices.Delete(h.slots, i, i+1)
		return nil
	})
}

// Rekey makes new root and record keys and re-seals everything: for "my passphrase was seen". The slots stay, and none of
// their secrets is needed; change the passphrase that was seen first. Reads go on meanwhile, writes wait.
func (v *Vault) Rekey(ctx context.Context) error {
	return v.rekey(ctx, func(*header) error { return nil })
}

func (v *Vault) slotKey(s Secret) (*slotKey, error) {
	var cost Cost
	switch s.kind {
	case SlotPassphrase:
		var err error
		if cost, err = v.opts.cost(); err != nil {
			return nil, err
		}
	case SlotRecovery, SlotKeyring:
	default:
		return nil, fmt.Errorf("no key slot can be made of this secret: %w", ErrInvalid)
	}
	return newSlotKey(s, cost)
}

// changeHeader writes a changed copy of the header, and has the state record count it.
func (v *Vault) changeHeader(ctx context.Context, change func(*header) error) error {
	if err := v.awaitVerified(ctx); err != nil {
		return err
	}
	v.wmu.Lock()
	defer v.wmu.Unlock()
	if err := v.writable(); err != nil {
		return err
	}
	h := v.hdr.clone()
	if err := change(h); err != nil {
		return err
	}
	h.revision++
	if err := v.writeHeader(h, v.keys); err != nil {
		return err
	}
	v.setHeader(h)
	v.noteHeader(ctx)
	return nil
}

func (v *Vault) setHeader(h *header) {
	v.hmu.Lock()
	v.hdr = h
	v.hmu.Unlock()
}

func (h *header) clone() *header {
	c := *h
	c.slots, c.epochs = slices.Clone(h.slots), slices.Clone(h.epochs)
	if h.rewrite != nil {
		r := *h.rewrite
		c.rewrite = &r
	}
	return &c
}
