package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/vault"
)

// transferRequest answers "transfer.request".
func transferRequest(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.RequestMake
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if len(q.Types) > 100 {
		return nil, badRequest("too many types")
	}
	store, err := a.requests()
	if err != nil {
		return nil, err
	}
	if open, err := store.List(); err != nil {
		return nil, err
	} else if len(open) >= 100 {
		return nil, protocol.Errorf(protocol.CodeRateLimited, "a hundred requests wait for their answers; cancel some")
	}
	p, err := cxp.NewRequest(cxp.RequestOptions{
		Mode: cxp.Indirect, Importer: transfer.RPID, DisplayName: transfer.DisplayName, CredentialTypes: q.Types,
		KnownExtensions: []string{cxf.ExtensionShared},
	})
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if err := store.Save(p); err != nil {
		return nil, err
	}
	a.audit(r.sender, "asked for passkeys of another app", "", a.who(r), "")
	digest := p.Request().Digest()
	return protocol.RequestMade{
		Request: p.Request().Bytes(), Fingerprint: p.Request().Fingerprint().String(), Digest: digest[:], ExpiresAt: millis(p.Expires()),
	}, nil
}

// requests opens the store of requests that wait for their answers.
func (a *agent) requests() (*cxp.Store, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	return a.transfers.requests(v)
}

// transferRequests answers "transfer.requests".
func transferRequests(a *agent, _ context.Context, _ *request) (any, error) {
	store, err := a.requests()
	if err != nil {
		return nil, err
	}
	open, err := store.List()
	if err != nil {
		return nil, err
	}
	out := protocol.RequestList{Requests: []protocol.RequestOpen{}}
	for _, q := range open {
		if q.Expires.After(time.Now()) {
			out.Requests = append(out.Requests, protocol.RequestOpen{Digest: q.Digest[:], ExpiresAt: millis(q.Expires)})
		}
	}
	return out, nil
}

// transferForget answers "transfer.forget".
func transferForget(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.RequestForget
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if len(q.Digest) != 32 {
		return nil, badRequest("a digest has 32 bytes")
	}
	store, err := a.requests()
	if err != nil {
		return nil, err
	}
	p, err := store.Load([32]byte(q.Digest))
	if err != nil {
		return nil, transferError(err)
	}
	return protocol.Empty{}, p.Cancel()
}

// transferGet answers "transfer.get".
func transferGet(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.TransferGet
	m, err := a.transfers.asked(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	return m.await(ctx, q.Not, time.Duration(max(q.WaitMs, 0))*time.Millisecond), nil
}

// transferList answers "transfer.list".
func transferList(a *agent, _ context.Context, r *request) (any, error) {
	return protocol.TransferList{Transfers: a.transfers.list(r)}, nil
}

// transferCancel answers "transfer.cancel": when it is answered, nothing runs any more.
func transferCancel(a *agent, _ context.Context, r *request) (any, error) {
	var q protocol.TransferRef
	m, err := a.transfers.asked(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	a.transfers.end(m)
	return protocol.Empty{}, nil
}

// transferImports answers "transfer.imports".
func transferImports(a *agent, ctx context.Context, _ *request) (any, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	all, err := transfer.Imports(ctx, v, time.Now())
	if err != nil {
		return nil, err
	}
	out := protocol.ImportList{Imports: []protocol.ImportDone{}}
	for _, i := range all {
		out.Imports = append(out.Imports, protocol.ImportDone{
			ID: i.ID.String(), At: millis(i.At), From: from(i.From), Added: i.Added, Replaced: i.Replaced,
		})
	}
	return out, nil
}

// transferUndo answers "transfer.undo".
func transferUndo(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.ImportUndo
	v, id, err := a.ref(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	u, err := transfer.Undo(ctx, v, id, time.Now())
	if err != nil {
		return nil, transferError(err)
	}
	a.keep.consented()
	a.audit(r.sender, "undid an import", fmt.Sprintf("%d removed, %d restored", u.Removed, u.Restored), a.who(r), "")
	a.statusChanged()
	return protocol.ImportUndone{Removed: u.Removed, Restored: u.Restored, Lost: u.Lost}, nil
}

// audit writes a line about the transfer.
func (m *moving) audit(action, what, who string) {
	if !m.private {
		m.v.Log(vault.AuditEvent{At: time.Now(), Action: action, What: what, Who: who})
	}
}
