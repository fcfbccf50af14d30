//go:build !keyferrytest && !cheapkdf

package vaulttest

import "github.com/keyferry/keyferry/vault"

// Options are those of a test's vault.
func Options() vault.Options {
	return vault.Options{Cost: vault.Cost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 4}}
}
