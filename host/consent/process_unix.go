//go:build unix

package consent

import (
	"os"
	"strings"
	"syscall"
)

// interrupt asks the program to end; SIGTERM lets curses give the terminal back.
func interrupt(p *os.Process) { _ = p.Signal(syscall.SIGTERM) }

// terminalDevice reports whether a name is that of a terminal in /dev: other files are not opened for anyone.
func terminalDevice(name string) bool {
	if !strings.HasPrefix(name, "/dev/") || strings.Contains(name, "..") {
		return false
	}
	info, err := os.Stat(name)
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
