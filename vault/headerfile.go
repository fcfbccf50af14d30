package vault

import (
	"bytes"
	"context"
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
// gone. A second copy that is newer can't come from a crash: it is written last.
func (v *Vault) refreshBackup(raw []byte) error {
	path := filepath.Join(v.dir, fileBackup)
	old, err := readFile(path, maxHeader)
	if err == nil && bytes.Equal(old, raw) {
		return nil
	}
	if h, derr := decodeHeader(old); err == nil && derr == nil && headerAuthentic(old, v.keys.mac) && h.revision > v.hdr.revision {
		v.newer = h.revision
		return nil
	}
	if err := v.opts.hooks.writeFile(path, raw); err != nil {
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
	if err := v.opts.hooks.writeFile(path, raw); err != nil {
		return fmt.Errorf("writing the vault's header: %w", err)
	}
	back, err := readFile(path, maxHeader)
	if err != nil {
		return fmt.Errorf("reading the vault's header back: %w", err)
	}
	if _, err := decodeHeader(back); err != nil || !headerAuthentic(back, k.mac) {
		return damaged("header", "it can't be read back as it was written; the one before is kept as "+fileBackup)
	}
	if err := v.opts.hooks.writeFile(filepath.Join(v.dir, fileBackup), raw); err != nil {
		return fmt.Errorf("writing the header's second copy: %w", err)
	}
	return nil
}

// olderHeader finds an older header that was put back: the state record counts the header's changes, and is written after
// each of them. It would bring back what was changed since, a passphrase above all.
func (v *Vault) olderHeader() *DamagedError {
	newest := max(v.newer, v.st.header)
	if newest <= v.hdr.revision {
		return nil
	}
	return damaged("header", fmt.Sprintf("an older one was put back, of change %d where change %d was made: "+
		"a passphrase that was changed since, or a key slot that was added, is as it was before", v.hdr.revision, newest))
}

// noteHeader has the state record count a change of the header. The change itself is durable already, so where there is no
// room for this the next commit does it.
func (v *Vault) noteHeader(ctx context.Context) {
	if err := v.writeLocked(context.WithoutCancel(ctx), func(*tx) error { return nil }); err != nil {
		v.opts.Log.Warn().Err(err).Msg("counting a change of the header; the next change of the vault counts it")
	}
}
