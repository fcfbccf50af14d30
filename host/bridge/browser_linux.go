package bridge

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Browser names the program that started this one, for display only: any program can call itself anything. Empty
// where it can't be told.
func Browser() string {
	proc := fmt.Sprintf("/proc/%d/", os.Getppid())
	name, err := os.Readlink(proc + "exe")
	if err != nil {
		comm, err := os.ReadFile(proc + "comm") // stays readable where exe does not
		if err != nil {
			return ""
		}
		name = string(comm)
	}
	name = filepath.Base(strings.TrimSuffix(strings.TrimSpace(name), " (deleted)"))
	return name[:min(len(name), 64)]
}
