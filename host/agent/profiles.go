package agent

import (
	"context"
	"slices"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/paths"
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

// furtherProfile is the profile's name where there is need to say it: the person has more vaults than the default one.
func (a *agent) furtherProfile() string {
	if a.cfg.Profile.Name == paths.DefaultProfile {
		return ""
	}
	return a.cfg.Profile.Name
}

// named puts the name of the vault into every dialog, so that nobody types one vault's passphrase for another.
type named struct {
	consent.Prompter
	profile string
}

func (n named) Ask(ctx context.Context, p consent.Prompt) ([]byte, error) {
	return n.Prompter.Ask(ctx, n.with(p))
}

func (n named) Confirm(ctx context.Context, p consent.Prompt) (bool, error) {
	return n.Prompter.Confirm(ctx, n.with(p))
}

func (n named) with(p consent.Prompt) consent.Prompt {
	p.Title += " (" + n.profile + ")"
	p.Description = "Vault: " + n.profile + "\n\n" + p.Description
	return p
}
