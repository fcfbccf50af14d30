package installers

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows/registry"

	"github.com/keyferry/keyferry/cxp/localexchange"
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
	i := Installer{
		Roots: roots, Program: program, Extensions: Ours(), Registry: windowsRegistry{registry.CURRENT_USER},
		ManifestDir: filepath.Join(local, "keyferry", "manifests"),
	}
	i.Providers, err = localexchange.UserFolder()
	return i, err
}

// NewSystemInstaller returns an installer for all users of the machine; only an administrator may use it.
func NewSystemInstaller(program string) (Installer, error) {
	i, err := NewInstaller(program)
	if err != nil {
		return Installer{}, err
	}
	data := os.Getenv("ProgramData")
	if !filepath.IsAbs(data) {
		return Installer{}, errors.New("ProgramData is not set, so there is no folder for all users")
	}
	i.ForAll, i.Registry = true, windowsRegistry{registry.LOCAL_MACHINE}
	i.Providers = "" // whose a folder for all users is, is not told yet: each user registers
	i.ManifestDir = filepath.Join(data, "Keyferry", "manifests")
	return i, nil
}

// windowsRegistry is one root of the registry.
type windowsRegistry struct{ root registry.Key }

func (r windowsRegistry) Get(key string) (string, error) {
	k, err := registry.OpenKey(r.root, key, registry.QUERY_VALUE)
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

func (r windowsRegistry) Set(key, value string) error {
	k, _, err := registry.CreateKey(r.root, key, registry.SET_VALUE)
	if err != nil {
		return err
	}
	return errors.Join(k.SetStringValue("", value), k.Close())
}

func (r windowsRegistry) Delete(key string) error {
	return registry.DeleteKey(r.root, key)
}
