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
