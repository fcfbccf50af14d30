package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

type listCmd struct {
	Query string `arg:"" optional:"" help:"Only what has these words in its title, site or user name."`
	Trash bool   `help:"What is in the trash instead."`
}

// Run implements the command. All pages are fetched over one connection, so that the person is asked once.
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
