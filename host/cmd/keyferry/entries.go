package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
)

type showCmd struct {
	Entry string `arg:"" help:"Its ID or the beginning of it, its site, or SITE/USER."`
}

// Run implements the command. Passkeys and passwords are not shown, here or anywhere.
func (c showCmd) Run(a *app) error {
	return a.withEntry(c.Entry, false, func(client *link.Client, id string) error {
		var e protocol.Entry
		body := func(s protocol.Secret) any { return protocol.Ref{ID: id, Secret: s} }
		if err := a.ask(client, "show", body, &e); err != nil {
			return err
		}
		return a.print(e, func(w io.Writer) { entryText(w, e) })
	})
}

func entryText(w io.Writer, e protocol.Entry) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(table, "%s:\t%s\n", name, value)
		}
	}
	line("Title", plain(e.Title))
	line("Kind", e.Kind)
	line("Site", plain(e.RPID))
	line("User", plain(e.UserName))
	line("Called", plain(e.DisplayName))
	line("Algorithm", e.Algorithm)
	line("Created", moment(e.CreatedAt))
	line("Changed", moment(e.ModifiedAt))
	line("Last used", cmp.Or(moment(e.UsedAt), "never"))
	line("In the trash since", moment(e.TrashedAt))
	if e.Pending {
		line("Note", "the site has not confirmed that it took this passkey")
	}
	line("ID", e.ID)
}

// moment is a point in time for people; "" where there is none.
func moment(m protocol.Millis) string {
	if m == 0 {
		return ""
	}
	return time.UnixMilli(int64(m)).Format("2006-01-02 15:04")
}

type renameCmd struct {
	Entry       string `arg:"" help:"Its ID or the beginning of it, its site, or SITE/USER."`
	Title       string `arg:"" optional:"" help:"The new title."`
	User        string `help:"The passkey's new user name, as you see it." placeholder:"NAME"`
	DisplayName string `help:"The passkey's new display name." placeholder:"NAME"`
}

// Validate checks the command's arguments.
func (c renameCmd) Validate() error {
	if c.Title == "" && c.User == "" && c.DisplayName == "" {
		return fmt.Errorf("say the new title, --user or --display-name")
	}
	return nil
}

// Run implements the command.
func (c renameCmd) Run(a *app) error {
	return a.withEntry(c.Entry, false, func(client *link.Client, id string) error {
		var e protocol.Entry
		body := func(protocol.Secret) any {
			return protocol.Rename{ID: id, Title: c.Title, UserName: c.User, DisplayName: c.DisplayName}
		}
		if err := a.ask(client, "rename", body, &e); err != nil {
			return err
		}
		return a.print(e, func(w io.Writer) { entryText(w, e) })
	})
}

type trashCmd struct {
	Entry []string `arg:"" help:"IDs or their beginnings, sites, or SITE/USER."`
}

// Run implements the command.
func (c trashCmd) Run(a *app) error {
	return a.move("trash", c.Entry, false, func(w io.Writer, n int) {
		fmt.Fprintf(w, "%s in the trash for 30 days; `keyferry untrash` takes out again.\n", isAre(n))
	})
}

type untrashCmd struct {
	Entry []string `arg:"" help:"IDs or their beginnings, sites, or SITE/USER; see \"keyferry list --trash\"."`
}

// Run implements the command.
func (c untrashCmd) Run(a *app) error {
	return a.move("untrash", c.Entry, true, func(w io.Writer, n int) {
		fmt.Fprintf(w, "%s out of the trash and works again.\n", isAre(n))
	})
}

func isAre(n int) string {
	if n == 1 {
		return "1 entry is"
	}
	return fmt.Sprintf("%d entries are", n)
}

// movedOutput is the JSON of `keyferry trash` and `keyferry untrash`.
type movedOutput struct {
	IDs []string `json:"ids"`
}

// move finds all entries before it moves the first, so that a name that is not there changes nothing.
func (a *app) move(typ string, names []string, trashed bool, text func(io.Writer, int)) error {
	client, _, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	out := movedOutput{IDs: make([]string, len(names))}
	for i, name := range names {
		if out.IDs[i], err = a.entryID(client, name, trashed); err != nil {
			return err
		}
	}
	for i, id := range out.IDs {
		if err := a.ask(client, typ, func(protocol.Secret) any { return protocol.Ref{ID: id} }, nil); err != nil {
			return fmt.Errorf("%q: %w (%d of %d were done before it)", names[i], err, i, len(names))
		}
	}
	return a.print(out, func(w io.Writer) { text(w, len(out.IDs)) })
}

type emptyTrashCmd struct{}

// Run implements the command.
func (emptyTrashCmd) Run(a *app) error {
	var emptied protocol.Emptied
	if err := a.call("trash.empty", func(s protocol.Secret) any { return protocol.EmptyTrash{Secret: s} }, &emptied); err != nil {
		return err
	}
	return a.print(emptied, func(w io.Writer) {
		if emptied.Count == 0 {
			fmt.Fprintln(w, "The trash was empty.")
			return
		}
		fmt.Fprintf(w, "%s destroyed. Backups and copies of the vault's files may still hold what was in it.\n", isAre(emptied.Count))
	})
}
