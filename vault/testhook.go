//go:build keyferrytest || cheapkdf

package vault

// TestOptions are options for test builds (tag keyferrytest) and for tests that open many vaults (tag cheapkdf) only: Argon2id
// that costs nothing. A vault made with them opens only with them.
func TestOptions() Options {
	c := Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}
	return Options{Cost: c, hooks: hooks{floor: c}}
}
