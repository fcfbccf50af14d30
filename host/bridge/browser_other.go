//go:build !linux

package bridge

// Browser names the program that started this one, for display only. It is not looked up on this system.
func Browser() string { return "" }
