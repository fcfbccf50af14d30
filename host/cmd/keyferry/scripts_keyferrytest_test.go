//go:build keyferrytest

package main

// scripts are those of a test build. The quick one opens no vault.
const (
	scripts     = "testdata/testbed"
	quickScript = "refusals.txtar"
)
