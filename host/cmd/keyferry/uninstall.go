package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/installers"
)

type uninstallCmd struct {
	Browser []string `arg:"" optional:"" help:"Such as chrome, chromium, edge, firefox; none: all."`
	System  bool     `help:"What was installed for all users of this computer."`
	Vault   bool     `help:"Destroy the vault as well, with every passkey in it. You have to confirm it in words."`
	DryRun  bool     `help:"Only say what would be done."`
}

// Run implements the command. The vault stays, unless it was asked for.
func (c uninstallCmd) Run(a *app) error {
	i, err := a.installer(c.System, c.DryRun)
	if err != nil {
		return err
	}
	if c.Vault && (c.System || len(c.Browser) > 0) {
		return errors.New("--vault is for leaving altogether: name no browser, and take --system out by itself first")
	}
	browsers, err := named(c.Browser)
	if err != nil {
		return err
	}
	if len(c.Browser) == 0 {
		browsers = slices.DeleteFunc(installers.Browsers(), func(b installers.Browser) bool { return !i.Reaches(b) })
	}
	var leaving *farewell
	if c.Vault {
		if leaving, err = a.farewell(a.vault); err != nil {
			return err
		}
		// Asked before anything is touched: "no" leaves everything as it is.
		if !c.DryRun {
			if err := leaving.confirm(a); err != nil {
				return err
			}
		}
	}
	out := installOutput{Program: i.Program, DryRun: c.DryRun, Steps: []installers.Step{}}
	if leaving != nil && len(leaving.others) > 0 {
		return c.leaveOne(a, i, leaving, out)
	}
	for _, b := range browsers {
		if err := c.remove(i, b, &out); err != nil {
			return installCmd{System: c.System}.help(err)
		}
	}
	if err := c.removeFileTypes(i, &out); err != nil {
		return err
	}
	if len(c.Browser) == 0 {
		steps, err := i.UninstallProviders(transfer.RPID)
		out.Steps = append(out.Steps, steps...)
		if err != nil {
			return installCmd{System: c.System}.help(err)
		}
	}
	if leaving != nil {
		steps, err := leaving.remove(a, i, c.DryRun)
		out.Steps = append(out.Steps, steps...)
		if err != nil {
			return err
		}
	}
	return a.print(out, func(w io.Writer) {
		out.text(w)
		if len(out.Steps) == 0 {
			fmt.Fprintln(w, "Keyferry was in no browser.")
		}
	})
}

// leaveOne destroys one of several vaults. The browsers stay served, for the others.
func (c uninstallCmd) leaveOne(a *app, i installers.Installer, leaving *farewell, out installOutput) error {
	for _, remove := range []func() ([]installers.Step, error){
		func() ([]installers.Step, error) {
			return i.UninstallProvider(transfer.ProfileRPID(leaving.profile.Name))
		},
		func() ([]installers.Step, error) { return leaving.remove(a, i, c.DryRun) },
	} {
		steps, err := remove()
		out.Steps = append(out.Steps, steps...)
		if err != nil {
			return err
		}
	}
	out.Notes = append(out.Notes, fmt.Sprintf("Keyferry stays in your browsers, for your other vaults (%s).", strings.Join(leaving.others, ", ")))
	return a.print(out, out.text)
}

// removeFileTypes takes the double click away once no browser could show the file.
func (c uninstallCmd) removeFileTypes(i installers.Installer, out *installOutput) error {
	if len(c.Browser) > 0 && (c.DryRun || i.ServesAny()) {
		return nil
	}
	steps, err := i.NoFileTypes()
	var foreign *installers.ForeignError
	if errors.As(err, &foreign) {
		err = nil // nothing of ours is there
	}
	for _, s := range steps {
		if s.Change != installers.Absent {
			out.Steps = append(out.Steps, s)
		}
	}
	return err
}

// remove takes Keyferry out of one browser.
func (c uninstallCmd) remove(i installers.Installer, b installers.Browser, out *installOutput) error {
	steps, err := i.Uninstall(b)
	var foreign *installers.ForeignError
	if errors.As(err, &foreign) && len(c.Browser) == 0 {
		return nil // nothing of ours is there
	}
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s.Change != installers.Absent || len(c.Browser) > 0 {
			out.Steps = append(out.Steps, s)
		}
	}
	if others := i.Sharing(b); len(c.Browser) > 0 && len(others) > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%s reads the same file as %s, so that this goes for both; `keyferry install` puts it back.", strings.Join(others, " and "), b.Title))
	}
	return nil
}
