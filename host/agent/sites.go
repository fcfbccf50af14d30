package agent

import (
	"context"
	"slices"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/webauthn"
	"github.com/keyferry/keyferry/vault"
)

// siteGet answers "site.get": what is stored for the site of an origin.
func siteGet(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.SiteQuery
	if err := r.read(&q); err != nil {
		return nil, err
	}
	return a.site(ctx, q.Origin)
}

// siteSet answers "site.set": "never on this site", and back.
func siteSet(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.SiteSet
	if err := r.read(&q); err != nil {
		return nil, err
	}
	site, ok := webauthn.Site(q.Origin)
	if !ok {
		return nil, badRequest("this page can have no passkeys")
	}
	if err := a.keep.setSite(ctx, site, q.Off); err != nil {
		return nil, err
	}
	a.keep.consented()
	return a.site(ctx, q.Origin)
}

func (a *agent) site(ctx context.Context, origin string) (any, error) {
	site, ok := webauthn.Site(origin)
	if !ok {
		return protocol.SiteInfo{Accounts: []protocol.Account{}}, nil
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	out := protocol.SiteInfo{
		Site: consent.Clean(webauthn.DisplayDomain(site), maxShownSite), Known: true, Off: a.keep.siteOff(site), Accounts: []protocol.Account{},
	}
	for _, rp := range rpIDs(origin, site) {
		found, err := v.PasskeysByRP(ctx, rp)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			out.Accounts = append(out.Accounts, account(m))
		}
	}
	slices.SortFunc(out.Accounts, func(x, y protocol.Account) int { return int(y.UsedAt - x.UsedAt) })
	return out, nil
}

// rpIDs are the RP IDs that a document of this origin may use: its host and each parent down to the registrable domain.
func rpIDs(origin, site string) []string {
	host, err := webauthn.Domain(origin)
	if err != nil {
		return nil
	}
	out := []string{host}
	for host != site {
		dot := slices.Index([]byte(host), '.')
		if dot < 0 {
			break
		}
		host = host[dot+1:]
		if _, err := webauthn.CheckRPID(origin, host); err != nil {
			break
		}
		out = append(out, host)
	}
	return out
}

// sitesOff answers "sites.off".
func sitesOff(a *agent, _ context.Context, _ *request) (any, error) {
	a.keep.mu.RLock()
	defer a.keep.mu.RUnlock()
	out := protocol.SitesOff{Sites: []string{}}
	for s := range a.keep.off {
		out.Sites = append(out.Sites, s)
	}
	slices.Sort(out.Sites)
	return out, nil
}

// list answers "list".
func list(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.ListRequest
	if err := r.read(&q); err != nil {
		return nil, err
	}
	if q.Limit < 0 || q.Limit > 500 || len(q.Query) > 1024 {
		return nil, badRequest("limit is 1 to 500, a query at most 1,024 bytes")
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	search := v.Search
	if q.Trash {
		search = v.ListTrash
	}
	page, err := search(ctx, q.Query, q.After, q.Limit)
	if err != nil && len(page.Matches) == 0 {
		return nil, err // a damaged vault still lists what is left
	}
	out := protocol.ListResult{Entries: []protocol.Entry{}, Next: page.Next, Total: page.Total}
	for _, m := range page.Matches {
		if m.Passkey != nil {
			out.Entries = append(out.Entries, passkeyEntry(*m.Passkey))
		} else {
			out.Entries = append(out.Entries, itemEntry(*m.Item))
		}
	}
	return out, nil
}

func passkeyEntry(p vault.PasskeyInfo) protocol.Entry {
	title := p.Title
	if title == "" {
		title = p.RPName
	}
	if title == "" {
		title = p.RPID
	}
	return protocol.Entry{
		ID: p.ID.String(), Kind: "passkey", Title: consent.Clean(title, 200), RPID: p.RPID, UserName: consent.Clean(p.UserName, 200),
		DisplayName: consent.Clean(p.UserDisplayName, 200), Algorithm: algorithmName(p.Algorithm),
		CreatedAt: millis(p.CreatedAt), ModifiedAt: millis(p.ModifiedAt), UsedAt: millis(p.UsedAt), TrashedAt: millis(p.TrashedAt), Pending: p.Pending,
	}
}

func itemEntry(i vault.ItemInfo) protocol.Entry {
	return protocol.Entry{
		ID: i.ID.String(), Kind: "item", Title: consent.Clean(i.Title, 200), UserName: consent.Clean(i.Subtitle, 200),
		CreatedAt: millis(i.CreatedAt), ModifiedAt: millis(i.ModifiedAt), TrashedAt: millis(i.TrashedAt),
	}
}

// algorithmName is the name that the COSE registry has for an algorithm.
func algorithmName(alg int64) string {
	switch alg {
	case -7:
		return "ES256"
	case -8:
		return "EdDSA"
	case -35:
		return "ES384"
	case -36:
		return "ES512"
	case -48:
		return "ML-DSA-44"
	case -49:
		return "ML-DSA-65"
	case -257:
		return "RS256"
	}
	return ""
}
