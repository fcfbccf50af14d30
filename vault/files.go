package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The files of a vault's folder.
const (
	fileHeader  = "header"     // how it opens
	fileBackup  = "header.bak" // the header before, until the new one has proved to open; then a second copy of it
	fileLock    = "lock"
	fileBallast = "ballast" // room that is given back before a close
	dirStore    = "store-"  // + generation: Badger's folder
	fileAnchor  = "anchor-" // + generation: which commit the store must be at
	fileSeal    = "seal-"   // + generation: what Badger's files looked like when it closed
	dirAside    = "aside-"  // + generation: the store's files as they were found after an unclean end
	dirSpare    = "spare-"  // + generation: second copies of Badger's key registry and manifest
	fileKeep    = "KEEP"    // in an aside folder: it is needed for a salvage
)

func genName(prefix string, gen uint32) string { return prefix + strconv.FormatUint(uint64(gen), 10) }

// genOf takes a name made by genName apart.
func genOf(name string) (prefix string, gen uint32, ok bool) {
	i := strings.LastIndexByte(name, '-')
	if i < 0 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(name[i+1:], 10, 32)
	if err != nil || n == 0 || genName(name[:i+1], uint32(n)) != name {
		return "", 0, false
	}
	switch name[:i+1] {
	case dirStore, fileAnchor, fileSeal, dirAside, dirSpare:
		return name[:i+1], uint32(n), true
	}
	return "", 0, false
}

// diskStep is one thing done to the disk, in the order in which it was done.
type diskStep struct {
	op       string // "create", "write", "sync", "rename", "sync folder"; "syncing" and "synced" for files written in place
	path, to string
	data     []byte // written
}

func (h hooks) step(s diskStep) {
	if h.disk != nil {
		h.disk(s)
	}
}

func (h hooks) fdatasync(f *os.File) error {
	h.step(diskStep{op: "syncing", path: f.Name()})
	if err := fdatasync(f); err != nil {
		return err
	}
	h.step(diskStep{op: "synced", path: f.Name()})
	return nil
}

func writeFile(path string, data []byte) error { return hooks{}.writeFile(path, data) }

// writeFile puts a file in place so that after a crash the old or the new one is there, whole: temporary file, fsync,
// rename, fsync of the folder.
func (h hooks) writeFile(path string, data []byte) (err error) {
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return diskErr(err)
	}
	defer func() {
		if err != nil {
			os.Remove(tmp)
			err = diskErr(err)
		}
	}()
	h.step(diskStep{op: "create", path: tmp})
	if _, err = f.Write(data); err == nil {
		h.step(diskStep{op: "write", path: tmp, data: data})
		if err = f.Sync(); err == nil {
			h.step(diskStep{op: "sync", path: tmp})
		}
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err = os.Rename(tmp, path); err != nil {
		return err
	}
	h.step(diskStep{op: "rename", path: tmp, to: path})
	if err = syncDir(filepath.Dir(path)); err == nil {
		h.step(diskStep{op: "sync folder", path: filepath.Dir(path)})
	}
	return err
}

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > limit {
		return nil, fmt.Errorf("%s is no regular file of at most %d bytes: %w", filepath.Base(path), limit, ErrInvalid)
	}
	return os.ReadFile(path)
}

// privateDir makes the folder if need be and sees to it that only its owner gets in. Badger makes files of mode 0644:
// the folder is what keeps others out, whatever the umask.
func privateDir(dir string, make bool) error {
	if make {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return diskErr(err)
		}
	}
	st, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return fmt.Errorf("%s is no folder: %w", dir, ErrPermissions)
	}
	if err := checkOwner(st); err != nil {
		return err
	}
	if st.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(dir, 0o700); err != nil {
			return fmt.Errorf("%w: %w", ErrPermissions, err)
		}
	}
	return nil
}

// Exists reports whether the folder holds a vault, or what is left of one.
func Exists(dir string) (bool, error) {
	for _, name := range []string{fileHeader, fileBackup} {
		_, err := os.Lstat(filepath.Join(dir, name))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("looking for a vault: %w", err)
		}
	}
	return false, nil
}

// folderSize is the sum of its files' sizes, value logs left out: nothing of ours is large enough for one, they only have
// room reserved.
func folderSize(dir string) (int64, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var n int64
	for _, f := range list {
		st, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // compacted away meanwhile
		}
		if err != nil {
			return 0, err
		}
		if filepath.Ext(f.Name()) != ".vlog" {
			n += st.Size()
		}
	}
	return n, nil
}
