//go:build keyferrytest

package vault

// TestOptions are options for test builds only: Argon2id that costs nothing. A vault made with them opens only with them.
func TestOptions() Options {
	c := Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}
	return Options{Cost: c, hooks: hooks{floor: c}}
}
