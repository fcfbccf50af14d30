package agent

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

// sendDirect hands what was chosen to the other app. The person has been verified for it.
func (m *moving) sendDirect(ctx context.Context, who string) error {
	if err := m.narrow(ctx); err != nil {
		return err
	}
	conn, err := m.greet(ctx, localexchange.RoleExporter)
	if err != nil {
		return err
	}
	defer conn.Close()
	view := m.show()
	to := toProvider(view.Provider)
	result, err := conn.Export(ctx, localexchange.ExportSide{
		Offer: localexchange.Offer{CredentialTypes: slices.Sorted(maps.Keys(view.Counts)), Counts: view.Counts},
		Answer: func(ctx context.Context, _ localexchange.Hello, q *cxp.Request) (*cxp.Exporter, error) {
			x, err := m.seal(ctx, q)
			if err == nil { // from here on bytes leave
				m.audit("exported", what(m.show())+" to "+to+", program "+pathView(m.direct.provider.Command[0]), who)
			}
			return x, err
		},
		Sent: m.went,
	})
	if err != nil {
		if m.show().Bytes > 0 {
			m.audit("export not confirmed", "by "+to, who)
		}
		return m.unsure(err)
	}
	left := &transfer.MovedOut{At: time.Now(), To: to, Items: m.review.Whole()}
	m.set(func(t *protocol.Transfer) {
		t.State, t.Result = protocol.StateDone, resultView(result)
		t.PeerDone, t.PeerTotal = 0, 0
		if len(result.Skipped) == 0 && result.Accepted >= m.export.Groups() { // else nobody knows which arrived
			m.offerOriginals(t, left)
		}
	})
	return nil
}

// seal prepares the answer to the other app's request, which may ask for less than was offered, and never gets more.
func (m *moving) seal(ctx context.Context, q *cxp.Request) (*cxp.Exporter, error) {
	suite, err := q.Suite()
	if err != nil {
		return nil, err
	}
	if types, all := q.CredentialTypes(); !all {
		if err := m.onlyTypes(ctx, types); err != nil {
			return nil, err
		}
	}
	m.set(func(t *protocol.Transfer) {
		t.State, t.Done, t.Total = protocol.StateWriting, 0, int64(m.export.Groups())
		t.Suite, t.Classical = suite.String(), !suite.PostQuantum()
	})
	header := m.export.Header()
	header.ExporterRPID, header.ExporterDisplayName = m.a.cfg.Exchange.RPID, m.a.cfg.Exchange.DisplayName
	return cxp.NewExporter(q, cxp.ExportOptions{
		Document: header, CXF: m.export.Options(ctx, m.review.Sound, m.items), Files: m.export.Files,
	})
}

// onlyTypes narrows the export once more, to what was asked for. What stays behind by that is no original of anything, and
// the review goes on saying what stays and why.
func (m *moving) onlyTypes(ctx context.Context, types []string) error {
	sel, chosen := m.selection, m.review.Chosen()
	sel.Types = narrowed(sel.Types, types)
	e, err := transfer.NewExport(ctx, m.v, sel)
	if err != nil {
		return err
	}
	review, err := e.Review(ctx, nil)
	if err != nil {
		return err
	}
	for i := range review.Entries {
		if l := &review.Entries[i]; !chosen[l.ID] {
			l.Chosen = false
		}
	}
	m.mu.Lock()
	m.review, m.selection = review, sel
	m.mu.Unlock()
	if err := m.narrow(ctx); err != nil {
		return err
	}
	m.set(m.count)
	return nil
}

// went counts what has gone over. When all has, the other app is at it.
func (m *moving) went(bytes int64, last bool) {
	if !last {
		m.moved(bytes)
		return
	}
	m.mu.Lock()
	m.direct.sent = true
	m.mu.Unlock()
	m.set(func(t *protocol.Transfer) {
		t.State, t.Done, t.Total, t.Bytes = protocol.StateExchanging, 0, 0, bytes
	})
}

// unsure says so where nobody knows whether the other app has stored what it got.
func (m *moving) unsure(err error) error {
	m.mu.Lock()
	sent := m.direct.sent
	m.mu.Unlock()
	if sent && (errors.Is(err, localexchange.ErrClosed) || errors.Is(err, localexchange.ErrStalled)) {
		return protocol.Errorf(protocol.CodePeerGone, "the other app had got everything when it ended, and did not say what it did with it; look there whether your passkeys arrived. Here nothing was changed")
	}
	return err
}

func resultView(r *localexchange.Result) *protocol.TransferResult {
	out := &protocol.TransferResult{Accepted: r.Accepted}
	for _, s := range r.Skipped {
		out.Skipped = append(out.Skipped, protocol.TransferSkipped{
			Title: consent.Clean(s.Title, 200), Type: consent.Clean(s.Type, 64), Reason: consent.Clean(s.Reason, 300),
		})
	}
	return out
}
