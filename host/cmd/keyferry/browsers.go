package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

type pairCmd struct {
	Code []string `arg:"" help:"The eight digits that the browser shows."`
}

// Run implements the command.
func (c pairCmd) Run(a *app) error {
	var result protocol.PairResult
	body := func(s protocol.Secret) any { return protocol.PairConfirm{Code: strings.Join(c.Code, " "), Secret: s} }
	if err := a.call("pair.confirm", body, &result); err != nil {
		return err
	}
	return a.print(result.Browser, func(w io.Writer) {
		fmt.Fprintf(w, "%s is paired.\n", plain(cmp.Or(result.Browser.Label, "The browser")))
	})
}

type browsersCmd struct {
	List   browsersListCmd   `cmd:"" default:"1" help:"List them."`
	Revoke browsersRevokeCmd `cmd:"" help:"Shut a browser out, at once."`
}

type browsersListCmd struct{}

// Run implements the command.
func (browsersListCmd) Run(a *app) error {
	var list protocol.BrowserList
	if err := a.call("browsers.list", func(protocol.Secret) any { return protocol.Empty{} }, &list); err != nil {
		return err
	}
	return a.print(list.Browsers, func(w io.Writer) {
		if len(list.Browsers) == 0 {
			fmt.Fprintln(w, "No browser has been paired.")
			return
		}
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "BROWSER\tPAIRED\tLAST SEEN\tID")
		for _, b := range list.Browsers {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", plain(b.Label), day(b.PairedAt), day(b.SeenAt), b.ID)
		}
		table.Flush()
	})
}

type browsersRevokeCmd struct {
	ID string `arg:"" help:"The browser's ID, from the list."`
}

// Run implements the command.
func (c browsersRevokeCmd) Run(a *app) error {
	id := strings.TrimPrefix(c.ID, idMark)
	if err := a.call("browsers.revoke", func(protocol.Secret) any { return protocol.BrowserRevoke{ID: id} }, nil); err != nil {
		return err
	}
	return a.print(map[string]string{"revoked": id}, func(w io.Writer) {
		fmt.Fprintln(w, "That browser is shut out. It can ask to be paired again.")
	})
}

// plain makes a text that somebody else chose fit for the terminal.
func plain(s string) string { return consent.Clean(s, 60) }

// plainLine does so for a whole line.
func plainLine(s string) string { return consent.Clean(s, 400) }
