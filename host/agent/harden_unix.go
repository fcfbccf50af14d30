//go:build unix && !linux

package agent

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Harden switches off core dumps and makes files private; being traced is up to the system here.
func Harden() error {
	unix.Umask(0o077)
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("could not switch off core dumps: %w", err)
	}
	return nil
}
