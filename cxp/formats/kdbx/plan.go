package kdbx

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// plan is a database that could be written, and what it lacks of the document. Losses and Write make the same one.
type plan struct {
	*formats.Recorder
	root  *outGroup
	files []*cxf.File // in the order of their references, each content once
	name  string
}

type outGroup struct {
	uuid    [16]byte
	title   string
	notes   string
	times   times
	entries []*outEntry
	groups  []*outGroup
}

func newPlan(ctx context.Context, d *formats.Document) (*plan, error) {
	p := &plan{Recorder: formats.NewRecorder().For(d), name: "Keyferry"}
	p.root = &outGroup{title: p.name, uuid: entryUUID("root", 1)}
	homes := make([]map[string]*outGroup, len(d.Header.Accounts))
	tops := make([]*outGroup, len(d.Header.Accounts))
	folders := map[string]int{}
	for i := range d.Header.Accounts {
		a := &d.Header.Accounts[i]
		tops[i] = p.root
		if len(d.Header.Accounts) > 1 {
			tops[i] = &outGroup{title: accountName(a, i), uuid: entryUUID(fmt.Sprintf("account/%d/%s", i, a.ID), 1)}
			p.root.groups = append(p.root.groups, tops[i])
		} else if a.Username != "" {
			p.name = printable(a.Username)
			p.root.title = p.name
		}
		homes[i] = map[string]*outGroup{}
		p.groups(tops[i], a.Collections, homes[i], func(item string) { folders[fmt.Sprint(i, "/", item)]++ })
	}
	refs := map[string]int{}
	n := 0
	for entry, err := range d.All() {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		home := homes[entry.Account][entry.Item.ID]
		if home == nil {
			home = tops[entry.Account]
		}
		var failed error
		entries := p.item(entry, n, folders[fmt.Sprint(entry.Account, "/", entry.Item.ID)], func(f *cxf.File) bool {
			ok, err := readable(ctx, d, f)
			failed = errors.Join(failed, err)
			return ok
		})
		n++
		if failed != nil {
			return nil, failed
		}
		for _, e := range entries {
			p.reference(e, refs)
		}
		home.entries = append(home.entries, entries...)
	}
	p.Report().Accounts, p.Report().Items = len(d.Header.Accounts), n
	return p, nil
}

func accountName(a *cxf.Account, i int) string {
	for _, s := range []string{a.Username, a.Email, a.FullName} {
		if s = printable(s); s != "" {
			return s
		}
	}
	return fmt.Sprintf("Account %d", i+1)
}

// groups turns collections into groups. An item's home is the first that names it.
func (p *plan) groups(parent *outGroup, list []cxf.Collection, homes map[string]*outGroup, count func(string)) {
	for i := range list {
		c := &list[i]
		p.Report().Collections++
		g := &outGroup{
			uuid: entryUUID(c.ID, 0), title: printable(c.Title), notes: printable(c.Subtitle),
			times: times{created: c.CreationAt, modified: c.ModifiedAt},
		}
		parent.groups = append(parent.groups, g)
		for _, link := range c.Items {
			count(link.Item)
			if homes[link.Item] == nil {
				homes[link.Item] = g
			}
		}
		p.groups(g, c.SubCollections, homes, count)
	}
}

// item converts an item.
func (p *plan) item(entry formats.Entry, n, folders int, file func(*cxf.File) bool) []*outEntry {
	it := entry.Item
	title := it.Title
	if title == "" {
		title = fmt.Sprintf("entry %d", n+1)
	}
	lose := func(l loss, part, message string) {
		path := []string{title}
		if part != "" {
			path = append(path, part)
		}
		p.Lose(l.sentence, cxf.Diagnostic{
			Severity: l.severity, Code: l.code, Path: path, Message: message,
			Account: entry.Account, Item: n, Credential: -1, ItemID: it.ID,
		})
		if l.severity == cxf.Problem {
			p.Report().LeftOut++
		}
	}
	if it.SharedWithMe {
		lose(lossNotOwned, "", "belongs to somebody else and is left out")
		return nil
	}
	if folders > 1 {
		lose(lossFolder, "", fmt.Sprintf("is in %d folders", folders))
	}
	c := &converter{
		item: it, lose: lose, file: file, nth: map[cxf.CredentialType]int{}, next: map[string]int{},
		counted: func(x cxf.Credential) { p.Report().Credentials[x.CredentialType()]++ },
	}
	return c.convert()
}

// readable reads an attached file to its end, so that writing meets no surprise.
func readable(ctx context.Context, d *formats.Document, f *cxf.File) (bool, error) {
	if d.Files == nil || f.DecryptedSize > formats.MaxFile {
		return false, nil
	}
	r, err := d.Files(ctx, *f)
	if errors.Is(err, formats.ErrNoFile) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer r.Close() // only read
	switch err := f.Verify(r); {
	case errors.Is(err, cxf.ErrIntegrity):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// reference numbers the files of an entry; equal ones are stored once.
func (p *plan) reference(e *outEntry, refs map[string]int) {
	for i := range e.files {
		f := &e.files[i]
		key := fmt.Sprintf("%x/%d", f.file.IntegrityHash, f.file.DecryptedSize)
		ref, ok := refs[key]
		if !ok {
			ref = len(p.files)
			refs[key] = ref
			p.files = append(p.files, f.file)
		}
		f.ref = ref
	}
}

// content reads a file that readable has found right.
func content(ctx context.Context, d *formats.Document, f *cxf.File, w io.Writer) error {
	r, err := d.Files(ctx, *f)
	if err != nil {
		return err
	}
	defer r.Close() // only read
	return f.Verify(io.TeeReader(r, w))
}
