package agent

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// ref reads a message about something in the vault, which the member id of q names.
func (a *agent) ref(r *request, q any, id *string) (*vault.Vault, vault.ID, error) {
	if err := r.read(q); err != nil {
		return nil, vault.ID{}, err
	}
	parsed, err := vault.ParseID(*id)
	if err != nil {
		return nil, vault.ID{}, err
	}
	v, err := a.keep.open()
	return v, parsed, err
}

// entry reads one entry without its secrets.
func (a *agent) entry(ctx context.Context, v *vault.Vault, id vault.ID) (protocol.Entry, error) {
	p, err := v.Passkey(ctx, id)
	if err == nil {
		defer p.Clear()
		return passkeyEntry(p.Info()), nil
	}
	if !errors.Is(err, vault.ErrNotFound) {
		return protocol.Entry{}, err
	}
	i, err := v.Item(ctx, id)
	if err != nil {
		return protocol.Entry{}, err
	}
	return itemEntry(i.Info()), nil
}

// show answers "show".
func show(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.Ref
	v, id, err := a.ref(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	return a.entry(ctx, v, id)
}

// rename answers "rename". An empty member stays as it is.
func rename(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.Rename
	v, id, err := a.ref(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range []string{q.Title, q.UserName, q.DisplayName} {
		if len(s) > vault.MaxName || !utf8.ValidString(s) {
			return nil, badRequest("a name has at most %d bytes", vault.MaxName)
		}
	}
	err = v.UpdatePasskey(ctx, id, func(p *vault.Passkey) error {
		set(&p.Title, q.Title)
		set(&p.UserName, q.UserName)
		set(&p.UserDisplayName, q.DisplayName)
		return nil
	})
	if errors.Is(err, vault.ErrNotFound) {
		err = v.UpdateItem(ctx, id, func(i *vault.Item) error {
			set(&i.Title, q.Title)
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	a.changed(r, v, id, "changed")
	return a.entry(ctx, v, id)
}

func set(to *string, s string) {
	if s != "" {
		*to = s
	}
}

// trash answers "trash".
func trash(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.Ref
	v, id, err := a.ref(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	if err := v.Trash(ctx, id); err != nil {
		return nil, err
	}
	a.changed(r, v, id, "trashed")
	return protocol.Empty{}, nil
}

// untrash answers "untrash".
func untrash(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.Ref
	v, id, err := a.ref(r, &q, &q.ID)
	if err != nil {
		return nil, err
	}
	if err := v.Untrash(ctx, id); err != nil {
		return nil, err
	}
	a.changed(r, v, id, "restored")
	return protocol.Empty{}, nil
}

// trashEmpty answers "trash.empty".
func trashEmpty(a *agent, ctx context.Context, r *request) (any, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	n, err := v.EmptyTrash(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	a.keep.consented()
	a.audit(r.sender, "emptied the trash", entries(n), a.who(r), "")
	return protocol.Emptied{Count: n}, nil
}

// changed logs a change, which is a consented action: it came from our own pages or the command line.
func (a *agent) changed(r *request, v *vault.Vault, id vault.ID, action string) {
	a.keep.consented()
	what := ""
	if e, err := a.entry(context.Background(), v, id); err == nil {
		what = e.Title
	}
	if !r.sender.Private {
		v.Log(vault.AuditEvent{At: time.Now(), Action: action, What: what, Who: a.who(r), ID: id})
	}
}

// auditQuery answers "audit".
func auditQuery(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.AuditQuery
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if q.Limit < 0 || q.Limit > 1000 || len(q.Query) > 1024 {
		return nil, badRequest("limit is 1 to 1,000, a query at most 1,024 bytes")
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	page, err := v.AuditLog(ctx, q.Query, q.After, q.Limit)
	if err != nil {
		return nil, err
	}
	out := protocol.AuditLog{Lines: []protocol.AuditLine{}, Next: page.Next}
	for _, e := range page.Lines {
		out.Lines = append(out.Lines, protocol.AuditLine{At: millis(e.At), Action: e.Action, What: e.What, Who: e.Who, Origin: e.Origin})
	}
	return out, nil
}

// vaultHealth answers "vault.health".
func vaultHealth(a *agent, _ context.Context, _ *request) (any, error) {
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	h := v.Health()
	out := protocol.Health{State: string(h.State), Checked: int(h.Checked), Total: int(h.Total)}
	for _, f := range h.Findings {
		out.Findings = append(out.Findings, f.String())
	}
	return out, nil
}
