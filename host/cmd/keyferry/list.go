package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

type listCmd struct {
	Query string `arg:"" optional:"" help:"Only what has these words in its title, site or user name."`
	Trash bool   `help:"What is in the trash instead."`
	All   bool   `help:"More than 500, too; your passphrase is asked for again for each 500."`
}

// Run implements the command. Each page is a request of its own, for which the agent verifies the person.
func (c listCmd) Run(a *app) error {
	client, _, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	entries := []protocol.Entry{}
	for after := ""; ; {
		var page protocol.ListResult
		body := func(s protocol.Secret) any {
			return protocol.ListRequest{Query: c.Query, After: after, Limit: 500, Trash: c.Trash, Secret: s}
		}
		if err := a.ask(client, "list", body, &page); err != nil {
			return err
		}
		entries = append(entries, page.Entries...)
		if after = page.Next; after == "" {
			break
		}
		if !c.All {
			fmt.Fprintf(os.Stderr, "keyferry: there are more than these %d; say what you look for, or take --all\n", len(entries))
			break
		}
	}
	return a.print(entries, func(w io.Writer) { listText(w, entries) })
}

func listText(w io.Writer, entries []protocol.Entry) {
	if len(entries) == 0 {
		fmt.Fprintln(w, "Nothing found.")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SITE\tUSER\tCREATED\tLAST USED\tID")
	for _, e := range entries {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", plain(cmp.Or(e.RPID, e.Title)), plain(e.UserName), day(e.CreatedAt), day(e.UsedAt), e.ID)
	}
	table.Flush()
}

func day(m protocol.Millis) string {
	if m == 0 {
		return "-"
	}
	return time.UnixMilli(int64(m)).Format(time.DateOnly)
}
