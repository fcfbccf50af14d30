package vault

import "context"

// EachPasskey gives every passkey outside the trash to fn, whole and in no order, as of one moment: for an export. A
// passkey is cleared when fn returns. An error of fn's ends it and comes back as it is; so does a *DamagedError at the
// first record that is not whole.
func (v *Vault) EachPasskey(ctx context.Context, fn func(*Passkey) error) error {
	return v.eachID(ctx, kindPasskey, func(r reader, id ID) error {
		p, err := r.passkey(id)
		if err != nil {
			return v.readErr(err)
		}
		defer p.Clear()
		if !p.TrashedAt.IsZero() {
			return nil
		}
		return fn(p)
	})
}

// EachPasskeyInfo is EachPasskey without the secrets.
func (v *Vault) EachPasskeyInfo(ctx context.Context, fn func(*PasskeyInfo) error) error {
	return v.eachID(ctx, kindPasskey, func(r reader, id ID) error {
		p, err := r.passkeyInfo(id)
		if err != nil {
			return v.readErr(err)
		}
		if !p.TrashedAt.IsZero() {
			return nil
		}
		return fn(&p)
	})
}

// EachItem gives every item outside the trash to fn, hidden ones too; otherwise like EachPasskey.
func (v *Vault) EachItem(ctx context.Context, fn func(*Item) error) error {
	return v.eachID(ctx, kindItem, func(r reader, id ID) error {
		i, _, err := r.item(id, true)
		if err != nil {
			return v.readErr(err)
		}
		defer clear(i.Body)
		if !i.TrashedAt.IsZero() {
			return nil
		}
		return fn(i)
	})
}

func (v *Vault) eachID(ctx context.Context, kind byte, fn func(reader, ID) error) error {
	if err := v.awaitVerified(ctx); err != nil {
		return err
	}
	return v.view(ctx, func(r reader) error {
		var mine error // told apart from what is wrong with a record
		err := r.each(ctx, kind, func(key recordKey, e envelope) error {
			if r.visible(e.stage) {
				mine = fn(r, idOf(key))
			}
			return mine
		})
		if mine != nil {
			return mine
		}
		return v.readErr(err)
	})
}
