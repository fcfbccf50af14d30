package vault

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// rebuild makes a store in memory of whatever still authenticates in the damaged generation's files: those that were
// copied aside before Badger opened them, and those that are there now. The vault is read-only over it. Records stay
// sealed in memory.
func (v *Vault) rebuild(ctx context.Context) error {
	best, findings, err := v.gather(ctx)
	if err != nil {
		return err
	}
	v.openDamage.Findings = append(v.openDamage.Findings, findings...)
	o := badger.DefaultOptions("").WithInMemory(true).WithLogger(storeLog{v.opts.Log}).WithMetricsEnabled(false).
		WithCompression(options.None).WithNumGoroutines(1).WithMemTableSize(16 << 20).WithBlockCacheSize(2 << 20)
	db, err := badger.Open(o)
	if err != nil {
		return fmt.Errorf("making a store of what is left: %w", err)
	}
	v.db = db
	b := db.NewWriteBatch()
	defer b.Cancel()
	for key, e := range best {
		if e.value == nil || e.deleted {
			continue
		}
		if err := b.Set(append([]byte(nil), key[:]...), e.value); err != nil {
			return fmt.Errorf("making a store of what is left: %w", err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("making a store of what is left: %w", err)
	}
	v.st = state{}
	now := db.NewTransaction(false)
	defer now.Discard()
	if st, _, err := readState(reader{v: v, b: now}); err == nil {
		v.st = st
	}
	v.setStages()
	if d := v.olderHeader(); d != nil && v.opts.salvaging { // an open has looked already
		v.openDamage.Findings = append(v.openDamage.Findings, d.Findings...)
	}
	return nil
}

// gather finds the newest authentic version of each record.
func (v *Vault) gather(ctx context.Context) (map[recordKey]rawEntry, []Finding, error) {
	best := map[recordKey]rawEntry{}
	r := reader{v: v}
	emit := func(e rawEntry) {
		if old, ok := best[e.key]; ok && old.ts >= e.ts {
			return
		}
		if !e.deleted {
			if _, _, err := r.authenticate(e.key, e.value); err != nil {
				return
			}
		}
		best[e.key] = e
	}
	keys := v.allDataKeys()
	seen := map[string]bool{}
	var findings []Finding
	for _, dir := range []string{v.genFile(dirAside, v.hdr.gen), v.storeDir()} {
		for _, ext := range []string{".sst", ".mem"} {
			files, err := storeFiles(dir, ext)
			if err != nil {
				return nil, nil, err
			}
			for _, path := range files {
				if err := ctx.Err(); err != nil {
					return nil, nil, err
				}
				problem := ""
				if ext == ".mem" {
					if _, _, err := scanLog(path, keys, true, emit); err != nil {
						problem = err.Error()
					}
				} else if bad, err := scanTable(path, keys, emit); err != nil {
					problem = err.Error()
				} else if bad > 0 {
					problem = fmt.Sprintf("%d of its blocks can't be read", bad)
				}
				if name := filepath.Base(path); problem != "" && !seen[name] {
					seen[name] = true
					findings = append(findings, Finding{Place: "store file " + name, Problem: problem})
				}
			}
		}
	}
	return best, findings, nil
}

// allDataKeys reads every copy of the key registry that can be read.
func (v *Vault) allDataKeys() dataKeys {
	all := dataKeys{}
	for _, dir := range []string{v.genFile(dirSpare, v.hdr.gen), v.genFile(dirAside, v.hdr.gen), v.storeDir()} {
		keys, err := readRegistry(filepath.Join(dir, "KEYREGISTRY"), v.keys.store(v.hdr.gen))
		if err != nil {
			continue // another copy may do; without any, gather says so of every file
		}
		for id, k := range keys {
			all[id] = k
		}
	}
	return all
}

// keepAside marks the copy as needed: later opens leave it alone, until a salvage or a close in good order.
func (v *Vault) keepAside() error {
	dir := v.genFile(dirAside, v.hdr.gen)
	if _, err := os.Stat(dir); err != nil {
		if err := v.copyAside(); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(dir, fileKeep), nil)
}
