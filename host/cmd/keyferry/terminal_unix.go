//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

func openTerminal() (*terminal, error) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, errNoTerminal
	}
	return &terminal{f, f}, nil
}

// noEcho stops the terminal from showing what is typed, and returns what undoes that.
func (t *terminal) noEcho() (undo func(), err error) {
	fd := int(t.in.Fd())
	before, err := unix.IoctlGetTermios(fd, ioctlGetTermios)
	if err != nil {
		return nil, err
	}
	silent := *before
	silent.Lflag &^= unix.ECHO
	silent.Lflag |= unix.ICANON | unix.ISIG
	if err := unix.IoctlSetTermios(fd, ioctlSetTermios, &silent); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, ioctlSetTermios, before) }, nil
}

// ttyName is the device of the terminal that the command runs in, for a pinentry that draws on it; "" where its input
// or output is something else.
func ttyName() string {
	for fd := range 2 {
		if _, err := unix.IoctlGetTermios(fd, ioctlGetTermios); err != nil {
			return ""
		}
	}
	name, err := os.Readlink("/proc/self/fd/0")
	if err != nil {
		return "" // no /proc: the system's own dialogs serve
	}
	return name
}
