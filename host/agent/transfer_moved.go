package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/vault"
)

// What becomes of the originals of what moved out. They stay unless the person says otherwise.

// The words for it.
const (
	originalsAsk   = "ask"
	originalsKeep  = "keep"
	originalsTrash = "trash"
	originalsWait  = "wait"
)

// offerOriginals notes what went, as of the moment at which all of it was written.
func (m *moving) offerOriginals(t *protocol.Transfer, left *transfer.MovedOut) {
	if m.left = left; len(left.Items) > 0 && t.Kind != protocol.TransferBackup {
		t.Originals = originalsAsk
	}
}

// transferOriginals answers "transfer.originals".
func transferOriginals(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferOriginals
	m, over, err := a.transfers.turn(r, &q, &q.ID, protocol.StateDone)
	if err != nil {
		return nil, err
	}
	defer over()
	m.mu.Lock()
	asks, left := m.view.Originals == originalsAsk, m.left
	m.mu.Unlock()
	if !asks {
		return nil, protocol.Errorf(protocol.CodeStale, "there are no originals to decide about, or it was decided already")
	}
	done := &transfer.Originals{}
	switch q.Do {
	case originalsKeep:
	case originalsWait:
		err = left.Remember(ctx, m.v)
	case originalsTrash:
		done, err = left.Settle(ctx, m.v, true)
	default:
		err = badRequest("originals are to be kept (keep), trashed (trash), or asked about later (wait)")
	}
	if err != nil {
		return nil, err
	}
	m.set(func(t *protocol.Transfer) { t.Originals = q.Do })
	return a.settled(r, m.v, left, done), nil
}

// settled logs what became of originals.
func (a *agent) settled(r *request, v *vault.Vault, left *transfer.MovedOut, done *transfer.Originals) protocol.OriginalsDone {
	a.keep.consented()
	if done.Trashed > 0 {
		a.audit(r.sender, "trashed what moved out", fmt.Sprintf("%d to the trash, %d stay, moved to %s", done.Trashed, done.Changed, left.To), a.who(r), "")
		a.statusChanged()
	}
	return protocol.OriginalsDone{Trashed: done.Trashed, Changed: done.Changed, Gone: done.Gone}
}

// transferMoved answers "transfer.moved".
func transferMoved(a *agent, ctx context.Context, _ *request) (any, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	moves, err := transfer.Moves(ctx, v)
	if err != nil {
		return nil, err
	}
	out := protocol.MovedList{Moves: []protocol.Moved{}}
	for _, m := range moves {
		out.Moves = append(out.Moves, protocol.Moved{ID: m.ID.String(), At: millis(m.At), To: consent.Clean(m.To, 300), Count: len(m.Items)})
	}
	return out, nil
}

// transferSettle answers "transfer.settle".
func transferSettle(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.MovedSettle
	v, id, err := a.ref(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	if q.Do != originalsKeep && q.Do != originalsTrash {
		return nil, badRequest("originals are to be kept (keep) or trashed (trash)")
	}
	left, err := transfer.Moved(ctx, v, id)
	if errors.Is(err, transfer.ErrSettled) {
		return nil, protocol.Errorf(protocol.CodeNotFound, "%s", transfer.ErrSettled)
	}
	if err != nil {
		return nil, err
	}
	done, err := left.Settle(ctx, v, q.Do == originalsTrash)
	if err != nil {
		return nil, err
	}
	return a.settled(r, v, left, done), nil
}
