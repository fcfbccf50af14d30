//go:build unix

package paths

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// UnsafeDirError refuses a folder in which others could put a socket of theirs.
type UnsafeDirError struct{ Dir, Reason string }

func (e *UnsafeDirError) Error() string {
	return fmt.Sprintf("%s can't hold the agent's socket: %s; make it a folder of your own with mode 0700, or remove it", e.Dir, e.Reason)
}

// EnsureRunDir makes the folder of the socket (0700), or checks the one that is there: a real folder, owned by this
// user, closed to everybody else. Otherwise it returns an [*UnsafeDirError].
func (p Profile) EnsureRunDir() error {
	if err := os.MkdirAll(p.RunDir, 0o700); err != nil {
		return fmt.Errorf("can't make the folder of the agent's socket: %w", err)
	}
	info, err := os.Lstat(p.RunDir)
	if err != nil {
		return fmt.Errorf("can't look at the folder of the agent's socket: %w", err)
	}
	return private(p.RunDir, info)
}

func private(dir string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return &UnsafeDirError{dir, "it is no folder"}
	case !ok || int(stat.Uid) != os.Geteuid():
		return &UnsafeDirError{dir, "it belongs to another user"}
	case info.Mode().Perm()&0o077 != 0:
		return &UnsafeDirError{dir, fmt.Sprintf("others may use it (mode %04o)", info.Mode().Perm())}
	}
	return nil
}

func socketPath(runDir, vaultDir string) string {
	return filepath.Join(runDir, socketName(vaultDir)+".sock")
}

func home() (string, error) {
	h := os.Getenv("HOME")
	if !filepath.IsAbs(h) {
		return "", ErrNoHome
	}
	return h, nil
}
