package agent

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/webauthn"
	"github.com/keyferry/keyferry/vault"
)

// Lengths at which texts that a site chose are cut, in characters.
const (
	maxShownName = 64
	maxShownSite = 253
)

// ceremonyDescribe answers "ceremony.describe".
func ceremonyDescribe(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.CeremonyRef
	if err := r.read(&q); err != nil {
		return nil, err
	}
	c, err := a.ceremonies.byName(q.Ceremony, r.conn)
	if err != nil {
		return nil, err
	}
	if err := c.firstLook(ctx); err != nil {
		return nil, err
	}
	a.refresh(c)
	return a.view(c, r)
}

// firstLook waits while the vault, just opened, is being looked at for the first time: before that nothing can be shown.
func (c *ceremony) firstLook(ctx context.Context) error {
	c.mu.Lock()
	looking := c.state == stateWorking && !c.looked
	c.mu.Unlock()
	if !looking {
		return nil
	}
	select {
	case <-c.seen:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refresh looks again at what a waiting ceremony is about: another browser may have changed it.
func (a *agent) refresh(c *ceremony) {
	c.mu.Lock()
	waits := c.state == stateReady
	c.mu.Unlock()
	if !waits {
		return
	}
	if err := a.prepare(c); err != nil {
		a.unable(c, err)
	}
}

// view is what the window shows. Its hash covers all that the person decides on and the client data that is signed;
// not what may change meanwhile without changing that (state, verification).
func (a *agent) view(c *ceremony, r *request) (protocol.CeremonyView, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := protocol.CeremonyView{
		Profile:  a.furtherProfile(),
		Ceremony: c.id, Kind: c.kind(), RPID: c.rpID(), Site: consent.Clean(webauthn.DisplayDomain(c.site), maxShownSite),
		Origin: consent.Clean(c.origin(), maxShownSite+16), Excluded: c.excluded, Accounts: []protocol.Account{},
		ExpiresAt: millis(c.deadline()),
	}
	if c.create != nil {
		v.RPName = consent.Clean(c.create.RPName, maxShownName)
		v.Accounts = append(v.Accounts, protocol.Account{
			UserName: consent.Clean(c.create.User.Name, maxShownName), DisplayName: consent.Clean(c.create.User.DisplayName, maxShownName),
		})
	}
	for _, m := range c.matches {
		v.Accounts = append(v.Accounts, account(m))
	}
	top := ""
	if c.create != nil {
		top = c.create.TopOrigin
	} else {
		top = c.get.TopOrigin
	}
	if site, ok := webauthn.Site(top); ok && top != "" {
		v.TopSite = consent.Clean(webauthn.DisplayDomain(site), maxShownSite)
	} else if len(c.sender.Ancestors) > 0 && (webauthn.Caller{Origin: c.origin(), Ancestors: c.sender.Ancestors}).CrossOrigin() {
		v.TopSite = "an unknown site"
	}
	shown, err := json.Marshal(v)
	if err != nil {
		return v, fmt.Errorf("could not write what is shown: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "keyferry ceremony 1\x00%d\x00%s%d\x00%s", len(shown), shown, len(c.clientData()), c.clientData())
	v.Hash, v.State, v.Test = h.Sum(nil), c.state, a.cfg.Test != nil
	v.Verify, v.Pin = a.verifyBy(c, r), a.keep.hasPIN()
	return v, nil
}

// purpose is what a dialog says the person is about to do.
func (c *ceremony) purpose() string {
	if c.create != nil {
		return "make a passkey for " + webauthn.DisplayDomain(c.site)
	}
	return "sign in to " + webauthn.DisplayDomain(c.site)
}

func account(m vault.PasskeyInfo) protocol.Account {
	name := m.UserName
	if name == "" {
		name = m.Title
	}
	return protocol.Account{
		ID: m.ID.String(), UserName: consent.Clean(name, maxShownName), DisplayName: consent.Clean(m.UserDisplayName, maxShownName),
		CreatedAt: millis(m.CreatedAt), UsedAt: millis(m.UsedAt), Pending: m.Pending,
	}
}

// Values of protocol.CeremonyView.Verify.
const (
	verifyNone   = "none"
	verifyDialog = "dialog"
	verifyHere   = "here"
)

// verifyBy says what a yes will still ask for. Only a site that requires verification makes us ask.
func (a *agent) verifyBy(c *ceremony, r *request) string {
	if c.verification() != webauthn.VerificationRequired || c.verified || a.holds(r.conn) || a.decide("verify") != Ask {
		return verifyNone
	}
	if _, err := a.prompter(r.conn.where()); err != nil {
		return verifyHere
	}
	return verifyDialog
}

// holds reports whether the person was verified in this browser session within the window.
func (a *agent) holds(c *conn) bool { return c.session.Load().holds(a.clock(), a.keep.window()) }

// ceremonyUnlock answers "ceremony.unlock". Opening the vault within the ceremony counts as verification in it.
func ceremonyUnlock(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.CeremonyUnlock
	if err := r.read(&q); err != nil {
		return nil, err
	}
	c, err := a.ceremonies.byName(q.Ceremony, r.conn)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)() // over: the dialog goes too
	opened, err := a.unlock(ctx, dialog{
		where: r.conn.where(), purpose: c.purpose(), asker: r.conn.asker(), typed: q.Secret, byHand: true,
	})
	if err != nil {
		return nil, err
	}
	if a.keep.paired(c.key.owner, c.caller) != yes {
		return nil, errNotPaired()
	}
	if opened {
		a.personVerified(r.conn.session.Load())
		c.mu.Lock()
		c.verified = true
		c.mu.Unlock()
	}
	select { // what the window shows next depends on what proceed finds
	case <-c.seen:
	case <-ctx.Done():
	}
	return a.view(c, r)
}

// ceremonyApprove answers "ceremony.approve": the person's yes to exactly what was shown.
func ceremonyApprove(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.CeremonyApprove
	if err := r.read(&q); err != nil {
		return nil, err
	}
	c, err := a.ceremonies.byName(q.Ceremony, r.conn)
	if err != nil {
		return nil, err
	}
	a.refresh(c)
	v, err := a.view(c, r)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(v.Hash, q.Hash) != 1 {
		return nil, protocol.Errorf(protocol.CodeStale, "what would be done is not what was shown; look again")
	}
	if err := c.allows(q.Account); err != nil {
		return nil, err
	}
	if !c.toState(stateReady, stateWorking) {
		return nil, protocol.Errorf(protocol.CodeConflict, "this request is not waiting for a yes")
	}
	verified, err := a.verifyFor(ctx, c, r, q.Secret)
	if err != nil {
		c.toState(stateWorking, stateReady)
		return nil, err
	}
	a.ceremonies.pleased(c.key.owner, c.site)
	a.perform(c, q.Account, verified)
	return protocol.Empty{}, nil
}

// allows checks the account that was picked.
func (c *ceremony) allows(id string) error {
	if c.create != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.matches {
		if m.ID.String() == id {
			return nil
		}
	}
	return badRequest("no account that was shown has this id")
}

// verifyFor applies the rule for user verification: required asks, unless the person was verified within this ceremony
// or the window of the same browser session still holds; preferred and discouraged never ask. What is reported to the
// site is whether the person was verified, not whether it was wished for.
func (a *agent) verifyFor(ctx context.Context, c *ceremony, r *request, typed protocol.Secret) (bool, error) {
	c.mu.Lock()
	verified := c.verified
	c.mu.Unlock()
	if verified || a.holds(r.conn) {
		return true, nil
	}
	if c.verification() != webauthn.VerificationRequired {
		return false, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	err := a.verify(ctx, r.conn.session.Load(), dialog{
		where: r.conn.where(), purpose: c.purpose(), asker: r.conn.asker(), typed: typed, byHand: true,
	})
	if err != nil {
		if errors.Is(err, consent.ErrNoDialog) && typed == (protocol.Secret{}) {
			return false, protocol.Errorf(protocol.CodeVerification, "this site wants to know that it is you: enter the passphrase or PIN")
		}
		return false, err
	}
	c.mu.Lock()
	c.verified = true
	c.mu.Unlock()
	return true, nil
}

// ceremonyRefuse answers "ceremony.refuse". A no is final: no second dialog of the browser's follows it.
func ceremonyRefuse(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.CeremonyRefuse
	if err := r.read(&q); err != nil {
		return nil, err
	}
	c, err := a.ceremonies.byName(q.Ceremony, r.conn)
	if err != nil {
		return nil, err
	}
	if q.OtherDevice {
		c.finish(toBrowser(reasonOtherDevice), nil)
	} else {
		c.finish(domError(webauthn.NotAllowedError()), nil)
	}
	return protocol.Empty{}, nil
}
