package agent

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Harden closes the process to others of the same user: not traceable, no core dumps, files private. It comes first
// in main, and again after each exec, which undoes it.
func Harden() error {
	unix.Umask(0o077)
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("could not make the agent untraceable: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("could not switch off core dumps: %w", err)
	}
	return nil
}
