//go:build unix && !linux

package agent

import "errors"

// memoryFile has no equivalent here that never touches a disk: a lock erases the PIN.
func memoryFile([]byte) (int, error) {
	return 0, errors.New("a PIN can't be kept over a lock on this system")
}
