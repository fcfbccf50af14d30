//go:build unix && !linux

package localexchange

import "syscall"

// changed is when an inode was last changed, in nanoseconds.
func changed(s *syscall.Stat_t) int64 { return s.Ctimespec.Nano() }
