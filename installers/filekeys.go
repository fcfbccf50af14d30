package installers

import "fmt"

// classes is where Windows keeps types of files, for one user or for all.
const classes = `Software\Classes\`

// fileValues are the keys of Windows' that let a double click open our files, the deepest of a branch first.
func (i Installer) fileValues() [][2]string {
	values := [][2]string{
		{classes + windowsType + `\shell\open\command`, `"` + i.Program + `" open --desktop "%1"`},
		{classes + windowsType + `\shell\open`, ""},
		{classes + windowsType + `\shell`, ""},
		{classes + windowsType, "Passkeys on the move"},
	}
	for _, ext := range extensionsOfFiles() {
		values = append(values, [2]string{classes + ext, windowsType})
	}
	return values
}

// fileKeys sets the keys. An ending that belongs to another program stays its own.
func (i Installer) fileKeys() ([]Step, error) {
	var steps []Step
	for _, v := range i.fileValues() {
		if v[1] == "" {
			continue
		}
		have, err := i.Registry.Get(v[0])
		if err != nil {
			return steps, fmt.Errorf("opening files: can't read the registry: %w", err)
		}
		step := Step{Browser: filesName, Key: v[0], Change: Unchanged}
		if have != v[1] && (have == "" || v[1] != windowsType) {
			step.Change = Written
			if !i.Dry {
				if err := i.Registry.Set(v[0], v[1]); err != nil {
					return steps, fmt.Errorf("opening files: can't write the registry: %w", err)
				}
			}
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// noFileKeys removes the keys that are ours. An ending's key in which others keep something, too, is only emptied.
func (i Installer) noFileKeys() ([]Step, error) {
	program, err := i.Registry.Get(classes + windowsType)
	if err != nil {
		return nil, fmt.Errorf("opening files: can't read the registry: %w", err)
	}
	var steps []Step
	for _, v := range i.fileValues() {
		have, err := i.Registry.Get(v[0])
		if err != nil {
			return steps, fmt.Errorf("opening files: can't read the registry: %w", err)
		}
		if v[1] == windowsType && have != windowsType || v[1] != windowsType && program == "" {
			continue
		}
		if !i.Dry {
			if err := i.Registry.Delete(v[0]); err != nil {
				err = i.Registry.Set(v[0], "")
				if err != nil {
					return steps, fmt.Errorf("opening files: can't write the registry: %w", err)
				}
			}
		}
		steps = append(steps, Step{Browser: filesName, Key: v[0], Change: Removed})
	}
	return steps, nil
}
