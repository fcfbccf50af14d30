package agent

import (
	"context"
	"errors"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/vault"
)

// nothingAsked is no credential type: it lets nothing through, where an empty list would let everything.
const nothingAsked cxf.CredentialType = "-"

// transferExport answers "transfer.export": it counts what would leave.
func transferExport(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferExport
	if err := r.read(&q); err != nil {
		return nil, err
	}
	return moveOut(a, ctx, r, q)
}

func moveOut(a *agent, ctx context.Context, r *request, q protocol.TransferExport) (any, error) {
	if len(q.Types) > 100 || len(q.Request) > cxp.MaxRequestSize {
		return nil, badRequest("too many types, or too large a request")
	}
	sel, err := selected(q)
	if err != nil {
		return nil, err
	}
	var asked *cxp.Request
	if q.Kind == protocol.TransferSealed {
		if asked, err = answerable(q.Request); err != nil {
			return nil, transferError(err)
		}
		sel.Types = common(sel.Types, asked)
	}
	format, err := writable(q)
	if err != nil {
		return nil, err
	}
	var other *direct
	var app *protocol.Provider
	if q.Kind == protocol.TransferDirect {
		if other, app, err = a.chooseProvider(ctx, q.Provider, true); err != nil {
			return nil, err
		}
		sel.Types = other.takes(sel.Types)
		sel.Excluded, sel.Receiver = other.provider.Excluded(), receiver(app)
	}
	sel.Foreign = format != nil
	m, err := a.transfers.add(r, q.Kind, true)
	if err != nil {
		return nil, err
	}
	m.request, m.format, m.direct = asked, format, other
	m.set(func(t *protocol.Transfer) { t.Provider = app })
	if err := m.work(protocol.StateReading, func(ctx context.Context) error { return m.survey(ctx, sel) }); err != nil {
		return nil, err
	}
	return m.show(), nil
}

// selected is what a message asks to move out.
func selected(q protocol.TransferExport) (transfer.Selection, error) {
	sel := transfer.Selection{Keep: q.Kind == protocol.TransferBackup}
	for _, t := range q.Types {
		sel.Types = append(sel.Types, cxf.CredentialType(t))
	}
	sel.Offered = sel.Types
	if len(q.Only) > 0 {
		sel.Only = make(map[vault.ID]bool, len(q.Only))
	}
	for _, s := range q.Only {
		id, err := vault.ParseID(s)
		if err != nil {
			return sel, err
		}
		sel.Only[id] = true
	}
	return sel, nil
}

// answerable reads a request that a sealed file can answer.
func answerable(raw []byte) (*cxp.Request, error) {
	asked, err := cxp.ParseRequest(raw)
	if err != nil {
		return nil, err
	}
	if _, err := asked.Suite(); err != nil {
		return nil, err
	}
	if asked.Mode() != cxp.Indirect {
		return nil, cxp.ErrMode
	}
	return asked, nil
}

// common are the types that the person chose and the importer asked for.
func common(chosen []cxf.CredentialType, asked *cxp.Request) []cxf.CredentialType {
	types, all := asked.CredentialTypes()
	if all {
		return chosen
	}
	return narrowed(chosen, types)
}

// survey looks at what could leave and checks every key.
func (m *moving) survey(ctx context.Context, sel transfer.Selection) error {
	var left []string
	sel.Left = func(reason string) { left = append(left, reason) }
	e, err := transfer.NewExport(ctx, m.v, sel)
	if err != nil {
		return err
	}
	review, err := e.Review(ctx, m.items)
	if err != nil {
		return err
	}
	review.Remarks = append(review.Remarks, left...)
	if m.format != nil {
		if err := m.losses(ctx, e, review); err != nil {
			return err
		}
	}
	if m.request != nil {
		if err := m.ask(m.request.Fingerprint()); err != nil {
			return err
		}
	}
	sel.Left = nil
	m.mu.Lock()
	m.export, m.review, m.selection = e, review, sel
	m.mu.Unlock()
	m.set(func(t *protocol.Transfer) {
		t.State = protocol.StateAsking
		m.count(t)
		if m.format != nil {
			t.Format = m.format.Name()
		}
		if q := m.request; q != nil {
			display := q.DisplayName()
			t.Claim, t.Ask = claim(q.Importer(), &display), positions(m.challenge)
			if s, err := q.Suite(); err == nil {
				t.Suite, t.Classical = s.String(), !s.PostQuantum()
			}
		}
	})
	return nil
}

// transferStart answers "transfer.start". The dialog says what leaves and to whom, so that nobody who merely asks gets
// anything.
func transferStart(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferStart
	m, over, err := a.transfers.turn(r, &q, &q.ID, protocol.StateAsking)
	if err != nil {
		return nil, err
	}
	defer over()
	view := m.show()
	if !view.Out {
		return nil, badRequest("a move in is answered by \"transfer.answer\"")
	}
	confirmed, err := m.confirm(q.Groups)
	if err != nil {
		return nil, err
	}
	if err := a.transfers.mayStart(time.Now()); err != nil {
		return nil, err
	}
	if m.direct != nil {
		if err := m.trust(ctx, r, q.Accept); err != nil {
			if untroubled(err) {
				a.transfers.notAsked()
			}
			return nil, err
		}
	}
	if err := m.letLeave(ctx, r, view, q); err != nil {
		if errors.Is(err, consent.ErrNoDialog) {
			a.transfers.notAsked() // nobody was troubled; the secret comes with the next call
		}
		return nil, err
	}
	who := a.who(r)
	if m.direct != nil {
		if err := m.startDirect(ctx, who); err != nil {
			return nil, err
		}
		return m.show(), nil
	}
	if err := m.work(protocol.StateWriting, func(ctx context.Context) error { return m.write(ctx, confirmed, who) }); err != nil {
		return nil, err
	}
	return m.show(), nil
}

// letLeave verifies the person, and asks for the passphrase of what is written with one.
func (m *moving) letLeave(ctx context.Context, r *request, view protocol.Transfer, q protocol.TransferStart) error {
	d := dialog{
		where: r.conn.where(), purpose: leaving(view), asker: r.conn.asker(), note: leavingNote(view, r.conn), typed: q.Secret,
		byHand: r.sender.Kind == protocol.SenderCLI, // never in a page, which could be anybody's by now: in a dialog, or at the terminal
	}
	if err := m.a.verify(ctx, r.conn.session.Load(), d); err != nil {
		if !errors.Is(err, consent.ErrNoDialog) {
			m.a.audit(r.sender, "refused to move out", what(view), m.a.who(r), "")
		}
		return err
	}
	m.mu.Lock()
	m.meant = true
	m.mu.Unlock()
	if view.Kind != protocol.TransferBackup && (m.format == nil || !m.format.Holds().Encrypted) {
		return nil
	}
	the := "the backup"
	if m.format != nil {
		the = "the " + m.format.Name() + " file"
	}
	text := "Choose a passphrase for " + the + ". Whoever has both can read everything in it; without the passphrase nobody can.\nAsked for by: " + r.conn.asker()
	passphrase, err := m.a.newPassphrase(ctx, r, text, q.New)
	if err != nil {
		return err
	}
	m.keepSecrets(passphrase, nil)
	return nil
}
