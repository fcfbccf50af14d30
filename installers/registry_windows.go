package installers

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows/registry"
)

// NewInstaller returns an installer for this user, who need be no administrator.
func NewInstaller(program string) (Installer, error) {
	roots, err := UserRoots()
	if err != nil {
		return Installer{}, err
	}
	local, err := os.UserCacheDir()
	if err != nil {
		return Installer{}, err
	}
	return Installer{
		Roots: roots, Program: program, Extensions: Ours(), Registry: userRegistry{},
		ManifestDir: filepath.Join(local, "keyferry", "manifests"),
	}, nil
}

// userRegistry is HKEY_CURRENT_USER.
type userRegistry struct{}

func (userRegistry) Get(key string) (string, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer k.Close()
	value, _, err := k.GetStringValue("")
	if errors.Is(err, registry.ErrNotExist) {
		return "", nil
	}
	return value, err
}

func (userRegistry) Set(key, value string) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, key, registry.SET_VALUE)
	if err != nil {
		return err
	}
	return errors.Join(k.SetStringValue("", value), k.Close())
}

func (userRegistry) Delete(key string) error {
	return registry.DeleteKey(registry.CURRENT_USER, key)
}
