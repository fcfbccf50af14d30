package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
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
