package agent

import (
	"cmp"
	"fmt"
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

// stays says how many credentials can't leave.
func stays(t protocol.Transfer) string {
	if t.LeftOut == 0 {
		return ""
	}
	text := counted(t.LeftOut, "other entry", "other entries") + " can't leave and will stay here"
	switch {
	case t.Excluded == t.LeftOut:
		text += ": the other app does not take logins for those sites"
	case t.Excluded > 0:
		text += fmt.Sprintf(", %d because the other app does not take logins for those sites", t.Excluded)
	}
	return text + "."
}
