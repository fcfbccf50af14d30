//go:build keyferrytest || cheapkdf

package vaulttest

import "github.com/keyferry/keyferry/vault"

// Options are those of a test's vault. Whatever opens it needs them too.
func Options() vault.Options { return vault.TestOptions() }
