package vault

import (
	"context"
	"errors"
	"time"
)

// TrashFor is how long a deleted entry can be restored.
const TrashFor = 30 * 24 * time.Hour

// Trash moves a passkey or an item to the trash: it is found by no lookup any more, and stays restorable. Trashing
// what lies there already keeps the older date.
func (v *Vault) Trash(ctx context.Context, id ID) error {
	now := v.opts.now().Truncate(time.Millisecond)
	return v.setTrashed(ctx, id, func(was time.Time) time.Time {
		if was.IsZero() {
			return now
		}
		return was
	})
}

// Untrash takes a passkey or an item out of the trash again. What does not lie there stays as it is. A passkey whose
// credential is back in the vault by an import stays in the trash: *ExistsError names the other one.
func (v *Vault) Untrash(ctx context.Context, id ID) error {
	return v.setTrashed(ctx, id, func(time.Time) time.Time { return time.Time{} })
}

func (v *Vault) setTrashed(ctx context.Context, id ID, at func(was time.Time) time.Time) error {
	return v.write(ctx, func(t *tx) error {
		err := t.updatePasskey(id, func(p *Passkey) error {
			was := p.TrashedAt
			if p.TrashedAt = at(was); was.IsZero() || !p.TrashedAt.IsZero() {
				return nil
			}
			return t.noTwin(p)
		})
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		return t.updateItem(id, func(i *Item) error {
			i.TrashedAt = at(i.TrashedAt)
			return nil
		})
	})
}

// ExpireTrash shreds what has lain in the trash for longer than TrashFor and returns how much that was; see EmptyTrash.
// Call it once a day: when nothing is due it only looks.
func (v *Vault) ExpireTrash(ctx context.Context) (int, error) {
	return v.EmptyTrash(ctx, v.opts.now().Add(-TrashFor))
}
