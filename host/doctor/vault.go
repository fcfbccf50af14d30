package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/keyferry/keyferry/vault"
)

// vault looks at the vault's files from outside. What is in them, `keyferry doctor vault` verifies.
func (e *examination) vault() {
	dir := e.Profile.VaultDir
	if names, err := e.Profile.Names(); err == nil && len(names) > 1 { // what can't be read is found below
		e.well("vault", "this is the profile %s of %s; --profile NAME examines another", e.Profile.Name, strings.Join(names, ", "))
	}
	there, err := vault.Exists(dir)
	if err != nil {
		e.found("vault", "vault-unreadable", Problem, "the vault's folder can't be read: "+err.Error(), "make "+dir+" yours again, with mode 700", nil)
		return
	}
	if !there {
		e.found("vault", "vault-none", Note, "there is no vault yet", "`keyferry create`, or the welcome page of the extension", nil)
		return
	}
	before := len(e.findings)
	e.vaultModes(dir)
	const do = "`keyferry doctor vault` says more, and saves what is whole"
	var damage *vault.DamagedError
	if _, err := vault.IDOf(dir); errors.As(err, &damage) {
		e.found("vault", "vault-header", Problem, "the vault's header can't be read, in either copy", "put back a backup; "+do, nil)
	} else if err != nil {
		e.found("vault", "vault-unreadable", Problem, "the vault's header can't be read: "+err.Error(), do, nil)
	}
	for pattern, fault := range map[string]string{"anchor-*": "vault-anchor-missing", "store-*": "vault-store-missing"} {
		if found, _ := fs.Glob(os.DirFS(dir), pattern); len(found) == 0 { // the pattern is well-formed
			e.found("vault", fault, Problem, fmt.Sprintf("nothing in %s is called %s: part of the vault is gone", dir, pattern), do, nil)
		}
	}
	if kept, _ := fs.Glob(os.DirFS(dir), "aside-*/KEEP"); len(kept) > 0 {
		e.found("vault", "vault-copy-kept", Problem, "an earlier open found damage and kept a copy of the files in "+filepath.Dir(filepath.Join(dir, kept[0])), do, nil)
	}
	if len(e.findings) == before {
		e.well("vault", "the vault's files are there and yours alone (%s)", dir)
	}
}

// vaultModes: nobody else may read even the sealed files, or the names of what is there.
func (e *examination) vaultModes(dir string) {
	if runtime.GOOS == "windows" {
		return
	}
	var open, strange []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the store removes files as it works
		}
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 && info.Mode().Type() != fs.ModeSymlink {
			open = append(open, path)
		}
		if !owned(info) {
			strange = append(strange, path)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		e.found("vault", "vault-unreadable", Problem, "the vault's files can't be looked at: "+err.Error(), "make "+dir+" yours again, with mode 700", nil)
	}
	if len(strange) > 0 {
		e.found("vault", "vault-not-yours", Problem, fmt.Sprintf("%d of the vault's files belong to another user, such as %s", len(strange), strange[0]), "sudo chown -R \"$USER\" '"+dir+"'", nil)
	}
	if len(open) == 0 || open[0] != dir {
		return // what lies in a folder that is closed to others can't be reached by them
	}
	e.found("vault", "vault-folder-open", Problem, fmt.Sprintf("others may use %d of the vault's files, such as %s", len(open), open[0]), "chmod -R go-rwx '"+dir+"'", func() error {
		var errs []error
		for _, path := range open {
			info, err := os.Lstat(path)
			if err == nil {
				err = os.Chmod(path, info.Mode().Perm()&^0o077)
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}
