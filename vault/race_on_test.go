//go:build race

package vault

// The race detector makes these tests five times slower; it gets a share of the cases, the run without it all of them.
const raceShare = 10
