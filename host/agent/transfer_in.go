package agent

import (
	"context"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// transferImport answers "transfer.import".
func transferImport(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferImport
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if q.Kind == protocol.TransferDirect {
		return importDirect(a, ctx, r, q)
	}
	m, err := a.transfers.add(r, q.Kind, false)
	if err != nil {
		return nil, err
	}
	m.name = consent.Clean(q.Name, 200)
	m.set(func(t *protocol.Transfer) { t.FileName = m.name })
	return m.show(), nil
}

// transferPut answers "transfer.put". After the last piece the file is looked at.
func transferPut(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.TransferPut
	defer func() { clear(q.Data) }()
	m, over, err := a.transfers.turn(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	defer over()
	if len(q.Data) > protocol.TransferPiece {
		return nil, protocol.Errorf(protocol.CodeTooLarge, "a piece has at most %d bytes", protocol.TransferPiece)
	}
	if err := m.receive(q); err != nil {
		return nil, transferError(err)
	}
	if q.Last {
		if err := m.work(protocol.StateReading, m.look); err != nil {
			return nil, err
		}
	}
	return m.show(), nil
}

func (m *moving) receive(q protocol.TransferPut) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.in(protocol.StateReceiving); err != nil {
		return err
	}
	if q.Offset != m.spool.Size() {
		return protocol.Errorf(protocol.CodeStale, "this piece is for byte %d, but byte %d is next", q.Offset, m.spool.Size())
	}
	if _, err := m.spool.Write(q.Data); err != nil {
		return err
	}
	m.view.Done = m.spool.Size()
	m.view.Size = m.view.Done
	if q.Last {
		return m.spool.Finish()
	}
	return nil
}

// look reads what can be read without a key. A plain document goes on to the plan at once.
func (m *moving) look(ctx context.Context) error {
	if m.view.Kind == protocol.TransferPlain {
		return m.lookPlain(ctx)
	}
	if m.view.Kind == protocol.TransferFile {
		return m.lookForeign(ctx)
	}
	resp, err := cxp.ScanResponse(ctx, m.reader(), nil)
	if err != nil {
		return err
	}
	backup := m.view.Kind == protocol.TransferBackup
	if resp.Backup() != backup {
		if backup {
			return protocol.Errorf(protocol.CodeBadFile, "this is no backup but the answer to a request: import it")
		}
		return protocol.Errorf(protocol.CodeBadFile, "this is a backup: restore it")
	}
	m.response = resp
	ask := func(t *protocol.Transfer) {
		t.State, t.NeedsPassphrase = protocol.StateAsking, backup
		t.Claim = claim(resp.Exporter(), nil)
		if !backup {
			t.Ask, t.Suite = positions(m.challenge), resp.Suite().String()
		}
	}
	if !backup {
		store, err := m.a.transfers.requests(m.v)
		if err != nil {
			return err
		}
		if m.pending, err = store.Load(resp.RequestDigest()); err != nil {
			return err
		}
		if err := m.ask(resp.Fingerprint()); err != nil {
			return err
		}
	}
	m.set(ask)
	return nil
}

func claim(name cxp.Claim, display *cxp.Claim) *protocol.TransferClaim {
	c := &protocol.TransferClaim{Name: consent.Clean(name.Text(), cxp.MaxClaimText), Suspicious: name.Suspicious()}
	if display != nil {
		c.DisplayName = consent.Clean(display.Text(), cxp.MaxClaimText)
		c.Suspicious = c.Suspicious || display.Suspicious()
	}
	return c
}

// makePlan reads everything and compares it with the vault. also changes the transfer's view at the moment when it shows
// the plan: whoever sees one sees the other.
func (m *moving) makePlan(ctx context.Context, also ...func(*protocol.Transfer)) error {
	plan, err := transfer.MakePlan(ctx, m.v, m.source, m.items)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.plan = plan
	m.mu.Unlock()
	m.set(func(t *protocol.Transfer) {
		t.State, t.Counts, t.Ask = protocol.StateReview, map[string]int{}, nil
		for status, n := range plan.Counts {
			t.Counts[string(status)] = n
		}
		t.Remarks = cleanAll(plan.Remarks)
		for _, change := range also {
			change(t)
		}
	})
	return nil
}

func cleanAll(lines []string) []string {
	var out []string
	for _, l := range lines[:min(len(lines), 200)] {
		out = append(out, consent.Clean(l, 300))
	}
	return out
}

// transferCommit answers "transfer.commit".
func transferCommit(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.TransferRef
	m, over, err := a.transfers.turn(r, &q, &q.ID, protocol.StateReview)
	if err != nil {
		return nil, err
	}
	defer over()
	who := a.who(r)
	if m.direct != nil {
		m.commitDirect(who)
		return m.show(), nil
	}
	if err := m.work(protocol.StateStoring, func(ctx context.Context) error { return m.store(ctx, who) }); err != nil {
		return nil, err
	}
	return m.show(), nil
}

// store does the import. The request's keys go when it is committed, not before.
func (m *moving) store(ctx context.Context, who string) error {
	stillOpen := func() error {
		if m.pending != nil {
			return m.pending.Err()
		}
		return nil
	}
	out, err := transfer.Apply(ctx, m.v, m.source, m.plan, stillOpen, m.items)
	if err != nil {
		return err
	}
	if m.pending != nil {
		if err := m.pending.Commit(); err != nil { // what was imported is imported
			m.a.log.Warn().Err(err).Msg("could not remove the keys of a request that was answered")
		}
	}
	m.audit("imported", outcomeText(out)+" from "+from(m.plan.Exporter), who)
	m.set(func(t *protocol.Transfer) {
		t.State = protocol.StateDone
		t.Outcome = &protocol.TransferOutcome{
			Added: out.Added, Replaced: out.Replaced, Merged: out.Merged, Skipped: out.Skipped, Files: out.Files, Unchanged: out.Unchanged,
		}
		if !out.Import.IsZero() {
			t.Outcome.Import = out.Import.String()
		}
	})
	m.a.statusChanged()
	return nil
}
