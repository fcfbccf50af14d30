package installers

import (
	"fmt"
	"path/filepath"
)

// installKeys writes one manifest for each family, and points the browser's keys to it.
func (i Installer) installKeys(b Browser, m Manifest) ([]Step, error) {
	dir := i.familyDir(b.Family)
	change, err := Write(dir, m, i.Dry)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Title, err)
	}
	path := filepath.Join(dir, File)
	steps := []Step{{Browser: b.Name, Path: path, Change: change}}
	for _, key := range b.Keys {
		key += `\` + HostName
		have, err := i.Registry.Get(key)
		if err != nil {
			return steps, fmt.Errorf("%s: can't read the registry: %w", b.Title, err)
		}
		step := Step{Browser: b.Name, Key: key, Change: Unchanged}
		if have != path {
			step.Change = Written
			if !i.Dry {
				if err := i.Registry.Set(key, path); err != nil {
					return steps, fmt.Errorf("%s: can't write the registry: %w", b.Title, err)
				}
			}
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// uninstallKeys removes the keys. The manifest goes with the last browser of its family that points to it.
func (i Installer) uninstallKeys(b Browser) ([]Step, error) {
	dir := i.familyDir(b.Family)
	path := filepath.Join(dir, File)
	var steps []Step
	for _, key := range b.Keys {
		key += `\` + HostName
		have, err := i.Registry.Get(key)
		if err != nil {
			return steps, fmt.Errorf("%s: can't read the registry: %w", b.Title, err)
		}
		step := Step{Browser: b.Name, Key: key, Change: Absent}
		if have == path {
			step.Change = Removed
			if !i.Dry {
				if err := i.Registry.Delete(key); err != nil {
					return steps, fmt.Errorf("%s: can't write the registry: %w", b.Title, err)
				}
			}
		}
		steps = append(steps, step)
	}
	for _, other := range Browsers() {
		if other.Family != b.Family || other.Name == b.Name {
			continue
		}
		for _, key := range other.Keys {
			if have, err := i.Registry.Get(key + `\` + HostName); err == nil && have == path {
				return steps, nil
			}
		}
	}
	change, err := Remove(dir, i.Dry)
	if err != nil {
		return steps, fmt.Errorf("%s: %w", b.Title, err)
	}
	return append(steps, Step{Browser: b.Name, Path: path, Change: change}), nil
}

func (i Installer) familyDir(f Family) string {
	if f == Firefox {
		return filepath.Join(i.ManifestDir, "firefox")
	}
	return filepath.Join(i.ManifestDir, "chromium")
}
