package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/keyferry/keyferry/host/protocol"
)

type auditCmd struct {
	Query string `arg:"" optional:"" help:"Only lines with these words."`
	All   bool   `help:"More than 500, too; your passphrase is asked for again for each 500."`
}

// Run implements the command. Each page is a request of its own, for which the agent verifies the person.
func (c auditCmd) Run(a *app) error {
	client, _, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	lines := []protocol.AuditLine{}
	for after := ""; ; {
		var page protocol.AuditLog
		body := func(s protocol.Secret) any {
			return protocol.AuditQuery{Query: c.Query, After: after, Limit: 500, Secret: s}
		}
		if err := a.ask(client, "audit", body, &page); err != nil {
			return err
		}
		lines = append(lines, page.Lines...)
		if after = page.Next; after == "" {
			break
		}
		if !c.All {
			fmt.Fprintf(os.Stderr, "keyferry: there is more than these %d lines; say what you look for, or take --all\n", len(lines))
			break
		}
	}
	return a.print(lines, func(w io.Writer) {
		if len(lines) == 0 {
			fmt.Fprintln(w, "Nothing found.")
			return
		}
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "WHEN\tDONE\tWHAT\tBY\tFROM")
		for _, l := range lines {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", moment(l.At), plain(l.Action), cmp.Or(plain(l.What), "-"), plain(l.Who), cmp.Or(plain(l.Origin), "-"))
		}
		table.Flush()
	})
}
