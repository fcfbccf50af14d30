//go:build !race

package vault

const raceShare = 1
