package paths

import (
	"fmt"
	"os"
	"path/filepath"
)

// maxSocketPath is the longest name of a pipe.
const maxSocketPath = 256

// EnsureRunDir makes the folder of the lock files. The pipe's own access list keeps other users out (package link).
func (p Profile) EnsureRunDir() error {
	if err := os.MkdirAll(p.RunDir, 0o700); err != nil {
		return fmt.Errorf("can't make the agent's folder: %w", err)
	}
	return nil
}

func socketPath(_, vaultDir string) string { return `\\.\pipe\keyferry-` + socketName(vaultDir) }

// baseDirs lies in the local application data, which does not roam: a vault has one writer.
func baseDirs() (dirs, error) {
	local, err := os.UserCacheDir() // %LocalAppData%
	if err != nil {
		return dirs{}, fmt.Errorf("%w (%w)", ErrNoHome, err)
	}
	base := filepath.Join(local, "keyferry")
	return dirs{data: base, config: base, state: filepath.Join(base, "log"), run: filepath.Join(base, "run")}, nil
}
