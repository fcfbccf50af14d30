package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/installers"
	"github.com/keyferry/keyferry/vault"
	"github.com/keyferry/keyferry/vault/keyring"
)

// farewellWords are what a person types to destroy a vault: a sentence, since a y is typed in passing.
const farewellWords = "destroy my passkeys"

// farewell destroys a vault and everything else that Keyferry made for its profile; with the last vault goes what the
// profiles share.
type farewell struct {
	profile paths.Profile
	id      vault.ID // by which the login keyring may hold a secret; zero where the vault is too damaged to say
	paths   []string // files and folders of ours, the vault first
	shared  []string // folders that go if they are empty then
	others  []string // the profiles that stay
}

// farewell looks at what is there.
func (a *app) farewell(profile string) (*farewell, error) {
	p, err := a.build.profile(profile)
	if err != nil {
		return nil, err
	}
	there, err := vault.Exists(p.VaultDir)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, fmt.Errorf("there is no vault at %s; without --vault the rest is uninstalled", p.VaultDir)
	}
	f := &farewell{profile: p}
	f.id, _ = vault.IDOf(p.VaultDir)
	folder := filepath.Dir(p.VaultDir)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("can't look at the profile's folder: %w", err)
	}
	f.paths = []string{p.VaultDir}
	for _, e := range entries { // what transfers left, and damaged vaults that a salvage put aside
		if path := filepath.Join(folder, e.Name()); path != p.VaultDir {
			f.paths = append(f.paths, path)
		}
	}
	f.paths = append(f.paths, p.LogFile, p.LogFile+".old")
	f.paths = append(f.paths, link.Leftovers(p)...)
	names, err := p.Names()
	if err != nil {
		return nil, err
	}
	f.others = slices.DeleteFunc(names, func(name string) bool { return name == p.Name })
	if len(f.others) == 0 {
		f.paths = append(f.paths, p.ConfigFile)
	}
	f.shared = []string{folder, filepath.Dir(folder), p.RunDir, filepath.Dir(p.LogFile), filepath.Dir(p.ConfigFile)}
	return f, nil
}

// confirm asks at the terminal, and nowhere else: no script and no pipe says this in the person's stead.
func (f *farewell) confirm(a *app) error {
	t, err := openTerminal()
	if err != nil {
		return errors.New("destroying a vault has to be confirmed at a terminal, and there is none; nothing was changed")
	}
	defer t.Close()
	fmt.Fprintf(t.out, "This destroys the vault at %s with every passkey in it, and what lies beside it. Sites that know no other way in will lock you out,\nand the recovery phrase does not bring it back. Export first if you want to keep them.\n", f.profile.VaultDir)
	typed, err := t.line(a.ctx, fmt.Sprintf("Type \"%s\" to go on: ", farewellWords))
	if err != nil {
		return err
	}
	if strings.TrimSpace(typed) != farewellWords {
		return errors.New("that were not the words; nothing was changed")
	}
	return nil
}

// remove ends the agent, which closes the vault, and removes what is ours.
func (f *farewell) remove(a *app, i installers.Installer, dry bool) ([]installers.Step, error) {
	if !dry {
		if err := f.lock(a); err != nil {
			return nil, err
		}
		if err := stopAgent(f.profile); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return nil, fmt.Errorf("the agent could not be ended; nothing of the vault was removed: %w", err)
		}
		if err := keyring.Delete(a.ctx, f.id); err != nil && !errors.Is(err, vault.ErrKeyring) {
			return nil, fmt.Errorf("the login keyring keeps this vault's secret; nothing of the vault was removed: %w", err)
		}
	}
	var steps []installers.Step
	for _, path := range f.paths {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if !dry {
			if err := os.RemoveAll(path); err != nil {
				return steps, fmt.Errorf("not everything could be removed: %w", err)
			}
		}
		steps = append(steps, installers.Step{Browser: "vault", Path: path, Change: installers.Removed})
	}
	if !dry {
		for _, dir := range f.shared {
			installers.RemoveEmpty(dir, i.Roots.Dirs[installers.Home])
		}
	}
	return steps, nil
}

// lock makes a running agent close the vault.
func (f *farewell) lock(a *app) error {
	a.profile = f.profile
	client, status, err := a.connect(false)
	if errors.Is(err, link.ErrNoAgent) {
		return nil
	}
	if err != nil {
		return err
	}
	defer client.Close()
	if status.Vault != "unlocked" && !status.Pin {
		return nil
	}
	if err := a.lock(client); err != nil {
		return fmt.Errorf("the vault is open and could not be locked; nothing of it was removed: %w", err)
	}
	return nil
}
