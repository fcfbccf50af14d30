package agent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/webauthn"
	"github.com/keyferry/keyferry/vault"
)

// perform does what the person said yes to. The state is "working".
func (a *agent) perform(c *ceremony, account string, verified bool) {
	a.keep.consented()
	var credential json.RawMessage
	var err error
	if c.create != nil {
		credential, err = a.make(c, verified)
	} else {
		credential, err = a.sign(c, account, verified)
	}
	if err != nil {
		a.unable(c, err)
		return
	}
	if !c.finish(protocol.WebAuthnResult{Outcome: outcomeCredential, Credential: credential}, nil) {
		a.undeliverable(c)
	}
}

// undeliverable puts a new passkey into the trash: while it was being stored its site was told that there is none
// (the call was aborted, or its time was up). There it does no harm, and is not lost should the site know it after all.
func (a *agent) undeliverable(c *ceremony) {
	c.mu.Lock()
	id := c.made
	c.made = vault.ID{}
	c.mu.Unlock()
	if id.IsZero() {
		return
	}
	v, err := a.keep.open()
	if err == nil {
		err = v.Trash(context.WithoutCancel(c.ctx), id)
	}
	if err != nil {
		a.log.Warn().Err(err).Msg("a passkey that its site does not have stays among the pending ones")
	}
}

// make makes a passkey. It is on the disk before anybody hears of it: a site must never hold one that was not stored.
// Until the page has it, it is pending.
func (a *agent) make(c *ceremony, verified bool) (json.RawMessage, error) {
	if c.excluded {
		return nil, webauthn.ExcludedError()
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	p, credential, err := c.create.Make(c.ctx, rand.Reader, verified)
	if err != nil {
		return nil, err
	}
	defer p.Clear()
	if c.isOver() { // cancelled meanwhile: nothing was promised to anybody
		return nil, webauthn.NotAllowedError()
	}
	if err := v.AddPasskey(context.WithoutCancel(c.ctx), p); err != nil {
		return nil, fmt.Errorf("could not store the new passkey: %w", err)
	}
	c.mu.Lock()
	c.made = p.ID
	c.mu.Unlock()
	a.audit(c.sender, "created", c.site, a.whoIs(c.key.owner), c.origin())
	return credential, nil
}

// sign signs in.
func (a *agent) sign(c *ceremony, account string, verified bool) (json.RawMessage, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	id, err := vault.ParseID(account)
	if err != nil {
		return nil, err
	}
	p, err := v.Passkey(c.ctx, id)
	if errors.Is(err, vault.ErrNotFound) {
		return nil, protocol.Errorf(protocol.CodeStale, "this passkey was removed meanwhile")
	}
	if err != nil {
		return nil, err
	}
	defer p.Clear()
	credential, err := c.get.Sign(c.ctx, p, verified)
	if err != nil {
		return nil, err
	}
	if !c.sender.Private {
		v.Touch(id, time.Now())
	}
	a.audit(c.sender, "used", c.site, a.whoIs(c.key.owner), c.origin())
	return credential, nil
}

// delivered answers "webauthn.delivered": the page has its credential, which is pending no more.
func delivered(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.Delivered
	if err := r.read(&q); err != nil {
		return nil, err
	}
	c, err := a.ceremonies.byName(q.Ceremony, r.conn)
	if err != nil {
		return nil, err
	}
	if c.origin() != r.sender.Origin || c.sender.TabID != r.sender.TabID {
		return nil, protocol.Errorf(protocol.CodeNotFound, "this request is over")
	}
	c.mu.Lock()
	id := c.made
	c.made = vault.ID{}
	c.mu.Unlock()
	if id.IsZero() {
		return protocol.Empty{}, nil
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	return protocol.Empty{}, v.UpdatePasskey(ctx, id, func(p *vault.Passkey) error {
		p.Pending = false
		return nil
	})
}
