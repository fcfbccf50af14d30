//go:build unix

package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// lockFile keeps every other process out of the vault's folder. Badger takes a lock too, but says only that somebody
// has it; ours says who.
type lockFile struct{ f *os.File }

func takeLock(dir string) (*lockFile, error) {
	f, err := os.OpenFile(filepath.Join(dir, fileLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, diskErr(err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("locking the vault: %w", err)
		}
		b, err := io.ReadAll(io.LimitReader(f, 32))
		if err != nil {
			return nil, &InUseError{}
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil || pid < 0 {
			pid = 0
		}
		return nil, &InUseError{PID: pid}
	}
	// Who holds it is for people only, so a full disk is no reason to keep them out: the lock itself is taken.
	if err := f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
		if err != nil && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
			f.Close()
			return nil, fmt.Errorf("writing the lock file: %w", err)
		}
	}
	return &lockFile{f}, nil
}

// release gives the lock up. The file stays: removing it would let two openers hold locks on two files of one name.
func (l *lockFile) release() error {
	if l == nil || l.f == nil {
		return nil
	}
	err := errors.Join(l.f.Truncate(0), l.f.Close())
	l.f = nil
	return err
}

func checkOwner(st fs.FileInfo) error {
	s, ok := st.Sys().(*syscall.Stat_t)
	if ok && int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("it belongs to user %d: %w", s.Uid, ErrPermissions)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// diskErr makes a lack of space recognisable.
func diskErr(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w (%w)", ErrDiskFull, err)
	}
	return err
}

// freeSpace is the room that is left for this user on the folder's file system.
func freeSpace(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("asking for free disk space: %w", err)
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}
