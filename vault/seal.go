package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// The seal is a list of Badger's files as a close in good order left them: sizes and hashes (of tables only the index at
// their end; blocks have checksums that are verified as they are read). With it, an open knows before Badger touches
// anything whether the files are the same. Beside it lie second copies of the two small files that all others hang on.
type sealedFile struct {
	name string
	size int64
	hash [sha256.Size]byte
}

var spared = []string{"KEYREGISTRY", "MANIFEST"}

const maxSealedFiles = 1 << 20

func hashStoreFile(path string) (f sealedFile, err error) {
	st, err := os.Lstat(path)
	if err != nil {
		return f, err
	}
	f.name, f.size = filepath.Base(path), st.Size()
	var b []byte
	if strings.HasSuffix(path, ".sst") {
		b, err = tableFoot(path)
	} else {
		b, err = readFile(path, 64<<20)
	}
	f.hash = sha256.Sum256(b)
	return f, err
}

// tableFoot reads a table's end without its blocks: index and checksum, as much as the foot says.
func tableFoot(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	n := min(st.Size(), 64<<10)
	for {
		b := make([]byte, n)
		if _, err := f.ReadAt(b, st.Size()-n); err != nil {
			return nil, err
		}
		index, err := readTableIndex(b)
		if err == nil {
			return b[index.blocks:], nil
		}
		if n == st.Size() {
			return b, nil // damaged: all of it, so that its hash is another one
		}
		n = min(st.Size(), 4*n)
	}
}

func harmless(name string) bool {
	return strings.HasSuffix(name, ".vlog") || name == "DISCARD" || name == "LOCK"
}

// writeSeal comes after Badger's close and before the anchor says clean.
func (v *Vault) writeSeal() error {
	spare := v.genFile(dirSpare, v.hdr.gen)
	if err := os.MkdirAll(spare, 0o700); err != nil {
		return diskErr(err)
	}
	for _, name := range spared {
		b, err := os.ReadFile(filepath.Join(v.storeDir(), name))
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(spare, name), b); err != nil {
			return err
		}
	}
	list, err := os.ReadDir(v.storeDir())
	if err != nil {
		return err
	}
	var files []sealedFile
	for _, f := range list {
		if harmless(f.Name()) {
			continue
		}
		s, err := hashStoreFile(filepath.Join(v.storeDir(), f.Name()))
		if err != nil {
			return err
		}
		files = append(files, s)
	}
	var e encoder
	e.uint(1, v.anchor.last.commit)
	e.list(2, len(files), func(i int, e *encoder) {
		e.str(1, files[i].name)
		e.uint(2, uint64(files[i].size))
		e.bytes(3, files[i].hash[:])
	})
	m := hmac.New(sha256.New, v.keys.anchor)
	m.Write([]byte("seal"))
	m.Write(e.b)
	return writeFile(v.genFile(fileSeal, v.hdr.gen), m.Sum(e.b))
}

// readSeal returns nothing when there is no genuine seal for that commit.
func (v *Vault) readSeal(commit uint64) []sealedFile {
	b, err := readFile(v.genFile(fileSeal, v.hdr.gen), 128<<20)
	if err != nil || len(b) < sha256.Size {
		return nil
	}
	body := b[:len(b)-sha256.Size]
	m := hmac.New(sha256.New, v.keys.anchor)
	m.Write([]byte("seal"))
	m.Write(body)
	if !hmac.Equal(m.Sum(nil), b[len(body):]) {
		return nil
	}
	var files []sealedFile
	d := newDecoder(body)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			if d.uint() != commit {
				return nil
			}
		case 2:
			d.list(maxSealedFiles, func(d *decoder) { files = append(files, decodeSealed(d)) })
		default:
			d.fail()
		}
	}
	if d.err != nil {
		return nil
	}
	return files
}

func decodeSealed(d *decoder) (f sealedFile) {
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			f.name = d.str()
		case 2:
			f.size = int64(d.uint())
		case 3:
			if b := d.bytes(); len(b) == len(f.hash) {
				copy(f.hash[:], b)
			} else {
				d.fail()
			}
		default:
			d.fail()
		}
	}
	return f
}

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
