//go:build !linux

package consent

import "syscall"

func childAttr() *syscall.SysProcAttr { return nil }

func keepTerminal(string) func() { return func() {} }
