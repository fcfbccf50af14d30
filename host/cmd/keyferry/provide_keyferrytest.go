//go:build keyferrytest

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/transfer"
)

// provideCmd does for a testbed what `keyferry install` does for a person.
type provideCmd struct {
	To string `arg:"" help:"The testbed whose vaults are to find this one; it may be the same."`
}

// Run implements the command.
func (c provideCmd) Run(a *app) error {
	to, err := paths.ForTestbed(c.To, "")
	if err != nil {
		return err
	}
	folders, err := a.build.exchangeFolders(to)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	r := transfer.Registration(a.profile.Name, exchangeCommand(program, a.profile))
	if a.build.alone { // this vault's agent is whatever command is at work on it
		r.Command = []string{program, "--vault", a.build.testbed, "exchange"}
	}
	if err := localexchange.Register(folders[0], r); err != nil {
		return err
	}
	return a.print(r, func(w io.Writer) { fmt.Fprintln(w, "registered", r.RPID, "in", folders[0].Path) })
}
