package cxp

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// freeMemory is half of the machine's memory: macOS keeps hardly any page free on purpose and hands
// out compressed and cached ones as needed, so its count of free pages would refuse every backup.
func freeMemory() (uint64, error) {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, fmt.Errorf("sysctl hw.memsize: %w", err)
	}
	return n / 2, nil
}
