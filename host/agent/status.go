package agent

import (
	"context"

	"github.com/keyferry/keyferry/host/protocol"
)

// ping answers "ping" with what it was sent.
func ping(_ *agent, _ context.Context, r *request) (any, error) {
	var q protocol.Ping
	err := r.read(&q)
	return q, err
}

// status answers "status". How much is stored is for our own pages and the command line alone.
func status(a *agent, _ context.Context, r *request) (any, error) {
	counts := r.sender.Kind == protocol.SenderCLI || r.sender.Kind == protocol.SenderPage && a.needSession(r) == nil
	return a.status(r.conn, counts), nil
}

// status is how things are, as seen from one connection: which dialog can be shown depends on where the person is.
func (a *agent) status(c *conn, counts bool) protocol.Status {
	s := protocol.Status{
		Vault: a.keep.state(), Dialog: "none", Pin: a.keep.hasPIN(), Version: a.cfg.Version, Profile: a.cfg.Profile.Name, Test: a.cfg.Test != nil,
	}
	if p, err := a.prompter(c.where()); err == nil {
		s.Dialog = p.Kind()
	}
	if left, ok := a.keep.locksIn(); ok {
		s.LockInMs = max(1, left.Milliseconds())
	}
	if v, err := a.keep.open(); err == nil && counts {
		if page, err := v.Search(context.Background(), "", "", 1); err == nil {
			s.Passkeys = page.Total
		}
	}
	return s
}
