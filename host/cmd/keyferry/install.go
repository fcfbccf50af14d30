package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/installers"
)

type installCmd struct {
	Browser []string `arg:"" optional:"" help:"Such as chrome, chromium, edge, firefox; none: all that are found."`
	System  bool     `help:"For all users of this computer, as root or administrator; no browser named: all that can be reached so."`
	All     bool     `help:"For every browser that Keyferry knows, found or not (those that have to be named excepted)."`
	DryRun  bool     `help:"Only say what would be done."`
}

// installOutput is the JSON of `keyferry install` and `keyferry uninstall`.
type installOutput struct {
	Program string            `json:"program"`
	Steps   []installers.Step `json:"steps"`
	Notes   []string          `json:"notes,omitempty"` // what the person has to know or do
	DryRun  bool              `json:"dryRun,omitempty"`
}

// Run implements the command.
func (c installCmd) Run(a *app) error {
	i, err := a.installer(c.System, c.DryRun)
	if err != nil {
		return err
	}
	browsers, notes, err := c.browsers(i)
	if err != nil {
		return err
	}
	out := installOutput{Program: i.Program, DryRun: c.DryRun, Notes: notes}
	for _, b := range browsers {
		steps, err := i.Install(b)
		if err != nil {
			return c.help(err)
		}
		out.Steps = append(out.Steps, steps...)
		out.Notes = append(out.Notes, i.Roots.Notes(b)...)
	}
	steps, err := i.FileTypes()
	if err != nil {
		out.Notes = append(out.Notes, fmt.Sprintf("a double click will not open Keyferry's files: %v", err))
	}
	out.Steps = append(out.Steps, steps...)
	registered, err := a.register(i)
	var foreign *installers.ForeignError
	switch {
	case errors.As(err, &foreign): // browsers are served all the same
		out.Notes = append(out.Notes, foreign.Error())
	case err != nil:
		return c.help(err)
	}
	out.Steps = append(out.Steps, registered...)
	return a.print(out, func(w io.Writer) {
		out.text(w)
		if !c.DryRun {
			fmt.Fprintln(w, "\nNow add the Keyferry extension to the browser; its welcome page does the rest.")
		}
	})
}

// register registers every profile that there is with the other apps of this computer; for all users, the default one.
func (a *app) register(i installers.Installer) ([]installers.Step, error) {
	p, err := a.build.profile("")
	if err != nil {
		return nil, err
	}
	names := []string{paths.DefaultProfile}
	if !i.ForAll {
		all, err := p.Names()
		if err != nil {
			return nil, err
		}
		for _, name := range all {
			if name != paths.DefaultProfile {
				names = append(names, name)
			}
		}
	}
	var steps []installers.Step
	for _, name := range names {
		if p, err = a.build.profile(name); err != nil {
			return steps, err
		}
		more, err := i.InstallProvider(transfer.Registration(name, exchangeCommand(i.Program, p)))
		steps = append(steps, more...)
		if err != nil {
			return steps, err
		}
	}
	return steps, nil
}

// browsers are those that are to be served, and what there is to say of others.
func (c installCmd) browsers(i installers.Installer) (wanted []installers.Browser, notes []string, err error) {
	if len(c.Browser) > 0 && c.All {
		return nil, nil, errors.New("name browsers or say --all, not both")
	}
	if len(c.Browser) > 0 {
		wanted, err = named(c.Browser)
		return wanted, nil, err
	}
	for _, b := range installers.Browsers() {
		switch present := !c.System && i.Roots.Present(b); {
		case b.Flatpak != "" && present:
			notes = append(notes, fmt.Sprintf("%s was found; its sandbox keeps Keyferry out. `keyferry install %s` says what it takes.", b.Title, b.Name))
		case !b.Named && i.Reaches(b) && (present || c.All || c.System):
			wanted = append(wanted, b)
		}
	}
	if len(wanted) == 0 {
		return nil, nil, fmt.Errorf("no browser was found in your home folder; name one: %s", strings.Join(append([]string{names()}, notes...), ". "))
	}
	return wanted, notes, nil
}

// help says what to do about a lack of rights.
func (c installCmd) help(err error) error {
	if c.System && errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; --system needs root (sudo) or an administrator, and without it no rights are needed", err)
	}
	return err
}

// installer returns what puts this program into browsers.
func (a *app) installer(system, dry bool) (installers.Installer, error) {
	if a.build.isTest() {
		return installers.Installer{}, errors.New("REFUSED: a test build does not go into your browsers; `keyferry testbed` prepares a throwaway profile")
	}
	program, err := ownPath()
	if err != nil {
		return installers.Installer{}, err
	}
	fresh := installers.NewInstaller
	if system {
		fresh = installers.NewSystemInstaller
	}
	i, err := fresh(program)
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
		if !slices.ContainsFunc(found, func(f installers.Browser) bool { return f.Name == b.Name }) {
			found = append(found, b)
		}
	}
	return found, nil
}

func (o installOutput) text(w io.Writer) {
	width := len("chromium") + 2
	for _, s := range o.Steps {
		width = max(width, len(s.Browser))
	}
	for _, s := range o.Steps {
		verb := string(s.Change)
		if o.DryRun && (s.Change == installers.Written || s.Change == installers.Removed) {
			verb = "would be " + verb
		}
		fmt.Fprintf(w, "%-*s %s: %s%s\n", width, s.Browser, verb, s.Path, s.Key)
	}
	for _, n := range o.Notes {
		fmt.Fprintln(w, "note:", n)
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
