package doctor

import (
	"os"

	"golang.org/x/sys/windows"
)

// freeSpace is what this user may still write, in bytes.
func freeSpace(dir string) (uint64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return free, err
}

// owned: a profile's folders are the user's own there; who else may use them is not looked at.
func owned(os.FileInfo) bool { return true }
