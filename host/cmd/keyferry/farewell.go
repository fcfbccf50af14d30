package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/installers"
	"github.com/keyferry/keyferry/vault"
)

// farewellWords are what a person types to destroy a vault: a sentence, since a y is typed in passing.
const farewellWords = "destroy my passkeys"

// farewell destroys a vault and what belongs to it.
type farewell struct {
	profile paths.Profile
	paths   []string // files and folders of ours, the vault first
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
	return &farewell{profile: p, paths: []string{p.VaultDir, p.VaultDir + "-transfers", p.LogFile, p.LogFile + ".old"}}, nil
}

// confirm asks at the terminal, and nowhere else: no script and no pipe says this in the person's stead.
func (f *farewell) confirm(a *app) error {
	t, err := openTerminal()
	if err != nil {
		return errors.New("destroying a vault has to be confirmed at a terminal, and there is none; nothing was changed")
	}
	defer t.Close()
	fmt.Fprintf(t.out, "This destroys the vault at %s with every passkey in it. Sites that know no other way in will lock you out,\nand the recovery phrase does not bring it back. Export first if you want to keep them.\n", f.profile.VaultDir)
	typed, err := t.line(a.ctx, fmt.Sprintf("Type \"%s\" to go on: ", farewellWords))
	if err != nil {
		return err
	}
	if strings.TrimSpace(typed) != farewellWords {
		return errors.New("that were not the words; nothing was changed")
	}
	return nil
}

// remove locks the agent, which closes the vault, and removes the files. The agent ends by itself soon.
func (f *farewell) remove(a *app, dry bool) ([]installers.Step, error) {
	if !dry {
		if err := f.lock(a); err != nil {
			return nil, err
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
		// Folders of ours that are empty now; others hold another vault, and stay.
		for _, dir := range []string{filepath.Dir(f.profile.VaultDir), filepath.Dir(filepath.Dir(f.profile.VaultDir)), filepath.Dir(f.profile.LogFile)} {
			_ = os.Remove(dir)
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
