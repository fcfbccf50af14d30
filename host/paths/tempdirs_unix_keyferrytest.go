//go:build keyferrytest && unix

package paths

// /private/var/folders and /private/tmp are macOS's.
func systemTempDirs() []string { return []string{"/tmp", "/var/tmp", "/private/var/folders"} }
