package agent

import (
	"context"

	"github.com/keyferry/keyferry/host/protocol"
)

// verifyFresh verifies the person now, however recently the vault was unlocked: in the agent's own dialog, or, where
// none can be shown, by a secret that was typed into our own page or the terminal. A locked vault is opened by it.
func (a *agent) verifyFresh(ctx context.Context, r *request, typed protocol.Secret, purpose string) error {
	d := dialog{
		where: r.conn.where(), purpose: purpose, asker: r.conn.asker(), typed: typed, byHand: r.byHand(),
	}
	return a.verify(ctx, r.conn.session.Load(), d)
}

func (a *agent) verify(ctx context.Context, s *session, d dialog) error {
	if _, err := a.keep.open(); err != nil {
		opened, err := a.unlock(ctx, d)
		if err != nil {
			return err
		}
		if opened {
			a.personVerified(s)
			return nil
		}
	}
	switch a.decide("verify") {
	case Allow:
		a.personVerified(s)
		return nil
	case Deny:
		return protocol.Errorf(protocol.CodeVerification, "the test build denies every verification")
	case Ask:
	}
	if err := a.askSecret(ctx, d, "Keyferry: is it you?", a.check); err != nil {
		return err
	}
	a.personVerified(s)
	return nil
}

// check verifies what was typed against the open vault.
func (a *agent) check(ctx context.Context, s protocol.Secret) error {
	select {
	case a.keep.trying <- struct{}{}:
		defer func() { <-a.keep.trying }()
	case <-ctx.Done():
		return ctx.Err()
	}
	v, err := a.keep.open()
	if err != nil {
		return err
	}
	secret, err := a.vaultSecret(ctx, s)
	if err != nil {
		return err
	}
	defer secret.Clear()
	if err := v.Verify(ctx, secret); err != nil {
		return err
	}
	if s.Pin == "" {
		a.keep.passphraseGiven()
	}
	return nil
}

// personVerified starts the window in which a verification counts for this session, and is a consented action.
func (a *agent) personVerified(s *session) {
	s.verified(a.clock())
	a.keep.consented()
}

// asker names the other side for dialogs: what the program calls itself, and where its executable really lies.
func (c *conn) asker() string {
	if s := c.session.Load(); s != nil {
		c.a.keep.mu.RLock()
		p, ok := c.a.keep.pairs[s.id]
		c.a.keep.mu.RUnlock()
		if ok && p.Label != "" {
			return c.browserName() + " (" + p.Label + ")"
		}
	}
	return c.browserName()
}
