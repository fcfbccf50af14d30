package transfer

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/vault"
)

// accounts keeps the document's accounts: their names, their collections, and what nobody here reads.
func (a *applier) accounts(ctx context.Context) error {
	for n := range a.plan.document.Accounts {
		if err := a.account(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) account(ctx context.Context, n int) error {
	source := a.plan.source(n)
	doc := *a.plan.document
	old, there := a.known.accounts[source]
	if there {
		had, err := keptAccount(ctx, a.v, old.id)
		if err != nil {
			return err
		}
		doc.Accounts = slices.Clone(doc.Accounts)
		doc.Accounts[n].Collections = union(doc.Accounts[n].Collections, had.Accounts[0].Collections)
		raw, err := writeAccount(&doc, n)
		if err != nil {
			return err
		}
		was, err := writeAccount(had, 0)
		if err != nil {
			return err
		}
		if bytes.Equal(raw, was) {
			return nil
		}
		if err := a.stage.Supersede(ctx, old.id); err != nil {
			return err
		}
		a.record.OldAccounts = append(a.record.OldAccounts, old.id.String())
	}
	raw, err := writeAccount(&doc, n)
	if err != nil {
		return err
	}
	item := &vault.Item{ID: vault.NewID(), Title: "account", Hidden: true, CreatedAt: time.UnixMilli(a.record.At)}
	k := &keptItem{Kind: kindAccount, Source: source, Order: n, Account: raw}
	if item.Body, err = k.write(ctx, a.stage, item.ID); err != nil {
		return err
	}
	a.record.Accounts = append(a.record.Accounts, item.ID.String())
	return a.stage.AddItem(ctx, item)
}

func keptAccount(ctx context.Context, v *vault.Vault, id vault.ID) (*cxf.Header, error) {
	i, err := v.Item(ctx, id)
	if err != nil {
		return nil, err
	}
	k, err := readKeptItem(ctx, v, i.Body)
	if err != nil {
		return nil, err
	}
	return readAccount(k.Account)
}

// union is theirs with those of mine that theirs does not name: what was in a folder once stays in it.
func union(theirs, mine []cxf.Collection) []cxf.Collection {
	out := slices.Clone(theirs)
	for _, c := range mine {
		if !slices.ContainsFunc(theirs, func(t cxf.Collection) bool { return t.ID == c.ID }) {
			out = append(out, c)
		}
	}
	return out
}
