package agent

import (
	"context"
	"errors"
	"strings"

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
	if err := r.read(&q); err != nil {
		return nil, err
	}
	defer clear(q.Data)
	m, err := a.transfers.find(r, q.ID)
	if err != nil {
		return nil, err
	}
	m.calls.Lock()
	defer m.calls.Unlock()
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

// transferAnswer answers "transfer.answer".
func transferAnswer(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferAnswer
	if err := r.read(&q); err != nil {
		return nil, err
	}
	defer clear(q.KeyFile)
	m, err := a.transfers.find(r, q.ID)
	if err != nil {
		return nil, err
	}
	m.calls.Lock()
	defer m.calls.Unlock()
	m.mu.Lock()
	err = m.in(protocol.StateAsking)
	if err == nil && m.view.Out {
		err = badRequest("a move out is begun by \"transfer.start\"")
	}
	backup := m.view.NeedsPassphrase
	m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if m.direct != nil {
		err = m.answerDirect(ctx, r, q)
	} else if m.format != nil {
		err = m.openForeign(ctx, r, q)
	} else if backup {
		err = m.openBackup(ctx, r, q.Secret)
	} else {
		err = m.openResponse(q)
	}
	if err != nil {
		return nil, transferError(err)
	}
	return m.show(), nil
}

func (m *moving) openResponse(q protocol.TransferAnswer) error {
	ok, err := m.confirm(q.Groups)
	if err != nil {
		return err
	}
	m.source = transfer.Response{
		Open: m.reader, Response: m.response, Pending: m.pending,
		Options: cxp.OpenOptions{Confirmation: ok, AcceptClassical: q.AcceptClassical},
	}
	return m.work(protocol.StateReading, func(ctx context.Context) error {
		err := m.makePlan(ctx)
		var down *cxp.DowngradeError
		if errors.As(err, &down) {
			m.set(func(t *protocol.Transfer) { t.State, t.Classical = protocol.StateAsking, true })
			return nil
		}
		return err
	})
}

// openBackup gets the passphrase from the agent's dialog, or what was typed by hand where there is none.
func (m *moving) openBackup(ctx context.Context, r *request, typed protocol.Secret) error {
	passphrase, err := m.a.filePassphrase(ctx, r, "a backup", "the backup", typed)
	if err != nil {
		return err
	}
	m.mu.Lock()
	clear(m.passphrase)
	m.passphrase = passphrase
	m.mu.Unlock()
	m.source = transfer.Backup{Open: m.reader, Response: m.response, Passphrase: passphrase}
	return m.work(protocol.StateReading, func(ctx context.Context) error {
		err := m.makePlan(ctx)
		if errors.Is(err, cxp.ErrPassphrase) { // let the person try again
			wrong := protocol.Errorf(protocol.CodeWrongSecret, "this is not the backup's passphrase")
			m.set(func(t *protocol.Transfer) { t.State, t.Error = protocol.StateAsking, wrong })
			return nil
		}
		return err
	})
}

// filePassphrase asks for what opens a file.
func (a *agent) filePassphrase(ctx context.Context, r *request, what, the string, typed protocol.Secret) ([]byte, error) {
	byHand := func() ([]byte, error) {
		if !r.byHand() || typed.Passphrase == "" {
			return nil, consent.ErrNoDialog
		}
		if len(typed.Passphrase) > consent.MaxSecret {
			return nil, badRequest("a passphrase has at most %d bytes", consent.MaxSecret)
		}
		return []byte(typed.Passphrase), nil
	}
	p, err := a.prompter(r.conn.where())
	if errors.Is(err, consent.ErrNoDialog) {
		return byHand()
	}
	if err != nil {
		return nil, err
	}
	done, err := a.oneDialog(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	secret, err := p.Ask(ctx, consent.Prompt{
		Title: "Keyferry: open " + what, Description: "Type the passphrase of " + the + ".\nAsked for by: " + r.conn.asker(),
		Label: "Passphrase of the file:", OK: "OK", Cancel: "Cancel",
	})
	if errors.Is(err, consent.ErrNoDialog) {
		return byHand()
	}
	return secret, err
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

// transferEntries answers "transfer.entries".
func transferEntries(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.TransferEntries
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	if q.Limit < 1 || q.Limit > 500 || len(q.Query) > 1024 || q.After < 0 {
		return nil, badRequest("limit is 1 to 500, a query at most 1,024 bytes")
	}
	m, err := a.transfers.find(r, q.ID)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.review != nil {
		return m.leavingEntries(q), nil
	}
	if m.plan == nil {
		return nil, protocol.Errorf(protocol.CodeStale, "there is nothing to look at yet")
	}
	out := protocol.TransferEntryList{Entries: []protocol.TransferEntry{}}
	words := strings.Fields(strings.ToLower(q.Query))
	for i := range m.plan.Entries {
		e := &m.plan.Entries[i]
		if q.Status != "" && string(e.Status) != q.Status || q.Kind != "" && e.Kind != q.Kind || !matches(words, e.Title, e.RPID, e.User) {
			continue
		}
		out.Total++
		switch {
		case e.N < q.After:
		case len(out.Entries) < q.Limit:
			out.Entries = append(out.Entries, entryView(e))
		case out.Next == 0:
			out.Next = e.N
		}
	}
	return out, nil
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
	if err := r.read(&q); err != nil {
		return nil, err
	}
	m, err := a.transfers.find(r, q.ID)
	if err != nil {
		return nil, err
	}
	if len(q.Query) > 1024 {
		return nil, badRequest("a query has at most 1,024 bytes")
	}
	m.calls.Lock()
	defer m.calls.Unlock()
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
	choice := transfer.Choice(q.Choice)
	for _, n := range q.Entries {
		if n < 0 || n >= len(m.plan.Entries) {
			return badRequest("there is no entry %d", n)
		}
		if err := m.plan.Entries[n].Choose(choice); err != nil {
			return err
		}
	}
	if q.Status == "" && !q.All {
		return nil
	}
	words := strings.Fields(strings.ToLower(q.Query))
	for i := range m.plan.Entries {
		if e := &m.plan.Entries[i]; (q.Status == "" || string(e.Status) == q.Status) && (q.Kind == "" || e.Kind == q.Kind) && matches(words, e.Title, e.RPID, e.User) {
			if err := e.Choose(choice); err != nil && !errors.Is(err, transfer.ErrChoice) {
				return err
			}
		}
	}
	return nil
}

// transferCommit answers "transfer.commit".
func transferCommit(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.TransferRef
	if err := r.read(&q); err != nil {
		return nil, err
	}
	m, err := a.transfers.find(r, q.ID)
	if err != nil {
		return nil, err
	}
	m.calls.Lock()
	defer m.calls.Unlock()
	who := a.who(r)
	if m.direct != nil {
		if err := m.commitDirect(who); err != nil {
			return nil, err
		}
		return m.show(), nil
	}
	m.mu.Lock()
	err = m.in(protocol.StateReview)
	m.mu.Unlock()
	if err != nil {
		return nil, err
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
