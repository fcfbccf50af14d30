package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// idMark stands before an ID that begins with a hyphen, which would else be taken for a flag: IDs are base64url, one in
// 64 begins like that, and people copy them out of lists.
const idMark = "id:"

func markIDs(args []string) []string {
	marked := make([]string, len(args))
	for i, arg := range args {
		if _, err := vault.ParseID(arg); err == nil && strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") {
			arg = idMark + arg
		}
		marked[i] = arg
	}
	return marked
}

// withEntry finds an entry by what a person calls it.
func (a *app) withEntry(name string, trashed bool, do func(client *link.Client, id string) error) error {
	client, _, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	id, err := a.entryID(client, name, trashed)
	if err != nil {
		return err
	}
	return do(client, id)
}

// entryID returns the ID of the one entry that a name means: a whole ID, the beginning of one, a site or title, or
// site/user. Anything but a whole ID has to look at the list, for which the agent verifies the person.
func (a *app) entryID(client *link.Client, name string, trashed bool) (string, error) {
	name = strings.TrimPrefix(name, idMark)
	if _, err := vault.ParseID(name); err == nil {
		return name, nil
	}
	site, _, _ := strings.Cut(name, "/")
	query := ""
	if strings.ContainsAny(name, "./ ") { // no beginning of an ID
		query = site
	}
	var found []protocol.Entry
	for after := ""; ; {
		var page protocol.ListResult
		body := func(s protocol.Secret) any {
			return protocol.ListRequest{Query: query, After: after, Limit: 500, Trash: trashed, Secret: s}
		}
		if err := a.ask(client, "list", body, &page); err != nil {
			return "", err
		}
		for _, e := range page.Entries {
			if means(name, e) {
				found = append(found, e)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	switch len(found) {
	case 1:
		return found[0].ID, nil
	case 0:
		list := "keyferry list"
		if trashed {
			list += " --trash"
		}
		return "", protocol.Errorf(protocol.CodeNotFound, "nothing here is called %q; `%s` shows what there is", plain(name), list)
	}
	return "", &ambiguousError{name, found}
}

// means says whether a person may mean this entry by a name.
func means(name string, e protocol.Entry) bool {
	if strings.HasPrefix(e.ID, name) || strings.EqualFold(name, e.RPID) || strings.EqualFold(name, e.Title) {
		return true
	}
	for _, site := range []string{e.RPID, e.Title} {
		if site != "" && strings.EqualFold(name, site+"/"+e.UserName) {
			return true
		}
	}
	return false
}

// ambiguousError: a name fits several entries.
type ambiguousError struct {
	name  string
	found []protocol.Entry
}

func (e *ambiguousError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q may be any of %d; nothing was changed. Say which:", plain(e.name), len(e.found))
	for i, f := range e.found {
		if i == 10 {
			fmt.Fprintf(&b, "\n  and %d more", len(e.found)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s  %s/%s", f.ID, plain(cmp.Or(f.RPID, f.Title)), plain(f.UserName))
	}
	return b.String()
}
