package link

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/keyferry/keyferry/host/paths"
)

// lockFile takes the lock on a file, which it makes if need be; it waits until ctx ends.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("can't lock: %w", err)
	}
	for {
		locked, err := tryLock(f)
		if locked {
			return func() { f.Close() }, nil
		}
		if err == nil {
			err = sleep(ctx, 10*time.Millisecond)
		}
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("can't lock %s: %w", path, err)
		}
	}
}

// Leftovers are the files that agents of a profile leave in [paths.Profile]'s RunDir, or may have left.
func Leftovers(p paths.Profile) []string {
	return []string{p.SocketPath, p.SocketPath + ".locked", lockPath(p, "start"), lockPath(p, "listen"), lockPath(p, "stderr")}
}

// lockPath names a file beside the socket: "start" and "listen" are locks, "stderr" is what a starting agent said.
func lockPath(p paths.Profile, what string) string {
	name := strings.TrimSuffix(filepath.Base(strings.ReplaceAll(p.SocketPath, `\`, "/")), ".sock")
	return filepath.Join(p.RunDir, name+"."+what)
}
