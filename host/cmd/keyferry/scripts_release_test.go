//go:build !keyferrytest

package main

// scripts are those of a release. The quick one opens no vault.
const (
	scripts     = "testdata/script"
	quickScript = "install.txtar"
)
