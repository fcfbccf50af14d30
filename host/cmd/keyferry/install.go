package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/installers"
)

type installCmd struct {
	Browser []string `arg:"" optional:"" help:"Such as chrome, chromium, edge, firefox; none: all that are found."`
	DryRun  bool     `help:"Only say what would be done."`
}

type uninstallCmd struct {
	Browser []string `arg:"" optional:"" help:"Such as chrome, chromium, edge, firefox; none: all."`
	DryRun  bool     `help:"Only say what would be done."`
}

// installOutput is the JSON of `keyferry install` and `keyferry uninstall`.
type installOutput struct {
	Program string            `json:"program"`
	Steps   []installers.Step `json:"steps"`
	DryRun  bool              `json:"dryRun,omitempty"`
}

// Run implements the command.
func (c installCmd) Run(a *app) error {
	i, err := a.installer(c.DryRun)
	if err != nil {
		return err
	}
	browsers, err := named(c.Browser)
	if err != nil {
		return err
	}
	if len(c.Browser) == 0 {
		browsers = slices.DeleteFunc(installers.Browsers(), func(b installers.Browser) bool { return b.Named || !i.Roots.Present(b) })
	}
	if len(browsers) == 0 {
		return fmt.Errorf("no browser was found in your home folder; name one: %s", names())
	}
	out := installOutput{Program: i.Program, DryRun: c.DryRun}
	for _, b := range browsers {
		steps, err := i.Install(b)
		if err != nil {
			return err
		}
		out.Steps = append(out.Steps, steps...)
	}
	return a.print(out, func(w io.Writer) {
		out.text(w)
		if !c.DryRun {
			fmt.Fprintln(w, "\nNow add the Keyferry extension to the browser; its welcome page does the rest.")
		}
	})
}

// Run implements the command. The vault stays.
func (c uninstallCmd) Run(a *app) error {
	i, err := a.installer(c.DryRun)
	if err != nil {
		return err
	}
	browsers, err := named(c.Browser)
	if err != nil {
		return err
	}
	if len(c.Browser) == 0 {
		browsers = slices.DeleteFunc(installers.Browsers(), func(b installers.Browser) bool { return !i.Roots.Known(b) })
	}
	out := installOutput{Program: i.Program, DryRun: c.DryRun, Steps: []installers.Step{}}
	for _, b := range browsers {
		steps, err := i.Uninstall(b)
		var foreign *installers.ForeignError
		if errors.As(err, &foreign) && len(c.Browser) == 0 {
			continue // nothing of ours is there
		}
		if err != nil {
			return err
		}
		for _, s := range steps {
			if s.Change != installers.Absent || len(c.Browser) > 0 {
				out.Steps = append(out.Steps, s)
			}
		}
	}
	return a.print(out, func(w io.Writer) {
		out.text(w)
		if len(out.Steps) == 0 {
			fmt.Fprintln(w, "Keyferry was in no browser.")
		}
	})
}

func (a *app) installer(dry bool) (installers.Installer, error) {
	if a.build.isTest() {
		return installers.Installer{}, errors.New("REFUSED: a test build does not go into your browsers; `keyferry testbed` prepares a throwaway profile")
	}
	program, err := ownPath()
	if err != nil {
		return installers.Installer{}, err
	}
	i, err := installers.NewInstaller(program)
	i.Dry = dry
	return i, err
}

// named finds browsers by their names.
func named(wanted []string) ([]installers.Browser, error) {
	var found []installers.Browser
	for _, name := range wanted {
		b, ok := installers.Find(name)
		if !ok {
			return nil, fmt.Errorf("%q is no browser that Keyferry knows; there are %s", name, names())
		}
		found = append(found, b)
	}
	return found, nil
}

func (o installOutput) text(w io.Writer) {
	for _, s := range o.Steps {
		verb := string(s.Change)
		if o.DryRun && s.Change != installers.Unchanged {
			verb = "would be " + verb
		}
		fmt.Fprintf(w, "%-10s %s: %s%s\n", s.Browser, verb, s.Path, s.Key)
	}
}

func names() string {
	var all []string
	for _, b := range installers.Browsers() {
		all = append(all, b.Name)
	}
	return strings.Join(all, ", ")
}

// ownPath is this binary's path, as a manifest has to name it.
func ownPath() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("can't find out where this program is: %w", err)
	}
	return filepath.EvalSymlinks(exe)
}
