package agent

import (
	"context"
	"errors"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// What opens a file that came in: the groups of its fingerprint, or a passphrase. direct.go and transfer_foreign.go have
// ways of their own.

// transferAnswer answers "transfer.answer".
func transferAnswer(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferAnswer
	defer func() { clear(q.KeyFile) }()
	m, over, err := a.transfers.turn(r, &q, &q.ID, protocol.StateAsking)
	if err != nil {
		return nil, err
	}
	defer over()
	switch view := m.show(); {
	case view.Out:
		return nil, badRequest("a move out is begun by \"transfer.start\"")
	case m.direct != nil:
		err = m.answerDirect(ctx, r, q)
	case m.format != nil:
		err = m.openForeign(ctx, r, q)
	case view.NeedsPassphrase:
		err = m.openBackup(ctx, r, q.Secret)
	default:
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
	m.keepSecrets(passphrase, nil)
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
	p, done, err := a.dialogAt(ctx, r.conn.where())
	if errors.Is(err, consent.ErrNoDialog) {
		return byHand()
	}
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
