package vault

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"

	"github.com/dgraph-io/badger/v4"
)

// Create makes a vault in the folder (mode 0700, made if need be) with one key slot for the given secret, and opens
// it. ErrVaultExists when there is one.
func Create(ctx context.Context, dir string, first Secret, o Options) (*Vault, error) {
	if first.kind != SlotPassphrase && first.kind != SlotRecovery && first.kind != SlotKeyring {
		return nil, fmt.Errorf("a vault can't be made with this kind of secret: %w", ErrInvalid)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := privateDir(dir, true); err != nil {
		return nil, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	v := newVault(dir, o, lock)
	if err := v.create(first); err != nil {
		v.abandon()
		return nil, err
	}
	return v, nil
}

func (v *Vault) create(first Secret) error {
	if there, err := Exists(v.dir); err != nil {
		return err
	} else if there {
		return ErrVaultExists
	}
	if err := v.removeOtherGenerations(0); err != nil { // a creation that a crash cut short
		return err
	}
	cost := Cost{}
	if first.kind == SlotPassphrase {
		var err error
		if cost, err = v.opts.cost(); err != nil {
			return err
		}
	}
	root := randomKey()
	v.useRoot(root)
	v.hdr = &header{vault: NewID(), revision: 1, created: v.opts.now(), gen: 1}
	v.newEpoch(1)
	k, err := newSlotKey(first, cost)
	if err != nil {
		return err
	}
	defer k.clear()
	s, err := k.slot(v.hdr.vault, v.keys, slot{id: NewID(), created: v.opts.now()})
	if err != nil {
		return err
	}
	v.hdr.slots = []slot{s}
	if err = v.newStore(1); err != nil {
		return err
	}
	// The header comes last: before it there is no vault.
	if err := v.writeHeader(v.hdr, v.keys); err != nil {
		return err
	}
	v.check = finishedCheck()
	v.start()
	return nil
}

// newStore makes an empty generation: Badger's folder with a first state record, and its anchor.
func (v *Vault) newStore(gen uint32) error {
	dir := v.genFile(dirStore, gen)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return diskErr(err)
	}
	db, err := openStore(dir, v.keys.store(gen), v.opts.Log)
	if err != nil {
		return err
	}
	v.db, v.logs, v.st = db, &logSync{dir: dir, hooks: v.opts.hooks}, state{commit: 1, header: v.hdr.revision}
	if err := reserveLogs(dir); err != nil {
		return err
	}
	value := v.epochs.seal(stateKey, 0, 1, v.st.encode(), nil)
	if err := db.Update(func(b *badger.Txn) error { return b.Set(stateKey[:], value) }); err != nil {
		return diskErr(err)
	}
	if err := v.logs.sync(); err != nil {
		return err
	}
	a := anchor{vault: v.hdr.vault, gen: gen, commit: 1, state: sha256.Sum256(value)}
	if v.anchor, err = createAnchor(v.genFile(fileAnchor, gen), v.keys.anchor, a); err != nil {
		return err
	}
	v.anchor.hooks = v.opts.hooks
	return nil
}
