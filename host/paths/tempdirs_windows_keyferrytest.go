//go:build keyferrytest && windows

package paths

import "os"

func systemTempDirs() []string { return []string{os.TempDir()} }
