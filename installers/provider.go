package installers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/cxp/localexchange"
)

// Keyferry's registrations for direct exchange with other apps of the machine (cxp/LOCAL.md): a file for each profile,
// which says how others start this side.

// otherApps stands in a [Step] where a browser's name stands else.
const otherApps = "other-apps"

// exchangeWord is the last word of every command that we register.
const exchangeWord = "exchange"

// InstallProvider registers a profile. It can be repeated; where the system has the very same registration for all users,
// nothing is to be done for this one.
func (i Installer) InstallProvider(r localexchange.Registration) ([]Step, error) {
	if i.Providers == "" {
		return nil, nil
	}
	r.Version = 1
	if !i.ForAll {
		for _, f := range i.SystemProviders {
			if have, err := readRegistration(filepath.Join(f.Path, r.RPID+".json")); err == nil && sameRegistration(have, r) {
				return []Step{{Browser: otherApps, Path: filepath.Join(f.Path, r.RPID+".json"), Change: Unchanged}}, nil
			}
		}
	}
	step := Step{Browser: otherApps, Path: filepath.Join(i.Providers, r.RPID+".json"), Change: Written}
	switch have, err := readRegistration(step.Path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil || !ourRegistration(have):
		return nil, &ForeignError{step.Path}
	case sameRegistration(have, r):
		step.Change = Unchanged
	}
	if step.Change == Unchanged || i.Dry {
		return []Step{step}, nil
	}
	if err := localexchange.Register(localexchange.Folder{Path: i.Providers, System: i.ForAll}, r); err != nil {
		return nil, err
	}
	return []Step{step}, nil
}

// HasProvider says whether a Keyferry is registered by a name, for this user or for all.
func (i Installer) HasProvider(rpID string) bool {
	folders := []string{i.Providers}
	for _, f := range i.SystemProviders {
		folders = append(folders, f.Path)
	}
	return slices.ContainsFunc(folders, func(dir string) bool {
		have, err := readRegistration(filepath.Join(dir, rpID+".json"))
		return err == nil && ourRegistration(have)
	})
}

// UninstallProviders takes out what InstallProvider wrote, of every profile, and the folders that are empty then.
func (i Installer) UninstallProviders(rpID string) ([]Step, error) {
	return i.uninstallProviders(func(name string) bool { return name == rpID || strings.HasSuffix(name, "."+rpID) })
}

// UninstallProvider takes out what InstallProvider wrote for one profile.
func (i Installer) UninstallProvider(rpID string) ([]Step, error) {
	return i.uninstallProviders(func(name string) bool { return name == rpID })
}

func (i Installer) uninstallProviders(meant func(rpID string) bool) ([]Step, error) {
	if i.Providers == "" {
		return nil, nil
	}
	files, err := filepath.Glob(filepath.Join(i.Providers, "*.json"))
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if !meant(name) {
			continue
		}
		if have, err := readRegistration(path); err != nil || !ourRegistration(have) {
			continue // somebody else's
		}
		steps = append(steps, Step{Browser: otherApps, Path: path, Change: Removed})
		if i.Dry {
			continue
		}
		if err := localexchange.Unregister(i.Providers, name); err != nil {
			return steps, fmt.Errorf("can't remove the registration with other apps: %w", err)
		}
	}
	if len(steps) > 0 && !i.Dry {
		ceiling := filepath.Dir(filepath.Dir(i.Providers))
		if home := i.Roots.Dirs[Home]; !i.ForAll && strings.HasPrefix(ceiling, home+string(filepath.Separator)) {
			ceiling = home
		}
		RemoveEmpty(i.Providers, ceiling)
	}
	return steps, nil
}

// maxRegistration is more than any registration of ours has, in bytes.
const maxRegistration = 128 << 10

func readRegistration(path string) (localexchange.Registration, error) {
	var r localexchange.Registration
	info, err := os.Stat(path)
	if err != nil {
		return r, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxRegistration {
		return r, errors.New("no registration")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(raw, &r)
}

// ourRegistration says whether a registration starts a Keyferry, wherever that lies.
func ourRegistration(r localexchange.Registration) bool {
	n := len(r.Command)
	return n >= 2 && r.Command[n-1] == exchangeWord && strings.HasPrefix(strings.ToLower(filepath.Base(r.Command[0])), "keyferry")
}

func sameRegistration(a, b localexchange.Registration) bool {
	return a.Version == b.Version && a.RPID == b.RPID && a.DisplayName == b.DisplayName && a.Icon == b.Icon &&
		slices.Equal(a.Roles, b.Roles) && slices.Equal(a.CredentialTypes, b.CredentialTypes) && slices.Equal(a.Command, b.Command)
}
