//go:build unix

package installers

import "github.com/keyferry/keyferry/cxp/localexchange"

// NewInstaller returns an installer for this user.
func NewInstaller(program string) (Installer, error) {
	roots, err := UserRoots()
	if err != nil {
		return Installer{}, err
	}
	i := Installer{Roots: roots, Program: program, Extensions: Ours()}
	folders, err := localexchange.Folders()
	if err == nil {
		i.Providers, i.SystemProviders = folders[0].Path, folders[1:]
	}
	return i, err
}

// NewSystemInstaller returns an installer for all users of the machine; only root may use it.
func NewSystemInstaller(program string) (Installer, error) {
	i, err := NewInstaller(program)
	i.ForAll = true
	if len(i.SystemProviders) > 0 {
		i.Providers = i.SystemProviders[0].Path
	}
	return i, err
}
