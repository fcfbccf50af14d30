package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// openHeader reads the header and takes the root key out of a slot. The second copy is used where the first one is
// damaged.
func (v *Vault) openHeader(s Secret) error {
	var firstErr error
	for _, name := range []string{fileHeader, fileBackup} {
		raw, err := readFile(filepath.Join(v.dir, name), maxHeader)
		var h *header
		if err == nil {
			h, err = decodeHeader(raw)
		}
		if err == nil {
			err = v.tryHeader(h, raw, s)
		}
		if err == nil {
			if name == fileBackup {
				v.opts.Log.Warn().AnErr("problem", firstErr).Msg("the vault's header was damaged; its second copy took its place")
				return v.writeHeader(v.hdr, v.keys)
			}
			return v.refreshBackup(raw)
		}
		if errors.Is(err, ErrNewer) || errors.Is(err, ErrWrongSecret) && firstErr == nil {
			return err // a whole header is authoritative about what opens it
		}
		if firstErr == nil {
			firstErr = err
		}
	}
	if errors.Is(firstErr, ErrWeakCost) {
		return firstErr
	}
	if errors.Is(firstErr, fs.ErrNotExist) {
		return damaged("header", "it is missing, and its second copy does not open")
	}
	return damaged("header", firstErr.Error())
}

// refreshBackup makes the second copy the same again when a crash came between the two: it may still hold a key that was meant to be
// gone.
func (v *Vault) refreshBackup(raw []byte) error {
	path := filepath.Join(v.dir, fileBackup)
	if old, err := readFile(path, maxHeader); err == nil && bytes.Equal(old, raw) {
		return nil
	}
	if err := writeFile(path, raw); err != nil {
		return fmt.Errorf("writing the header's second copy: %w", err)
	}
	return nil
}

func (v *Vault) tryHeader(h *header, raw []byte, s Secret) error {
	root, err := h.open(s, v.opts.floor())
	if err != nil {
		return err
	}
	v.useRoot(root)
	if !headerAuthentic(raw, v.keys.mac) {
		if s.kind == secretRoot {
			return ErrWrongSecret // the keys were changed since the PIN blob was made
		}
		return fmt.Errorf("%w: it was changed by somebody who does not have the vault's keys", errHeader)
	}
	for _, e := range h.epochs {
		key, err := v.keys.unwrapEpoch(h.vault, e.epoch, e.wrapped)
		if err != nil {
			return fmt.Errorf("%w: record key %d does not authenticate", errHeader, e.epoch)
		}
		v.epochs.aeads[e.epoch] = newAEAD(key)
		clear(key)
	}
	v.epochs.current = h.epochs[0].epoch
	v.hdr = h
	return nil
}

// writeHeader puts a new header in place. The one before stays as the second copy until the new one has been read back
// and found authentic under the keys at hand; then both copies are new, and no old wrapped key is left in any file.
func (v *Vault) writeHeader(h *header, k *keys) error {
	raw := h.encode(k.mac)
	path := filepath.Join(v.dir, fileHeader)
	if err := writeFile(path, raw); err != nil {
		return fmt.Errorf("writing the vault's header: %w", err)
	}
	back, err := readFile(path, maxHeader)
	if err != nil {
		return fmt.Errorf("reading the vault's header back: %w", err)
	}
	if _, err := decodeHeader(back); err != nil || !headerAuthentic(back, k.mac) {
		return damaged("header", "it can't be read back as it was written; the one before is kept as "+fileBackup)
	}
	if err := writeFile(filepath.Join(v.dir, fileBackup), raw); err != nil {
		return fmt.Errorf("writing the header's second copy: %w", err)
	}
	return nil
}
