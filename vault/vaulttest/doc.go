// Package vaulttest is for tests of other packages that need a vault and are not about its passphrase. Deriving keys from
// passphrases was most of the time that those tests took; `make test` has the tag cheapkdf make it cost nothing. Without that tag, or
// keyferrytest, vaults are made at the least cost that a release takes.
package vaulttest
