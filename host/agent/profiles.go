package agent

import (
	"context"
	"slices"

	"github.com/keyferry/keyferry/host/protocol"
)

// profilesList answers "profiles.list": names only, which any program of this user's can read off the folders.
func profilesList(a *agent, _ context.Context, _ *request) (any, error) {
	names, err := a.cfg.Profile.Names()
	if err != nil {
		return nil, err
	}
	own := a.cfg.Profile.Name
	if !slices.Contains(names, own) { // its vault is not made yet
		names = slices.Insert(names, 0, own)
	}
	list := protocol.ProfileList{}
	for _, name := range names {
		list.Profiles = append(list.Profiles, protocol.Profile{Name: name, Current: name == own})
	}
	return list, nil
}
