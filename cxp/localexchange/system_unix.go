//go:build unix

package localexchange

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

func userBase() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return data, nil
	}
	return filepath.Join(home, ".local", "share"), nil
}

func systemFolders() []Folder {
	if runtime.GOOS == "darwin" {
		return []Folder{{"/Library/Application Support/credential-exchange/providers", true}}
	}
	return []Folder{
		{"/usr/local/share/credential-exchange/providers", true}, {"/usr/share/credential-exchange/providers", true},
	}
}

// safe refuses what somebody else owns or may write. A system's file has to be root's.
func safe(path string, system bool) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode()&0o022 != 0 {
		return fmt.Errorf("%s can be written by others", path)
	}
	return safeOwner(path, info, system)
}

func safeOwner(path string, info os.FileInfo, system bool) error {
	if owner := info.Sys().(*syscall.Stat_t).Uid; owner != 0 && (system || int(owner) != os.Getuid()) {
		return fmt.Errorf("%s belongs to somebody else", path)
	}
	return nil
}

// maxLinks is how many symbolic links a command's path may go through, as with the kernel.
const maxLinks = 40

// openSafe opens a file for reading that nobody else can write, checked on the open file itself. A pipe, say, is none.
func openSafe(path string, system bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s is no file", path)
	case info.Mode()&0o022 != 0:
		err = fmt.Errorf("%s can be written by others", path)
	default:
		err = safeOwner(path, info, system)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// stamp changes whenever a file's content may have changed: nobody but root can turn back when an inode changed.
func stamp(info os.FileInfo) string {
	s := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%d.%d.%d.%d.%d", s.Dev, s.Ino, s.Size, info.ModTime().UnixNano(), changed(s))
}

// safeCommand checks that a path leads to a program that nobody else can replace.
func safeCommand(path string, system bool) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("the command is missing: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		return errors.New("the command is no program")
	}
	if info.Mode()&(os.ModeSetuid|os.ModeSetgid) != 0 {
		return errors.New("the command would run as another user")
	}
	return safePath(path, system)
}

// safePath checks a file, every folder that leads to it, and every link on the way with the folders that lead to
// that: whoever may rename in one of them can replace the file.
func safePath(path string, system bool) error {
	at, rest := "/", path
	for links := 0; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		next := filepath.Join(at, name) // "..": at has no links in it any more
		if next == at {
			continue
		}
		info, err := os.Lstat(next)
		if err != nil {
			return err
		}
		if info.Mode()&os.ModeSymlink == 0 {
			if err := safeStep(next, info, system); err != nil {
				return fmt.Errorf("the command can be replaced: %w", err)
			}
			at = next
			continue
		}
		if err := safeOwner(next, info, system); err != nil {
			return fmt.Errorf("the command can be replaced: %w", err)
		}
		if links++; links > maxLinks {
			return errors.New("the command's path has too many links")
		}
		to, err := os.Readlink(next)
		if err != nil {
			return err
		}
		if filepath.IsAbs(to) {
			at = "/"
		}
		rest = to + "/" + rest
	}
	return nil
}

// safeStep checks a folder on the way, or the program at its end. In a shared folder such as /tmp only a thing's owner,
// and the folder's, may rename it; what is in it is checked next.
func safeStep(path string, info os.FileInfo, system bool) error {
	if info.IsDir() && info.Mode()&os.ModeSticky != 0 {
		return safeOwner(path, info, system)
	}
	return safe(path, system)
}
