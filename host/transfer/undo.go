package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/keyferry/keyferry/vault"
)

// importRecord is what an import leaves behind so that it can be taken back.
type importRecord struct {
	At         int64    `json:"at"` // Unix milliseconds
	From       string   `json:"from"`
	Added      []string `json:"added"`
	Superseded []string `json:"superseded,omitempty"`
	// Accounts and OldAccounts are bookkeeping that was added and superseded: no entry that a person counts.
	Accounts    []string `json:"accounts,omitempty"`
	OldAccounts []string `json:"oldAccounts,omitempty"`
}

// Import is an import that can be undone.
type Import struct {
	ID       vault.ID
	At       time.Time
	From     string // the exporter's claim
	Added    int    // records
	Replaced int
}

// UndoFor is how long an import can be undone: as long as the trash keeps what it replaced.
const UndoFor = vault.TrashFor

// ErrUndone: the import is not there (any more), or too long ago.
var ErrUndone = errors.New("this import can't be undone: it is too long ago, or was undone already")

func (a *applier) keepRecord(ctx context.Context) error {
	id, err := addRecord(ctx, a.stage, "import", &keptItem{Kind: kindImport, Import: &a.record})
	if err == nil {
		a.out.Import = id
	}
	return err
}

// Imports lists what can be undone, newest first.
func Imports(ctx context.Context, v *vault.Vault, now time.Time) ([]Import, error) {
	ids, err := records(ctx, v, kindImport, func(i *vault.Item) bool { return now.Sub(i.CreatedAt) < UndoFor })
	if err != nil {
		return nil, err
	}
	var out []Import
	for _, id := range ids {
		r, err := readRecord(ctx, v, id)
		if err != nil {
			return nil, err
		}
		out = append(out, Import{ID: id, At: time.UnixMilli(r.At), From: r.From, Added: len(r.Added), Replaced: len(r.Superseded)})
	}
	slices.SortFunc(out, func(a, b Import) int { return b.At.Compare(a.At) })
	return out, nil
}

func readRecord(ctx context.Context, v *vault.Vault, id vault.ID) (*importRecord, error) {
	k, err := record(ctx, v, id, kindImport, ErrUndone)
	if err != nil {
		return nil, err
	}
	if k.Import == nil {
		return nil, ErrUndone
	}
	return k.Import, nil
}

// Undone says what an undo did.
type Undone struct {
	Removed  int // to the trash
	Restored int
	Lost     int // replaced records that the trash holds no more
}

// Undo takes an import back, at once or not at all: what it added goes to the trash, what it replaced is there again.
func Undo(ctx context.Context, v *vault.Vault, id vault.ID, now time.Time) (*Undone, error) {
	r, err := readRecord(ctx, v, id)
	if err != nil {
		return nil, err
	}
	if now.Sub(time.UnixMilli(r.At)) >= UndoFor {
		return nil, ErrUndone
	}
	u, books := &Undone{}, &Undone{} // books: what nobody counts, accounts and the record of the import itself
	return u, staged(ctx, v, func(stage *vault.Stage) error {
		if err := takeBack(ctx, v, stage, r.Added, r.Superseded, u); err != nil {
			return err
		}
		return takeBack(ctx, v, stage, append(slices.Clone(r.Accounts), id.String()), r.OldAccounts, books)
	})
}

func takeBack(ctx context.Context, v *vault.Vault, stage *vault.Stage, added, superseded []string, u *Undone) error {
	for _, text := range added {
		id, err := vault.ParseID(text)
		if err != nil {
			return err
		}
		switch err := stage.Supersede(ctx, id); {
		case err == nil:
			u.Removed++
		case !errors.Is(err, vault.ErrNotFound):
			return err
		}
	}
	for _, text := range superseded {
		old, err := vault.ParseID(text)
		if err != nil {
			return err
		}
		if err := restore(ctx, v, stage, old, u); err != nil {
			return err
		}
	}
	return nil
}

// restore adds a copy of what lies in the trash.
func restore(ctx context.Context, v *vault.Vault, stage *vault.Stage, id vault.ID, u *Undone) error {
	p, err := v.Passkey(ctx, id)
	if err == nil {
		defer p.Clear()
		if p.TrashedAt.IsZero() {
			return nil // somebody took it out of the trash
		}
		p.ID, p.TrashedAt = vault.NewID(), time.Time{}
		err := stage.AddPasskey(ctx, p)
		if errors.Is(err, vault.ErrExists) {
			return nil // a later import brought it back
		}
		u.Restored++
		return err
	}
	if !errors.Is(err, vault.ErrNotFound) {
		return err
	}
	i, err := v.Item(ctx, id)
	if errors.Is(err, vault.ErrNotFound) {
		u.Lost++
		return nil
	}
	if err != nil {
		return err
	}
	defer clear(i.Body)
	if i.TrashedAt.IsZero() {
		return nil
	}
	i.ID, i.TrashedAt = vault.NewID(), time.Time{}
	if i.Body, err = copyBody(ctx, v, stage, i.ID, i.Body); err != nil {
		return err
	}
	u.Restored++
	return stage.AddItem(ctx, i)
}

// copyBody gives a copy of an item blobs of its own, since the original's go when the trash is emptied.
func copyBody(ctx context.Context, v *vault.Vault, stage *vault.Stage, owner vault.ID, body []byte) ([]byte, error) {
	k, err := readKeptHead(body)
	if err != nil {
		return body, nil // not ours: no blobs that we know of
	}
	if k.Blob == "" && len(k.Files) == 0 {
		return body, nil
	}
	if k, err = readKeptItem(ctx, v, body); err != nil {
		return nil, err
	}
	k.Blob = ""
	for file, text := range k.Files {
		id, err := vault.ParseID(text)
		if err != nil {
			return nil, fmt.Errorf("an attached file has no place: %w", err)
		}
		b, err := v.Blob(ctx, id)
		if err != nil {
			return nil, err
		}
		fresh, _, err := stage.PutBlob(ctx, owner, io.Reader(b))
		if err != nil {
			return nil, err
		}
		k.Files[file] = fresh.String()
	}
	return k.write(ctx, stage, owner)
}
