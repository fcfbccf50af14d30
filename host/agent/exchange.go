package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/vault"
)

// Direct exchange that began in another app: it has started `keyferry exchange`, which connects here and then only
// passes bytes. There is no page: the agent's own dialogs say who asks and for what, before anything leaves or is stored.

const (
	visitTries  = 6 // exchanges that others began, in visitWindow
	visitWindow = 10 * time.Minute
)

// visit serves the connection of a `keyferry exchange` to its end: the frames of LOCAL.md follow the greetings.
func (a *agent) visit(ctx context.Context, c *conn) {
	if err := c.net.SetDeadline(time.Time{}); err != nil {
		return
	}
	conn := localexchange.New(c.net, false, a.limits.Exchange)
	defer conn.Close()
	err := a.receiveVisitor(ctx, c, conn)
	if err != nil {
		a.log.Warn().Err(err).Int("pid", c.hello.Starter).Msg("an exchange that another app began has ended without effect")
	}
}

func (a *agent) receiveVisitor(ctx context.Context, c *conn, conn *localexchange.Conn) error {
	ex := a.cfg.Exchange
	peer, err := conn.Hello(ctx, localexchange.Hello{RPID: ex.RPID, DisplayName: ex.DisplayName})
	if err != nil {
		return err
	}
	v := &visitor{c: c, conn: conn, starter: a.starterOf(c), rpID: peer.RPID}
	name, rpID := cxp.DisplayClaim(peer.DisplayName), cxp.NameClaim(peer.RPID)
	v.name = called(consent.Clean(name.Text(), cxp.MaxClaimText), consent.Clean(rpID.Text(), cxp.MaxClaimText))
	v.app, v.known = a.registeredAs(peer.RPID, v.starter)
	v.known = v.known && !name.Suspicious()
	if err := a.mayVisit(time.Now(), v.known); err != nil {
		return errors.Join(err, conn.Refuse(cxp.CodeForbiddenAction))
	}
	select {
	case a.visits <- struct{}{}: // one at a time: whoever comes second is told so at once
		defer func() { <-a.visits }()
	default:
		return errors.Join(errors.New("another app's exchange is under way"), conn.Refuse(cxp.CodeForbiddenAction))
	}
	a.log.Info().Str("program", v.starter.Program).Bool("known", v.known).Str("role", string(peer.Role)).Msg("another app began an exchange")
	if peer.Role == localexchange.RoleImporter {
		return a.giveTo(ctx, v)
	}
	return a.takeFrom(ctx, v)
}

// mayVisit is the rate limit of exchanges that others begin. It is no part of the limit of one's own.
func (a *agent) mayVisit(now time.Time, known bool) error {
	t := &a.transfers
	t.mu.Lock()
	defer t.mu.Unlock()
	visits := &t.strange
	if known {
		visits = &t.visits
	}
	if !visits.another(now, visitTries, visitWindow) {
		return protocol.Errorf(protocol.CodeRateLimited, "other apps have begun too many exchanges; wait ten minutes")
	}
	return nil
}

// askVisit verifies the person for what the other app wants, in a dialog that says so.
func (a *agent) askVisit(ctx context.Context, v *visitor, purpose, note string) error {
	return a.verify(ctx, nil, dialog{where: v.c.where(), purpose: purpose, asker: v.asker(), note: strings.TrimSpace(note + "\n" + v.note())})
}

// opened opens the vault if need be. A dialog that can't say yet how much it is about says what it is for.
func (a *agent) opened(ctx context.Context, v *visitor, purpose string) (*vault.Vault, error) {
	if _, err := a.keep.open(); errors.Is(err, errLockedVault()) {
		if err := a.askVisit(ctx, v, purpose, "You will be asked again when it is known how much that is."); err != nil {
			return nil, err
		}
	}
	return a.keep.open()
}

// guest makes the transfer of an exchange that another app began. It ends with the connection.
func (a *agent) guest(v *visitor, out bool) (*moving, error) {
	m, err := a.transfers.addFor(owner{conn: v.c}, false, protocol.TransferDirect, out)
	if err != nil {
		return nil, err
	}
	m.direct = &direct{}
	m.mu.Lock()
	m.meant, m.working = true, true // by the dialog; and nobody else's to prune
	m.mu.Unlock()
	return m, nil
}

// leave ends it.
func (m *moving) leave() {
	m.mu.Lock()
	m.working = false
	m.mu.Unlock()
	m.a.transfers.end(m)
}

// giveTo hands over what the other app asks for, after a yes of the person's.
func (a *agent) giveTo(ctx context.Context, v *visitor) error {
	var m *moving
	defer func() {
		if m != nil {
			m.leave()
		}
	}()
	began := false
	result, err := v.conn.Export(ctx, localexchange.ExportSide{
		Answer: func(ctx context.Context, _ localexchange.Hello, q *cxp.Request) (*cxp.Exporter, error) {
			vlt, err := a.opened(ctx, v, "look up what could be handed over to "+v.asker())
			if err != nil {
				return nil, refused(err)
			}
			met, err := a.lookAt(ctx, vlt, v, wayVisitOut)
			if err != nil {
				return nil, err
			}
			if m, err = a.guest(v, true); err != nil {
				return nil, err
			}
			sel := transfer.Selection{Types: common(nil, q), Excluded: a.excludedBy(v.rpID), Receiver: v.name}
			if err := m.survey(ctx, sel); err != nil {
				return nil, err
			}
			if err := m.narrow(ctx); err != nil {
				return nil, err
			}
			leaves := what(m.show())
			if err := a.askVisit(ctx, v, "hand over "+leaves+" to "+v.asker(), stays(m.show())); err != nil {
				a.auditVisit("refused to move out", leaves, v)
				return nil, refused(err)
			}
			if err := met(); err != nil {
				return nil, err
			}
			x, err := m.seal(ctx, q)
			if err == nil {
				began = true
				a.auditVisit("exported", leaves+" to "+v.name, v)
			}
			return x, err
		},
		Sent: func(bytes int64, last bool) { m.went(bytes, last) },
	})
	if err != nil {
		if began {
			a.auditVisit("export not confirmed", "by "+v.name, v)
		}
		return err
	}
	a.log.Info().Int("accepted", result.Accepted).Int("skipped", len(result.Skipped)).Msg("another app fetched passkeys")
	return nil
}

// refused makes a person's no, and a dialog that can't be shown, what the other side is told.
func refused(err error) error {
	var known *protocol.Error
	if errors.Is(err, consent.ErrRefused) || errors.As(err, &known) && known.Code == protocol.CodeDenied {
		return errors.Join(localexchange.ErrRefused, err)
	}
	return err
}

// takeFrom stores what the other app hands over, after a yes of the person's. What is here stays as it is.
func (a *agent) takeFrom(ctx context.Context, v *visitor) error {
	pending, err := cxp.NewRequest(cxp.RequestOptions{
		Mode: cxp.Direct, Importer: a.cfg.Exchange.RPID, DisplayName: a.cfg.Exchange.DisplayName, KnownExtensions: []string{cxf.ExtensionShared},
	})
	if err != nil {
		return err
	}
	defer pending.Close()
	var m *moving
	defer func() {
		if m != nil {
			m.leave()
		}
	}()
	var offered offeredCounts
	_, err = v.conn.Import(ctx, localexchange.ImportSide{
		Request: pending,
		Offered: func(ctx context.Context, _ localexchange.Hello, o localexchange.Offer) error {
			var err error
			if offered, err = countOffer(o); err != nil {
				return err
			}
			comes := offered.String()
			met := func() error { return nil }
			if vlt, err := a.keep.open(); err == nil {
				if met, err = a.lookAt(ctx, vlt, v, wayVisitIn); err != nil {
					return err
				}
			} else if !errors.Is(err, errLockedVault()) { // of a locked one nobody knows who was here before
				return err
			}
			err = a.askVisit(ctx, v, "store "+comes+" that "+v.asker()+" sends", mineStays)
			if err != nil {
				a.auditVisit("refused to import", comes, v)
				return refused(err)
			}
			if err := met(); err != nil {
				return err
			}
			m, err = a.guest(v, false)
			return err
		},
		Take: func(ctx context.Context, envelope []byte, payload io.Reader) (*localexchange.Result, error) {
			m.pending = pending
			if err := m.keepPayload(v.conn, envelope, payload); err != nil {
				return nil, err
			}
			m.tellTo(v.conn)
			defer m.tellTo(nil)
			if err := m.makePlan(ctx); err != nil {
				return nil, err
			}
			if err := a.askMore(ctx, v, m.plan, offered); err != nil {
				a.auditVisit("refused to import", "more than was offered", v)
				return nil, refused(err)
			}
			if err := m.store(ctx, v.who()); err != nil {
				return nil, err
			}
			return accepted(m.plan), nil
		},
	})
	return err
}

// mineStays is what becomes of things that both sides have.
const mineStays = "What you have already stays as it is: nothing of yours is replaced. `keyferry imports` can take it back for 30 days."

// maxOffered bounds the numbers of an offer.
const maxOffered = 10_000_000

// offeredCounts are how many passkeys, and how many other credentials, come.
type offeredCounts struct{ passkeys, others int }

// String says it in words.
func (c offeredCounts) String() string {
	return counted(c.passkeys, "passkey", "passkeys") + " and " + counted(c.others, "other entry", "other entries")
}

// countOffer counts what is offered.
func countOffer(o localexchange.Offer) (c offeredCounts, err error) {
	if len(o.Counts) > 100 {
		return c, badRequest("an offer of too many types")
	}
	for t, n := range o.Counts {
		if n < 0 || n > maxOffered {
			return c, badRequest("an offer of impossible numbers")
		}
		if t == string(cxf.TypePasskey) {
			c.passkeys += n
		} else {
			c.others += n
		}
	}
	return c, nil
}

// askMore asks once more where more came than was offered, or passkeys in the place of something else.
func (a *agent) askMore(ctx context.Context, v *visitor, plan *transfer.Plan, offered offeredCounts) error {
	var came offeredCounts
	for i := range plan.Entries {
		if plan.Entries[i].Kind == "passkey" {
			came.passkeys++
		}
	}
	came.others = max(0, plan.Credentials-came.passkeys)
	if came.passkeys <= offered.passkeys && came.passkeys+came.others <= offered.passkeys+offered.others {
		return nil
	}
	text := fmt.Sprintf("%s sent more than it had said: %s instead of %s.\n\n%s\n%s", v.asker(), came, offered, mineStays, v.note())
	return a.confirmAt(ctx, v.c.where(), "Keyferry: store that as well?", text)
}

func (a *agent) auditVisit(action, what string, v *visitor) {
	if vlt, err := a.keep.open(); err == nil {
		vlt.Log(vault.AuditEvent{At: time.Now(), Action: action, What: what, Who: v.who()})
	}
}
