package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/vault"
)

// whereabouts says in which places of a review an item lies.
type whereabouts struct {
	accounts []int              // places by account
	links    []map[string][]int // by account: places by item
}

func (w *whereabouts) of(account int, item string) []int {
	return append([]int{w.accounts[account]}, w.links[account][item]...)
}

// places lists the accounts and collections of what may leave. An item of a collection lies in those around it, too.
func (e *Export) places(r *Review) *whereabouts {
	w := &whereabouts{links: make([]map[string][]int, len(e.header.Accounts))}
	add := func(name, path string) int {
		n := len(r.Places) + 1
		r.Places = append(r.Places, Place{N: n, Account: name, Collection: path})
		return n
	}
	for i := range e.header.Accounts {
		w.accounts = append(w.accounts, add(e.names[i], ""))
		w.links[i] = map[string][]int{}
	}
	for i, a := range e.header.Accounts {
		var walk func(list []cxf.Collection, path string, around []int)
		walk = func(list []cxf.Collection, path string, around []int) {
			for _, c := range list {
				full := c.Title
				if full == "" {
					full = "A collection without a name"
				}
				if path != "" {
					full = path + " / " + full
				}
				in := append(slices.Clone(around), add(e.names[i], full))
				for _, link := range c.Items {
					for _, n := range in {
						if have := w.links[i][link.Item]; !slices.Contains(have, n) {
							w.links[i][link.Item] = append(have, n)
						}
					}
				}
				walk(c.SubCollections, full, in)
			}
		}
		walk(a.Collections, "", nil)
	}
	return w
}

// prune takes out of the accounts what tells of items that were not selected: links to them, and collections that hold
// nothing else.
func (e *Export) prune(ctx context.Context) error {
	if e.sel.Only == nil {
		return nil
	}
	for i, list := range e.accounts {
		ids := map[string]bool{}
		for _, g := range list {
			id, err := e.documentID(ctx, g)
			if errors.Is(err, vault.ErrNotFound) { // gone since it was listed
				continue
			}
			if err != nil {
				return err
			}
			ids[id] = true
		}
		e.header.Accounts[i].Collections = pruned(e.header.Accounts[i].Collections, ids)
	}
	return nil
}

func pruned(list []cxf.Collection, ids map[string]bool) []cxf.Collection {
	var out []cxf.Collection
	for _, c := range list {
		c.Items = slices.DeleteFunc(slices.Clone(c.Items), func(l cxf.LinkedItem) bool { return !ids[l.Item] })
		if c.SubCollections = pruned(c.SubCollections, ids); len(c.Items)+len(c.SubCollections) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// documentID is the id that an item has in the document.
func (e *Export) documentID(ctx context.Context, g group) (string, error) {
	var kept json.RawMessage
	if !g.item.IsZero() {
		i, err := e.v.Item(ctx, g.item)
		if err != nil {
			return "", err
		}
		k, err := readKeptItem(ctx, e.v, i.Body)
		if err != nil {
			return "", err
		}
		kept = k.Item
	} else {
		p, err := e.v.Passkey(ctx, g.passkeys[0])
		if err != nil {
			return "", err
		}
		defer p.Clear()
		k, err := readKeptPasskey(p.Extra)
		if err != nil {
			return "", err
		}
		if k == nil || k.Item == nil {
			return g.passkeys[0].String(), nil
		}
		kept = k.Item
	}
	var named struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(kept, &named); err != nil {
		return "", errKept
	}
	return named.ID, nil
}
