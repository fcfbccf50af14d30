package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
)

// inspection is what a look at the store's files has found before Badger may open them.
type inspection struct {
	findings []Finding
	repairs  []func() error // what can be put right without loss
}

func (i *inspection) found(name, problem string) {
	i.findings = append(i.findings, Finding{Place: "store file " + name, Problem: problem})
}

// inspect looks and changes nothing.
func (v *Vault) inspect(clean bool, commit uint64) (*inspection, error) {
	i := &inspection{}
	if st, err := os.Stat(v.storeDir()); err != nil || !st.IsDir() {
		i.found(filepath.Base(v.storeDir()), "the folder is missing")
		return i, nil
	}
	var sealed []sealedFile
	if clean {
		sealed = v.readSeal(commit)
	}
	for _, f := range sealed {
		v.inspectSealed(i, f)
	}
	keys := v.inspectRegistry(i)
	if len(sealed) == 0 {
		v.inspectTables(i, keys)
	}
	return i, errors.Join(v.inspectLogs(i, keys), v.inspectHarmless(i, keys))
}

func (v *Vault) inspectSealed(i *inspection, f sealedFile) {
	path := filepath.Join(v.storeDir(), f.name)
	now, err := hashStoreFile(path)
	if err == nil && now == f {
		return
	}
	for _, name := range spared {
		spare := filepath.Join(v.genFile(dirSpare, v.hdr.gen), name)
		if s, err := hashStoreFile(spare); name == f.name && err == nil && s == f {
			i.repairs = append(i.repairs, func() error { return restore(spare, path) })
			return
		}
	}
	switch {
	case err != nil:
		i.found(f.name, "it is missing or can't be read")
	case now.size != f.size:
		i.found(f.name, fmt.Sprintf("it has %d bytes instead of %d", now.size, f.size))
	default:
		i.found(f.name, "it was changed")
	}
}

func restore(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, b)
}

// inspectRegistry makes sure of the data keys. A damaged registry is put right from its second copy.
func (v *Vault) inspectRegistry(i *inspection) dataKeys {
	path, storeKey := filepath.Join(v.storeDir(), "KEYREGISTRY"), v.keys.store(v.hdr.gen)
	keys, err := readRegistry(path, storeKey)
	if err == nil {
		return keys
	}
	spare := filepath.Join(v.genFile(dirSpare, v.hdr.gen), "KEYREGISTRY")
	if keys, serr := readRegistry(spare, storeKey); serr == nil {
		i.repairs = append(i.repairs, func() error { return restore(spare, path) })
		return keys
	}
	i.found("KEYREGISTRY", err.Error())
	return nil
}

// inspectTables looks at the tables that the manifest names: Badger would end the process over a bad foot.
func (v *Vault) inspectTables(i *inspection, keys dataKeys) {
	f, err := os.Open(filepath.Join(v.storeDir(), "MANIFEST"))
	if err != nil {
		i.found("MANIFEST", "it is missing or can't be read")
		return
	}
	defer f.Close()
	m, _, err := badger.ReplayManifestFile(f, 0, storeOptions(v.storeDir(), nil, v.opts.Log))
	if err != nil {
		i.found("MANIFEST", err.Error())
		return
	}
	for id, t := range m.Tables {
		name := fmt.Sprintf("%06d.sst", id)
		foot, err := tableFoot(filepath.Join(v.storeDir(), name))
		if err == nil {
			_, err = readTableIndex(foot)
		}
		if err != nil {
			i.found(name, err.Error())
		} else if keys != nil && keys[t.KeyID] == nil {
			i.found(name, "its data key is unknown")
		}
	}
}

// inspectLogs cuts off what a crash left half written behind the last whole transaction. Badger would do so too, but
// would first believe the lengths in it. Whether that loses anything is for the anchor to say.
func (v *Vault) inspectLogs(i *inspection, keys dataKeys) error {
	logs, err := storeFiles(v.storeDir(), ".mem")
	for _, path := range logs {
		end, rest, err := scanLog(path, keys, false, func(rawEntry) {})
		if err != nil {
			i.found(filepath.Base(path), err.Error())
		} else if rest {
			i.repairs = append(i.repairs, func() error { return os.Truncate(path, end) })
		} else if end == 0 {
			i.repairs = append(i.repairs, func() error { return os.Remove(path) })
		}
	}
	return err
}

// inspectHarmless has value logs and statistics made anew when they are not what Badger expects: nothing of ours is in
// them.
func (v *Vault) inspectHarmless(i *inspection, keys dataKeys) error {
	logs, err := storeFiles(v.storeDir(), ".vlog")
	whole := len(logs) > 0
	for _, path := range logs {
		if _, rest, err := scanLog(path, keys, false, func(rawEntry) {}); rest || err != nil {
			whole = false
		}
	}
	discard := filepath.Join(v.storeDir(), "DISCARD")
	if b, err := readFile(discard, 4<<20); err != nil || len(b) != 1<<20 || !isZero(b) {
		whole = false
	}
	if whole || err != nil {
		return err
	}
	i.repairs = append(i.repairs, func() error {
		var errs []error
		for _, path := range append(logs, discard) {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	})
	return nil
}
