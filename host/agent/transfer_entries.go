package agent

import (
	"context"
	"errors"
	"strings"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// The list that the person looks at before anything is stored or leaves, a page at a time, and what they choose in it.
// Here is what arrives; transfer_review.go has what leaves.

// transferEntries answers "transfer.entries".
func transferEntries(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.TransferEntries
	m, err := a.transfers.asked(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	if q.Limit < 1 || q.Limit > 500 || len(q.Query) > 1024 || q.After < 0 {
		return nil, badRequest("limit is 1 to 500, a query at most 1,024 bytes")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.review != nil {
		return m.leavingEntries(q), nil
	}
	if m.plan == nil {
		return nil, protocol.Errorf(protocol.CodeStale, "there is nothing to look at yet")
	}
	page := newPage(q)
	fits := arrivingFits(q.Status, q.Query, q.Kind)
	for i := range m.plan.Entries {
		if e := &m.plan.Entries[i]; fits(e) {
			page.add(e.N, func() protocol.TransferEntry { return entryView(e) })
		}
	}
	return page.list, nil
}

// entryPage is a page of the list, as it fills.
type entryPage struct {
	q    protocol.TransferEntries
	list protocol.TransferEntryList
}

func newPage(q protocol.TransferEntries) *entryPage {
	return &entryPage{q: q, list: protocol.TransferEntryList{Entries: []protocol.TransferEntry{}}}
}

// add counts entry n, which matches, and shows it if it is on this page.
func (p *entryPage) add(n int, view func() protocol.TransferEntry) {
	p.list.Total++
	switch {
	case n < p.q.After:
	case len(p.list.Entries) < p.q.Limit:
		p.list.Entries = append(p.list.Entries, view())
	case p.list.Next == 0:
		p.list.Next = n
	}
}

// arrivingFits is the filter of lists and choices.
func arrivingFits(status, query, kind string) func(*transfer.Entry) bool {
	words := strings.Fields(strings.ToLower(query))
	return func(e *transfer.Entry) bool {
		return (status == "" || string(e.Status) == status) && (kind == "" || e.Kind == kind) && matches(words, e.Title, e.RPID, e.User)
	}
}

func matches(words []string, in ...string) bool {
	text := strings.ToLower(strings.Join(in, "\n"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func entryView(e *transfer.Entry) protocol.TransferEntry {
	out := protocol.TransferEntry{
		N: e.N, Kind: e.Kind, Status: string(e.Status), Title: consent.Clean(e.Title, 200), RPID: consent.Clean(e.RPID, 253),
		UserName: consent.Clean(e.User, 200), Types: e.Types, MineAt: millis(e.MineAt), TheirAt: millis(e.TheirAt),
		Fields: e.Fields, Reason: consent.Clean(e.Reason, 300), Choice: string(e.Choice),
	}
	for _, c := range e.Choices() {
		out.Choices = append(out.Choices, string(c))
	}
	return out
}

// transferChoose answers "transfer.choose".
func transferChoose(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.TransferChoose
	m, over, err := a.transfers.turn(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	defer over()
	if len(q.Query) > 1024 {
		return nil, badRequest("a query has at most 1,024 bytes")
	}
	if err := m.choose(q); err != nil {
		return nil, transferError(err)
	}
	return m.show(), nil
}

func (m *moving) choose(q protocol.TransferChoose) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.view.Out {
		if err := m.in(protocol.StateAsking); err != nil {
			return err
		}
		return m.chooseLeaving(q)
	}
	if err := m.in(protocol.StateReview); err != nil {
		return err
	}
	return chooseAmong(m.plan.Entries, q, arrivingFits(q.Status, q.Query, q.Kind))
}

// chooseAmong makes a choice for the entries that a message names, and for those that fit and allow it where it names a
// status or means all.
func chooseAmong[E any, P interface {
	*E
	Choose(transfer.Choice) error
}](entries []E, q protocol.TransferChoose, fits func(P) bool) error {
	choice := transfer.Choice(q.Choice)
	for _, n := range q.Entries {
		if n < 0 || n >= len(entries) {
			return badRequest("there is no entry %d", n)
		}
		if err := P(&entries[n]).Choose(choice); err != nil {
			return err
		}
	}
	if q.Status == "" && !q.All {
		return nil
	}
	for i := range entries {
		if e := P(&entries[i]); fits(e) {
			if err := e.Choose(choice); err != nil && !errors.Is(err, transfer.ErrChoice) {
				return err
			}
		}
	}
	return nil
}
