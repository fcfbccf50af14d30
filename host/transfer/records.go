package transfer

import (
	"context"
	"errors"

	"github.com/keyferry/keyferry/vault"
)

// Records of what was done lie in the vault as hidden items: imports that can be undone, moves out that wait for a word.

// staged commits what fill puts into a stage of the vault, or discards it where either fails.
func staged(ctx context.Context, v *vault.Vault, fill func(*vault.Stage) error) error {
	stage, err := v.Stage(ctx)
	if err != nil {
		return err
	}
	if err = fill(stage); err == nil {
		err = stage.Commit(context.WithoutCancel(ctx))
	}
	if err != nil {
		return errors.Join(err, stage.Discard(context.WithoutCancel(ctx)))
	}
	return nil
}

// addRecord adds a record; title is for whoever looks into the vault by other means.
func addRecord(ctx context.Context, stage *vault.Stage, title string, k *keptItem) (vault.ID, error) {
	item := &vault.Item{ID: vault.NewID(), Title: title, Hidden: true}
	var err error
	if item.Body, err = k.write(ctx, stage, item.ID); err != nil {
		return vault.ID{}, err
	}
	return item.ID, stage.AddItem(ctx, item)
}

// records lists those of a kind that fit.
func records(ctx context.Context, v *vault.Vault, kind string, fits func(*vault.Item) bool) ([]vault.ID, error) {
	var ids []vault.ID
	err := v.EachItem(ctx, func(i *vault.Item) error {
		if k, err := readKeptHead(i.Body); err == nil && k.Kind == kind && fits(i) {
			ids = append(ids, i.ID)
		}
		return nil
	})
	return ids, err
}

// record reads one; the error is gone where there is none of that kind (any more).
func record(ctx context.Context, v *vault.Vault, id vault.ID, kind string, gone error) (*keptItem, error) {
	i, err := v.Item(ctx, id)
	if errors.Is(err, vault.ErrNotFound) || err == nil && !i.TrashedAt.IsZero() {
		return nil, gone
	}
	if err != nil {
		return nil, err
	}
	k, err := readKeptItem(ctx, v, i.Body)
	if err != nil || k.Kind != kind {
		return nil, errors.Join(gone, err)
	}
	return k, nil
}
