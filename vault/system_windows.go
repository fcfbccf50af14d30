package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/windows"
)

// lockFile keeps every other process out of the vault's folder. Windows locks are mandatory, so the byte that is
// locked lies far behind the PID that others read.
type lockFile struct{ f *os.File }

const lockOffset = 1 << 30

func takeLock(dir string) (*lockFile, error) {
	f, err := os.OpenFile(filepath.Join(dir, fileLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, diskErr(err)
	}
	o := &windows.Overlapped{Offset: lockOffset}
	if err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, o); err != nil {
		defer f.Close()
		if !errors.Is(err, windows.ERROR_LOCK_VIOLATION) && !errors.Is(err, windows.ERROR_IO_PENDING) {
			return nil, fmt.Errorf("locking the vault: %w", err)
		}
		b := make([]byte, 32)
		n, _ := f.ReadAt(b, 0)
		pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
		if err != nil || pid < 0 {
			pid = 0
		}
		return nil, &InUseError{PID: pid}
	}
	if err := f.Truncate(0); err == nil {
		if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\r\n"), 0); err != nil && !errors.Is(err, windows.ERROR_DISK_FULL) {
			f.Close()
			return nil, fmt.Errorf("writing the lock file: %w", err)
		}
	}
	return &lockFile{f}, nil
}

func (l *lockFile) release() error {
	if l == nil || l.f == nil {
		return nil
	}
	err := errors.Join(l.f.Truncate(0), l.f.Close())
	l.f = nil
	return err
}

func checkOwner(fs.FileInfo) error { return nil } // the profile folder's access list keeps others out

func syncDir(string) error { return nil } // NTFS has its names in the journal; folders can't be flushed

func diskErr(err error) error {
	if errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) {
		return fmt.Errorf("%w (%w)", ErrDiskFull, err)
	}
	return err
}

func freeSpace(dir string) (uint64, error) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(p, &free, nil, nil); err != nil {
		return 0, fmt.Errorf("asking for free disk space: %w", err)
	}
	return free, nil
}
