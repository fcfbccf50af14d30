package transfer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/vault"
)

// Outcome is what an import did.
type Outcome struct {
	Import    vault.ID // to undo it by; zero where nothing changed
	Added     int      // passkeys and items that are new
	Replaced  int      // of mine that went to the trash for theirs
	Merged    int
	Skipped   int
	Files     int
	Remarks   []string
	Unchanged bool // everything was there already, or left out
}

// ErrChanged: what arrived is not what the plan was made of, or the vault has changed meanwhile.
var ErrChanged = errors.New("things have changed since you looked; look again")

// Apply reads the source again and does what the plan's entries say, at once or not at all. before runs when all is
// staged and verified, just before it becomes visible; an error of it gives the import up.
func Apply(ctx context.Context, v *vault.Vault, src Source, plan *Plan, before func() error, progress Progress) (out *Outcome, err error) {
	known, err := readKnown(ctx, v)
	if err != nil {
		return nil, err
	}
	stage, err := v.Stage(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, stage.Discard(context.WithoutCancel(ctx)))
		}
	}()
	a := &applier{v: v, stage: stage, plan: plan, known: known, out: &Outcome{}, waiting: map[fileRef]*waiting{}}
	a.record = importRecord{At: time.Now().UnixMilli(), From: plan.Exporter}
	c := counter{}
	items := 0
	_, err = src.Read(ctx, Sink{
		Keys: plan.keys,
		Item: func(account int, it *cxf.Item) error {
			if items++; progress != nil {
				progress(items, len(plan.Entries))
			}
			return a.item(ctx, account, c.next(account), it)
		},
		File: func(f *File) error { return a.file(ctx, f) },
	})
	if err != nil {
		return nil, err
	}
	if a.next != len(plan.Entries) {
		return nil, ErrChanged
	}
	if err := a.rest(ctx); err != nil {
		return nil, err
	}
	if len(a.record.Added) == 0 { // nothing to store: accounts alone are no reason to change the vault
		a.out.Unchanged = true
		if before != nil {
			if err := before(); err != nil {
				return nil, err
			}
		}
		return a.out, stage.Discard(ctx)
	}
	a.out.Remarks = plan.Remarks
	if err := a.accounts(ctx); err != nil {
		return nil, err
	}
	if err := a.keepRecord(ctx); err != nil {
		return nil, err
	}
	if before != nil {
		if err := before(); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return a.out, stage.Commit(context.WithoutCancel(ctx))
}

type applier struct {
	v       *vault.Vault
	stage   *vault.Stage
	plan    *Plan
	known   *known
	next    int // the entry that comes next
	out     *Outcome
	record  importRecord
	waiting map[fileRef]*waiting // items whose files have not all come
	order   []*waiting
}

// entry takes the next entry of the plan and holds it against what is read now.
func (a *applier) entry(kind, title, rpID string) (*Entry, error) {
	if a.next >= len(a.plan.Entries) {
		return nil, ErrChanged
	}
	e := &a.plan.Entries[a.next]
	a.next++
	if e.Kind != kind || e.Title != title || e.RPID != rpID {
		return nil, ErrChanged
	}
	return e, nil
}

func (a *applier) item(ctx context.Context, account, order int, it *cxf.Item) error {
	parts := takeApart(a.plan.source(account), account, order, it)
	defer parts.forget(it)
	parts.keys = a.plan.keys
	first := a.next
	group, mine, err := a.groupOf(parts, first)
	if err != nil {
		return err
	}
	for n := range parts.passkeys {
		if err := a.passkey(ctx, parts, n, group, mine); err != nil {
			return err
		}
	}
	if parts.hasItem() {
		if err := a.itemRest(ctx, parts, group, mine); err != nil {
			return err
		}
	}
	for range len(parts.broken) + len(parts.refused) { // they are kept within their item
		if a.next >= len(a.plan.Entries) || a.plan.Entries[a.next].Status != Unreadable {
			return ErrChanged
		}
		a.next++
	}
	return nil
}

// groupOf names the group of an item's parts. Where the rest is in the vault already, new passkeys join it there.
func (a *applier) groupOf(parts *parts, first int) (group string, item vault.ID, err error) {
	id := vault.NewID()
	if !parts.hasItem() {
		return id.String(), vault.ID{}, nil
	}
	n := first + len(parts.passkeys)
	if n >= len(a.plan.Entries) {
		return "", id, ErrChanged
	}
	e := &a.plan.Entries[n]
	if e.Mine.IsZero() || e.Choice == Both {
		return id.String(), id, nil
	}
	i, err := a.v.Item(context.Background(), e.Mine)
	if err != nil {
		return "", id, errors.Join(ErrChanged, err)
	}
	head, err := readKeptHead(i.Body)
	if err != nil {
		return "", id, err
	}
	if e.Choice == Take {
		return head.Group, id, nil
	}
	return head.Group, e.Mine, nil
}

func (a *applier) passkey(ctx context.Context, parts *parts, n int, group string, item vault.ID) error {
	k := parts.passkeys[n]
	e, err := a.entry("passkey", parts.shell.Title, k.RPID)
	if err != nil {
		return err
	}
	if e.Choice == Keep {
		a.out.Skipped++
		return nil
	}
	theirs, err := parts.passkey(n, group, item)
	if err != nil {
		return err
	}
	defer clear(theirs.Extra)
	if e.Mine.IsZero() {
		return a.addPasskey(ctx, theirs)
	}
	mine, err := a.v.Passkey(ctx, e.Mine)
	if err != nil {
		return errors.Join(ErrChanged, err)
	}
	defer mine.Clear()
	if e.Choice == Merge {
		if !merge(mine, theirs) {
			a.out.Skipped++
			return nil
		}
		theirs = mine
		a.out.Merged++
		a.out.Replaced--
	}
	if err := a.stage.Supersede(ctx, e.Mine); err != nil {
		return errors.Join(ErrChanged, err)
	}
	a.record.Superseded = append(a.record.Superseded, e.Mine.String())
	a.out.Replaced++
	a.out.Added--
	theirs.ID = vault.ID{}
	theirs.TrashedAt = time.Time{}
	return a.addPasskey(ctx, theirs)
}

func (a *applier) addPasskey(ctx context.Context, p *vault.Passkey) error {
	p.ID = vault.NewID()
	if err := a.stage.AddPasskey(ctx, p); err != nil {
		if errors.Is(err, vault.ErrExists) {
			return errors.Join(ErrChanged, err)
		}
		return err
	}
	a.record.Added = append(a.record.Added, p.ID.String())
	a.out.Added++
	return nil
}

func (a *applier) itemRest(ctx context.Context, parts *parts, group string, id vault.ID) error {
	e, err := a.entry("item", parts.shell.Title, "")
	if err != nil {
		return err
	}
	if e.Choice == Keep {
		a.out.Skipped++
		return nil
	}
	it, k, err := parts.item()
	if err != nil {
		return err
	}
	it.ID, k.Group = id, group
	if e.Choice == Take && !e.Mine.IsZero() {
		if err := a.stage.Supersede(ctx, e.Mine); err != nil {
			return errors.Join(ErrChanged, err)
		}
		a.record.Superseded = append(a.record.Superseded, e.Mine.String())
		a.out.Replaced++
		a.out.Added--
	}
	a.record.Added = append(a.record.Added, it.ID.String())
	a.out.Added++
	w := &waiting{item: it, kept: k}
	for _, c := range parts.rest {
		if f, ok := c.(*cxf.File); ok {
			a.waiting[fileRef{parts.account, parts.shell.ID, f.ID}] = w
			w.files++
		}
	}
	if w.files > 0 {
		a.order = append(a.order, w)
		return nil
	}
	return a.addItem(ctx, w)
}

// fileRef names a file credential of the document.
type fileRef struct {
	account  int
	item, id string
}

// waiting is an item whose files come after the document.
type waiting struct {
	item  *vault.Item
	kept  *keptItem
	files int
}

func (a *applier) addItem(ctx context.Context, w *waiting) (err error) {
	if w.item.Body, err = w.kept.write(ctx, a.stage, w.item.ID); err != nil {
		return err
	}
	return a.stage.AddItem(ctx, w.item)
}

// file stores an attached file for each item that is taken and names it.
func (a *applier) file(ctx context.Context, f *File) error {
	var refs []cxf.FileRef
	for _, ref := range f.Refs {
		if a.waiting[fileRef{ref.Account, ref.ItemID, ref.File.ID}] != nil {
			refs = append(refs, ref)
		}
	}
	var content io.Reader = f
	var raw []byte
	if len(refs) > 1 { // each owner has its own, since each may be shredded by itself
		var err error
		if raw, err = io.ReadAll(io.LimitReader(f, cxp.MaxFileSize+1)); err != nil {
			return err
		}
		defer clear(raw)
	}
	for _, ref := range refs {
		w := a.waiting[fileRef{ref.Account, ref.ItemID, ref.File.ID}]
		if raw != nil {
			content = bytes.NewReader(raw)
		}
		id, _, err := a.stage.PutBlob(ctx, w.item.ID, content)
		if err != nil {
			return err
		}
		if w.kept.Files == nil {
			w.kept.Files = map[string]string{}
		}
		w.kept.Files[ref.File.ID] = id.String()
		a.out.Files++
	}
	return nil // a file that nobody takes is checked before the next one is read
}

// rest stores the items that waited for files.
func (a *applier) rest(ctx context.Context) error {
	for _, w := range a.order {
		if err := a.addItem(ctx, w); err != nil {
			return err
		}
	}
	return nil
}
