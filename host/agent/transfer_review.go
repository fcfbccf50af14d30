package agent

import (
	"context"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// What may leave, entry by entry, and what of it the person chose. The choice is kept here, and what is written is
// narrowed down to it here: a page only shows it.

// maxPlaces is how many accounts and collections a list offers to choose by.
const maxPlaces = 1000

// count brings a view up to date with what was chosen. The dialog that lets it leave says these counts.
func (m *moving) count(t *protocol.Transfer) {
	r := m.review
	t.Counts, t.LeftOut, t.Excluded, t.Kept = r.Counts(), r.LeftOut(), r.Excluded(), 0
	for i := range r.Entries {
		if e := &r.Entries[i]; !e.Chosen && e.Status() != transfer.Stays {
			t.Kept++
		}
	}
	t.Remarks = cleanAll(append(r.Losses(), r.Remarks...))
}

// leavingEntries is the page of "transfer.entries" for a move out. The caller holds the lock.
func (m *moving) leavingEntries(q protocol.TransferEntries) protocol.TransferEntryList {
	page := newPage(q)
	fits := leavingFits(q.Status, q.Query, q.Kind, q.Place)
	for i := range m.review.Entries {
		e := &m.review.Entries[i]
		if !fits(e) {
			continue
		}
		page.add(e.N, func() protocol.TransferEntry { return leavingView(e) })
		if e.Chosen {
			page.list.Chosen++
		}
	}
	if q.After == 0 {
		for _, p := range m.review.Places {
			if p.Count > 0 && len(page.list.Places) < maxPlaces {
				page.list.Places = append(page.list.Places, protocol.TransferPlace{
					N: p.N, Account: consent.Clean(p.Account, 200), Collection: consent.Clean(p.Collection, 200), Count: p.Count,
				})
			}
		}
	}
	return page.list
}

// leavingFits is the filter of lists and choices.
func leavingFits(status, query, kind string, place int) func(*transfer.Leaving) bool {
	words := strings.Fields(strings.ToLower(query))
	return func(e *transfer.Leaving) bool {
		return (status == "" || string(e.Status()) == status) && (kind == "" || e.Kind == kind) &&
			(place == 0 || slices.Contains(e.Places, place)) && matches(words, e.Title, e.RPID, e.User)
	}
}

func leavingView(e *transfer.Leaving) protocol.TransferEntry {
	out := protocol.TransferEntry{
		N: e.N, Kind: e.Kind, Status: string(e.Status()), Title: consent.Clean(e.Title, 200), RPID: consent.Clean(e.RPID, 253),
		UserName: consent.Clean(e.User, 200), Reason: consent.Clean(strings.Join(e.Reasons, "; "), 300), Excluded: e.Excluded() > 0,
		Choice: string(transfer.Keep), Choices: []string{string(transfer.Keep)},
	}
	if e.Kind == "item" {
		out.Types = slices.Compact(slices.Sorted(slices.Values(e.Types)))
	}
	if e.Status() != transfer.Stays {
		out.Choices = []string{string(transfer.Take), string(transfer.Keep)}
	}
	if e.Chosen {
		out.Choice = string(transfer.Take)
	}
	return out
}

// chooseLeaving sets what leaves. The caller holds the lock.
func (m *moving) chooseLeaving(q protocol.TransferChoose) error {
	choice := transfer.Choice(q.Choice)
	if choice != transfer.Keep && choice != transfer.Take {
		return badRequest("a choice of a move out is \"take\" or \"keep\"")
	}
	if err := chooseAmong(m.review.Entries, q, leavingFits(q.Status, q.Query, q.Kind, q.Place)); err != nil {
		return err
	}
	m.count(&m.view)
	return nil
}

// narrow makes the export one of what was chosen and nothing else, before it is written. What was refused by the other
// side's types, or sites, is no part of it either, so that not even the names of folders go along.
func (m *moving) narrow(ctx context.Context) error {
	m.mu.Lock()
	sel, review := m.selection, m.review
	m.mu.Unlock()
	if review.All() && len(sel.Types) == 0 && len(sel.Excluded) == 0 {
		return nil
	}
	sel.Only = review.Chosen()
	e, err := transfer.NewExport(ctx, m.v, sel)
	if err != nil {
		return err
	}
	m.export = e
	return nil
}
