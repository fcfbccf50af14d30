package agent

import (
	"cmp"
	"maps"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/protocol"
)

// Sites for which another app takes no logins (cxp/LOCAL.md §6). Keyferry's own registration has none: it takes what
// comes. Sites at which a person has switched it off (sites.go) are theirs to know, and must never be in it.

// receiver is what an app is called in the reasons why something stays.
func receiver(p *protocol.Provider) string { return cmp.Or(p.Name, p.RPID) }

// excludedBy are the sites that an app which began by itself excludes, by all registrations of the name that it goes by:
// a claim can only keep something here.
func (a *agent) excludedBy(rpID string) localexchange.Sites {
	out := localexchange.Sites{}
	found, _ := localexchange.List(a.cfg.Exchange.Folders)
	for _, p := range found {
		if p.RPID == rpID {
			maps.Copy(out, p.Excluded())
		}
	}
	return out
}
