package transfer

import (
	"slices"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// What an app of this machine does not want (cxp/LOCAL.md §6). A review shows it with the reason; the writer leaves it out
// by itself, whatever was reviewed or chosen.

// excludes is the reason why something stays here.
func (s *Selection) excludes() string {
	return s.Receiver + " does not take logins for this site"
}

// leaveExcluded takes the credentials out of an item that the other side takes no logins for, and says whether there is
// anything left to write.
func (s *Selection) leaveExcluded(it *cxf.Item) bool {
	if len(s.Excluded) == 0 {
		return true
	}
	before := len(it.Credentials)
	it.Credentials = slices.DeleteFunc(it.Credentials, func(c cxf.Credential) bool {
		out := s.Excluded.Exclude(it, c)
		if k, ok := c.(*cxf.Passkey); ok && out {
			clear(k.Key)
		}
		return out
	})
	return len(it.Credentials) > 0 || before == 0
}
