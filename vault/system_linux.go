package vault

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve makes a sparse file real, so that writing to its memory map can't fail for lack of space (that would be
// SIGBUS, which ends the process). File systems that can't are left to the check of free space.
func reserve(f *os.File, size int64) error {
	err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil
	}
	return diskErr(err)
}

func fdatasync(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }

// syncsMaps: syncing a file makes what was written through a memory map of it durable.
const syncsMaps = true
