package transfer

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keyferry/keyferry/vault"
)

// What moved out stays until the person says otherwise. A record of it can wait in the vault until they have seen whether
// it arrived.

// MovedOut names the originals of a move out.
type MovedOut struct {
	ID    vault.ID // of its record, where it waits in the vault
	At    time.Time
	To    string // in words
	Items []vault.ID
}

// movedRecord is how it waits.
type movedRecord struct {
	At    int64    `json:"at"` // Unix milliseconds
	To    string   `json:"to"`
	Items []string `json:"items"`
}

// Whole are the chosen records that leave with nothing missing: those whose originals may go.
func (r *Review) Whole() []vault.ID {
	var out []vault.ID
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Chosen && e.Status() == Goes {
			out = append(out, e.ID)
		}
	}
	return out
}

// Originals says what became of the originals.
type Originals struct {
	Trashed int
	Changed int // changed since they left: they stay
	Gone    int // in the trash already, or nowhere
}

// ErrSettled: there is no such move any more.
var ErrSettled = errors.New("nothing of this move out waits any more")

// Remember keeps the list of what moved out in the vault, until Settle.
func (o *MovedOut) Remember(ctx context.Context, v *vault.Vault) error {
	r := &movedRecord{At: o.At.UnixMilli(), To: o.To}
	for _, id := range o.Items {
		r.Items = append(r.Items, id.String())
	}
	var id vault.ID
	err := staged(ctx, v, func(stage *vault.Stage) (err error) {
		id, err = addRecord(ctx, stage, "moved out", &keptItem{Kind: kindMoved, Moved: r})
		return err
	})
	if err == nil {
		o.ID = id
	}
	return err
}

// Moves lists the moves out that wait, newest first.
func Moves(ctx context.Context, v *vault.Vault) ([]MovedOut, error) {
	ids, err := records(ctx, v, kindMoved, func(*vault.Item) bool { return true })
	if err != nil {
		return nil, err
	}
	var out []MovedOut
	for _, id := range ids {
		o, err := Moved(ctx, v, id)
		if errors.Is(err, ErrSettled) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b MovedOut) int { return b.At.Compare(a.At) })
	return out, nil
}

// Moved reads one of them. ErrSettled where it waits no more.
func Moved(ctx context.Context, v *vault.Vault, id vault.ID) (*MovedOut, error) {
	k, err := record(ctx, v, id, kindMoved, ErrSettled)
	if err != nil {
		return nil, err
	}
	if k.Moved == nil {
		return nil, ErrSettled
	}
	o := &MovedOut{ID: id, At: time.UnixMilli(k.Moved.At), To: k.Moved.To}
	for _, text := range k.Moved.Items {
		item, err := vault.ParseID(text)
		if err != nil {
			return nil, errKept
		}
		o.Items = append(o.Items, item)
	}
	return o, nil
}

// Settle ends the waiting: with trash the originals go to the trash, all at once, as far as they are what they were when
// they left. The trash keeps them as long as anything in it.
func (o *MovedOut) Settle(ctx context.Context, v *vault.Vault, trash bool) (*Originals, error) {
	out := &Originals{}
	return out, staged(ctx, v, func(stage *vault.Stage) error {
		if trash {
			for _, id := range o.Items {
				if err := o.discard(ctx, v, stage, id, out); err != nil {
					return err
				}
			}
		}
		if o.ID.IsZero() {
			return nil
		}
		return stage.Supersede(ctx, o.ID)
	})
}

func (o *MovedOut) discard(ctx context.Context, v *vault.Vault, stage *vault.Stage, id vault.ID, out *Originals) error {
	changed, err := modified(ctx, v, id)
	if err == nil && changed.After(o.At) {
		out.Changed++
		return nil
	}
	if err == nil {
		err = stage.Supersede(ctx, id)
	}
	switch {
	case errors.Is(err, vault.ErrNotFound):
		out.Gone++
		return nil
	case err != nil:
		return err
	}
	out.Trashed++
	return nil
}

// modified is when a record was last changed by a person.
func modified(ctx context.Context, v *vault.Vault, id vault.ID) (time.Time, error) {
	p, err := v.Passkey(ctx, id)
	if err == nil {
		defer p.Clear()
		return p.ModifiedAt, nil
	}
	if !errors.Is(err, vault.ErrNotFound) {
		return time.Time{}, err
	}
	i, err := v.Item(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	clear(i.Body)
	return i.ModifiedAt, nil
}
