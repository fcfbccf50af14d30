package agent

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// memoryFile puts bytes into a file that exists in memory only, sealed against changes, and open across exec.
func memoryFile(b []byte) (fd int, err error) {
	fd, err = unix.MemfdCreate("keyferry", unix.MFD_ALLOW_SEALING)
	if err != nil {
		return 0, fmt.Errorf("could not make a file in memory: %w", err)
	}
	if n, err := unix.Write(fd, b); err != nil || n != len(b) {
		return 0, errors.Join(fmt.Errorf("could not write a file in memory: %w", err), unix.Close(fd))
	}
	const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return 0, errors.Join(fmt.Errorf("could not seal a file in memory: %w", err), unix.Close(fd))
	}
	return fd, nil
}
