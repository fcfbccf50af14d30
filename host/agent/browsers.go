package agent

import (
	"cmp"
	"context"
	"slices"

	"github.com/keyferry/keyferry/host/protocol"
)

// browsersList answers "browsers.list".
func browsersList(a *agent, _ context.Context, r *request) (any, error) {
	current := ""
	if s := r.conn.session.Load(); s != nil {
		current = s.id
	}
	a.keep.mu.RLock()
	defer a.keep.mu.RUnlock()
	out := protocol.BrowserList{Browsers: []protocol.Browser{}}
	for id, p := range a.keep.pairs {
		out.Browsers = append(out.Browsers, p.browser(id, id == current))
	}
	slices.SortFunc(out.Browsers, func(x, y protocol.Browser) int {
		return cmp.Or(cmp.Compare(x.PairedAt, y.PairedAt), cmp.Compare(x.ID, y.ID))
	})
	return out, nil
}

// browsersRevoke answers "browsers.revoke": the pairing goes, and its sessions and ceremonies end at once.
func browsersRevoke(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.BrowserRevoke
	if err := r.read(&q); err != nil {
		return nil, err
	}
	a.keep.mu.RLock()
	label := a.keep.pairs[q.ID].Label
	a.keep.mu.RUnlock()
	if err := a.keep.unpair(ctx, q.ID); err != nil {
		return nil, err
	}
	a.ceremonies.revoke(q.ID)
	r.after = func() {
		a.each(func(c *conn) {
			if s := c.session.Load(); s != nil && s.id == q.ID {
				c.close()
			}
		})
	}
	a.log.Info().Str("browser", q.ID).Msg("browser revoked")
	a.audit(r.sender, "revoked", label, a.who(r), "")
	return protocol.Empty{}, nil
}
