package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// SalvageReport says what came of a salvage.
type SalvageReport struct {
	Passkeys, Items, Settings int       // that are in the fresh vault
	Lost                      []Finding // what is damaged, missing or older than it should be
}

// Salvage moves everything of a damaged vault that still authenticates into a fresh vault in the folder dest, with
// the same key slots and a new root key, and lists the rest. The damaged vault stays as it is. What the list calls
// rolled back is in the fresh vault in the older version that was found.
func Salvage(ctx context.Context, dir, dest string, s Secret, o Options) (report SalvageReport, err error) {
	if there, err := Exists(dest); err != nil {
		return report, err
	} else if there {
		return report, ErrVaultExists
	}
	if err := privateDir(dir, false); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = ErrNoVault
		}
		return report, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		return report, err
	}
	o.ReadOnlyIfDamaged, o.salvaging = true, true
	from := newVault(dir, o, lock)
	defer from.abandon()
	if err := from.openHeader(s); err != nil {
		return report, err
	}
	from.readOnly, from.openDamage = true, &DamagedError{}
	if err := from.rebuild(ctx); err != nil {
		return report, err
	}
	from.startCheck()
	if err := from.check.await(ctx); err != nil {
		return report, err
	}
	if d := from.damage(); d != nil {
		report.Lost = slices.Clone(d.Findings)
	}
	to, err := from.salvageInto(ctx, dest)
	if err != nil {
		return report, err
	}
	report.count(to)
	return report, to.Close()
}

func (v *Vault) salvageInto(ctx context.Context, dest string) (*Vault, error) {
	if err := privateDir(dest, true); err != nil {
		return nil, err
	}
	lock, err := takeLock(dest)
	if err != nil {
		return nil, err
	}
	to := newVault(dest, v.opts, lock)
	to.opts.ReadOnlyIfDamaged, to.opts.salvaging = false, false
	fail := func(err error) (*Vault, error) {
		to.abandon()
		return nil, fmt.Errorf("filling the fresh vault: %w", err)
	}
	to.useRoot(randomKey())
	to.hdr = v.hdr.clone()
	to.hdr.gen, to.hdr.epochs, to.hdr.rewrite = 1, nil, nil
	to.hdr.revision++
	to.newEpoch(1)
	for i := range to.hdr.slots {
		if err := to.hdr.slots[i].move(to.hdr.vault, v.keys, to.keys); err != nil {
			return fail(err)
		}
	}
	if err := to.removeOtherGenerations(0); err != nil {
		return fail(err)
	}
	if err = to.newStore(1); err != nil {
		return fail(err)
	}
	to.check = finishedCheck()
	c := copier{from: v, to: to, dropped: map[ID]bool{}, chains: map[chain][]entry{}, visibleOnly: true}
	if err := c.run(ctx); err != nil {
		return fail(err)
	}
	if err := to.writeHeader(to.hdr, to.keys); err != nil {
		return fail(err)
	}
	to.setStages()
	to.start()
	return to, nil
}

func (r *SalvageReport) count(v *Vault) {
	// The records were written a moment ago: an error here would come back from Close as well.
	_ = v.view(context.Background(), func(rd reader) error {
		return rd.each(context.Background(), 0, func(key recordKey, _ envelope) error {
			switch key[0] {
			case kindPasskey:
				r.Passkeys++
			case kindItem:
				r.Items++
			case kindSetting:
				r.Settings++
			}
			return nil
		})
	})
}

// Replace puts a salvaged vault in the damaged one's place and returns where the damaged one was moved to.
func Replace(dir, salvaged string) (kept string, err error) {
	if there, err := Exists(salvaged); err != nil {
		return "", err
	} else if !there {
		return "", ErrNoVault
	}
	for _, d := range []string{dir, salvaged} { // nobody may have either of them open
		lock, err := takeLock(d)
		if err != nil {
			return "", err
		}
		defer lock.release()
	}
	kept = dir + time.Now().UTC().Format(".damaged-20060102T150405.000")
	if err := os.Rename(dir, kept); err != nil {
		return "", err
	}
	if err := os.Rename(salvaged, dir); err != nil {
		return "", errors.Join(err, os.Rename(kept, dir))
	}
	return kept, nil
}
