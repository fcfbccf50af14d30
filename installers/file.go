package installers

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// put writes a file of ours, whole or not at all, and makes its folder if need be. It can be repeated. A file that is
// there and is not ours gives a [*ForeignError]. With dry it only says what it would do.
func put(path string, text []byte, mode os.FileMode, ours func([]byte) bool, dry bool) (Change, error) {
	switch have, err := os.ReadFile(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", err
	case bytes.Equal(have, text):
		return Unchanged, nil
	case !ours(have):
		return "", &ForeignError{path}
	}
	if dry {
		return Written, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return Written, replace(path, text, mode)
}

// take removes a file of ours, and leaves anything else.
func take(path string, ours func([]byte) bool, dry bool) (Change, error) {
	have, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Absent, nil
	case err != nil:
		return "", err
	case !ours(have):
		return "", &ForeignError{path}
	case dry:
		return Removed, nil
	}
	return Removed, os.Remove(path)
}

// replace writes a file beside its place and renames it, so that nobody ever reads half of it.
func replace(path string, text []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	if err := errors.Join(f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
