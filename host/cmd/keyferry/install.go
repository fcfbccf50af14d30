package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyferry/keyferry/installers"
)

type installCmd struct {
	Browser []string `arg:"" optional:"" help:"chrome, chromium, firefox; none: all that are found."`
	DryRun  bool     `help:"Only say what would be done."`
}

// installOutput is the JSON of `keyferry install`.
type installOutput struct {
	Program string            `json:"program"`
	Steps   []installers.Step `json:"steps"`
	DryRun  bool              `json:"dryRun,omitempty"`
}

// Run implements the command.
func (c installCmd) Run(a *app) error {
	if a.build.isTest() {
		return errors.New("REFUSED: a test build does not go into your browsers; `keyferry testbed` prepares a throwaway profile")
	}
	program, err := ownPath()
	if err != nil {
		return err
	}
	i, err := installers.NewInstaller(program)
	if err != nil {
		return err
	}
	i.Dry = c.DryRun
	browsers, err := c.browsers(i)
	if err != nil {
		return err
	}
	out := installOutput{Program: program, DryRun: c.DryRun}
	for _, b := range browsers {
		steps, err := i.Install(b)
		if err != nil {
			return err
		}
		out.Steps = append(out.Steps, steps...)
	}
	return a.print(out, out.text)
}

// browsers are those that were named, or else those that are found.
func (c installCmd) browsers(i installers.Installer) ([]installers.Browser, error) {
	var found []installers.Browser
	for _, name := range c.Browser {
		b, ok := installers.Find(name)
		if !ok {
			return nil, fmt.Errorf("%q is no browser that Keyferry knows; there are %s", name, strings.Join(names(), ", "))
		}
		found = append(found, b)
	}
	if len(c.Browser) > 0 {
		return found, nil
	}
	for _, b := range installers.Browsers() {
		if !b.Named && i.Roots.Present(b) {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no browser was found in your home folder; name one: %s", strings.Join(names(), ", "))
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
	if !o.DryRun {
		fmt.Fprintln(w, "\nNow add the Keyferry extension to the browser; its welcome page does the rest.")
	}
}

func names() []string {
	var all []string
	for _, b := range installers.Browsers() {
		all = append(all, b.Name)
	}
	return all
}

// ownPath is this binary's path, as a manifest has to name it.
func ownPath() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("can't find out where this program is: %w", err)
	}
	return filepath.EvalSymlinks(exe)
}
