package main

import (
	"syscall"

	"golang.org/x/sys/windows"
)

func ignoreBrokenPipe() {}

// detached lets a program live on when this one and its console end.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS}
}
