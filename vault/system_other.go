//go:build !linux

package vault

import "os"

// reserve has no portable form; the check of free space before each write stands alone here.
func reserve(*os.File, int64) error { return nil }

func fdatasync(f *os.File) error { return f.Sync() }

// syncsMaps: not promised here, so Badger flushes its maps itself.
const syncsMaps = false
