package consent

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// childAttr makes the program end with the agent: after a lock by re-execution no dialog of the former process stays.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}

// keepTerminal remembers the terminal's settings and returns what puts them back: a pinentry that is killed leaves
// the terminal without echo.
func keepTerminal(name string) func() {
	if !terminalDevice(name) {
		return func() {}
	}
	f, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return func() {}
	}
	was, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return func() {
		if err == nil {
			_ = unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, was) // the terminal may be gone
		}
		_ = f.Close()
	}
}
