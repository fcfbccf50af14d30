//go:build !linux

package doctor

// keyring: macOS and Windows come with one; elsewhere none is used.
func (e *examination) keyring() {}
