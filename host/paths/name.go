package paths

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// maxName is how long a profile's name may be; the socket's path does not depend on it.
const maxName = 32

// InvalidNameError refuses a profile's name that could mean something else in a path, in whatever system.
type InvalidNameError struct{ Name string }

func (e *InvalidNameError) Error() string {
	return fmt.Sprintf("%q can't be a profile's name: use small letters (a to z), digits and hyphens between them, at most %d, such as work", e.Name, maxName)
}

// checkName is strict, so that a name is the same everywhere: folders of some systems don't tell A from a, some names
// are devices in Windows, and where all of Keyferry's files share a folder three names are taken.
func checkName(name string) error {
	if len(name) > maxName || !regexp.MustCompile(`^[a-z0-9]+(-+[a-z0-9]+)*$`).MatchString(name) ||
		regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9]|run|config|log)$`).MatchString(name) {
		return &InvalidNameError{name}
	}
	return nil
}

// Names returns the profiles that have a vault where this one would have it, the default one first. Whether those
// vaults are whole is not looked at.
func (p Profile) Names() ([]string, error) {
	root := filepath.Dir(filepath.Dir(p.VaultDir))
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("can't look for profiles: %w", err)
	}
	var names []string
	for _, e := range entries { // in alphabetical order
		if checkName(e.Name()) != nil {
			continue
		}
		if info, err := os.Stat(filepath.Join(root, e.Name(), filepath.Base(p.VaultDir))); err != nil || !info.IsDir() {
			continue
		}
		if e.Name() == DefaultProfile {
			names = slices.Insert(names, 0, DefaultProfile)
			continue
		}
		names = append(names, e.Name())
	}
	return names, nil
}
