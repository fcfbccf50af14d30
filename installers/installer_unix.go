//go:build unix

package installers

// NewInstaller returns an installer for this user.
func NewInstaller(program string) (Installer, error) {
	roots, err := UserRoots()
	if err != nil {
		return Installer{}, err
	}
	return Installer{Roots: roots, Program: program, Extensions: Ours()}, nil
}

// NewSystemInstaller returns an installer for all users of the machine; only root may use it.
func NewSystemInstaller(program string) (Installer, error) {
	i, err := NewInstaller(program)
	i.ForAll = true
	return i, err
}
