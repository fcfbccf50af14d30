//go:build unix

package main

import (
	"os"
	"syscall"
)

// otherNames tells whether a file has more names than one.
func otherNames(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink > 1
}
