package agent

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// Direct exchange that began here: the person chose an app of this machine, in a page or at the command line. The agent
// starts that app's command and speaks with it; nobody else sees a byte of it. exchange.go is the other way round.

// direct is the other app's part in a transfer.
type direct struct {
	provider localexchange.Provider
	pin      localexchange.Pin // what the person agreed to, and what is started
	types    []string          // in: to ask for
	commits  chan string       // "transfer.commit": who stores it, for the log
	answers  chan struct{}     // "transfer.answer" to an answer without post-quantum protection
	sent     bool              // out: all of it went

	listens *localexchange.Conn // is told of this side's progress
	told    time.Time
}

// chooseProvider finds the app that a message names.
func (a *agent) chooseProvider(ctx context.Context, id string, out bool) (*direct, *protocol.Provider, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, nil, err
	}
	p, view, err := a.findProvider(ctx, v, id, out)
	if err != nil {
		return nil, nil, err
	}
	return &direct{provider: p, commits: make(chan string, 1), answers: make(chan struct{}, 1)}, view, nil
}

// importDirect is "transfer.import" from an app of this machine.
func importDirect(a *agent, ctx context.Context, r *request, q protocol.TransferImport) (any, error) {
	if len(q.Types) > 100 {
		return nil, badRequest("too many types")
	}
	other, app, err := a.chooseProvider(ctx, q.Provider, false)
	if err != nil {
		return nil, err
	}
	m, err := a.transfers.add(r, q.Kind, false)
	if err != nil {
		return nil, err
	}
	m.direct = other
	if len(q.Types) > 0 {
		m.direct.types = q.Types
	}
	m.set(func(t *protocol.Transfer) { t.State, t.Provider = protocol.StateAsking, app })
	return m.show(), nil
}

// takes narrows types to those that the other app says it takes.
func (d *direct) takes(chosen []cxf.CredentialType) []cxf.CredentialType {
	if len(d.provider.CredentialTypes) == 0 {
		return chosen
	}
	return narrowed(chosen, d.provider.CredentialTypes)
}

// narrowed are the types that were chosen (none: all) and are among others.
func narrowed(chosen []cxf.CredentialType, among []string) []cxf.CredentialType {
	var out []cxf.CredentialType
	for _, t := range among {
		if len(chosen) == 0 || slices.Contains(chosen, cxf.CredentialType(t)) {
			out = append(out, cxf.CredentialType(t))
		}
	}
	if len(out) == 0 {
		return []cxf.CredentialType{nothingAsked}
	}
	return out
}

// greet starts the other app and greets it. It has to be the app that it is registered as.
func (m *moving) greet(ctx context.Context, role localexchange.Role) (*localexchange.Conn, error) {
	d := m.direct
	conn, err := localexchange.Start(ctx, d.provider, &d.pin, m.a.limits.Exchange)
	if err != nil {
		return nil, err
	}
	conn.Heard = m.heard
	self := localexchange.Hello{RPID: m.a.cfg.Exchange.RPID, DisplayName: m.a.cfg.Exchange.DisplayName, Role: role}
	_, err = conn.Hello(ctx, self)
	if errors.Is(err, localexchange.ErrOtherName) {
		err = protocol.Errorf(protocol.CodePeerIdentity, "the app that is registered as %s calls itself %s when it is started; nothing was exchanged",
			consent.Clean(d.provider.RPID, 100), consent.Clean(conn.Peer().RPID, 100))
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	m.a.log.Info().Str("program", d.provider.Command[0]).Str("role", string(role)).Msg("direct exchange began")
	return conn, nil
}

// heard notes what the other app says of its progress.
func (m *moving) heard(done, total int64) {
	m.mu.Lock()
	m.view.PeerDone, m.view.PeerTotal = done, total
	m.mu.Unlock()
	m.progress(-1, 0)
}

// moved counts the bytes that went over.
func (m *moving) moved(n int64) {
	m.mu.Lock()
	m.view.Bytes = n
	m.mu.Unlock()
	m.progress(-1, 0)
}

// startDirect lets a direct move out begin, when the person has been verified.
func (m *moving) startDirect(ctx context.Context, who string) error {
	if err := remember(ctx, m.v, m.direct.provider, m.direct.pin, wayOut); err != nil {
		return err
	}
	return m.work(protocol.StateExchanging, func(ctx context.Context) error { return m.sendDirect(ctx, who) })
}

// answerDirect lets a direct move in begin; or, where the answer that came is not protected against quantum computers
// although that was asked for, go on.
func (m *moving) answerDirect(ctx context.Context, r *request, q protocol.TransferAnswer) error {
	view := m.show()
	if view.Classical {
		if !q.AcceptClassical {
			return protocol.Errorf(protocol.CodeUnconfirmed, "what came is not protected against quantum computers; confirm that it may be opened all the same")
		}
		m.set(func(t *protocol.Transfer) { t.State = protocol.StateReading })
		select {
		case m.direct.answers <- struct{}{}:
		default:
		}
		return nil
	}
	if err := m.a.transfers.mayFetch(time.Now()); err != nil {
		return err
	}
	if err := m.trust(ctx, r, q.Accept); err != nil {
		if untroubled(err) {
			m.a.transfers.notFetched()
		}
		return err
	}
	if err := remember(ctx, m.v, m.direct.provider, m.direct.pin, wayIn); err != nil {
		return err
	}
	m.mu.Lock()
	m.meant = true
	m.mu.Unlock()
	return m.work(protocol.StateExchanging, m.fetchDirect)
}

// mayFetch is the rate limit of direct moves in: each shows a dialog of the other app.
func (t *transfers) mayFetch(now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.fetches.another(now, exportTries, exportWindow) {
		return protocol.Errorf(protocol.CodeRateLimited, "too many attempts to fetch passkeys from other apps; wait ten minutes")
	}
	return nil
}

// notFetched takes the last attempt back.
func (t *transfers) notFetched() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fetches.takeBack()
}

// commitDirect hands the person's yes to the exchange that waits for it.
func (m *moving) commitDirect(who string) {
	m.set(func(t *protocol.Transfer) {
		if t.State == protocol.StateReview {
			t.State, t.Done, t.Total = protocol.StateStoring, 0, 0
		}
	})
	select {
	case m.direct.commits <- who:
	default:
	}
}

// accepted is what the other side is told of an import: what was here already counts as accepted.
func accepted(plan *transfer.Plan) *localexchange.Result {
	out := &localexchange.Result{Accepted: plan.Items}
	for i := range plan.Entries {
		if e := &plan.Entries[i]; e.Status == transfer.Unreadable {
			s := localexchange.Skipped{Title: e.Title, Reason: e.Reason}
			if len(e.Types) > 0 {
				s.Type = e.Types[0]
			} else if e.Kind == "passkey" {
				s.Type = string(cxf.TypePasskey)
			}
			out.Skipped = append(out.Skipped, s)
		}
	}
	return out
}
