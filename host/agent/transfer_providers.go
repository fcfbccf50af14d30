package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/webauthn"
	"github.com/keyferry/keyferry/vault"
)

// Apps of this machine that take part in direct exchange, and what is remembered of them: which program and which
// registration the person agreed to, kept in the vault, so that a change is noticed.

// Exchange is an agent's place among the apps that take part in direct exchange (package localexchange).
type Exchange struct {
	RPID        string                 // how this vault calls itself
	DisplayName string                 // for people
	Folders     []localexchange.Folder // where apps register
	Command     []string               // by which others start this vault's side; its own registration is not offered
	// Socket is that of the agent which a registered command serves, if that is a command of this very binary; may be nil.
	Socket func(command []string) (path string, ok bool)
}

// settingProvider begins the names of settings that hold pins; then comes the direction, the name and the file.
const settingProvider = "provider/"

// Bounds of a list of providers, for a message that a page takes in one piece.
const (
	maxProviders = 64
	maxIcons     = 512 << 10 // bytes of all icons together; later ones are left out
	maxIgnored   = 100
	maxSites     = 1000 // excluded ones of all apps together, likewise
)

// transferProviders answers "transfer.providers".
func transferProviders(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.ProviderQuery
	if err := r.read(&q); err != nil {
		return nil, err
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	found, ignored := a.providers(q.Out)
	out := protocol.ProviderList{Providers: []protocol.Provider{}, Ignored: []protocol.ProviderIgnored{}}
	icons, sites := 0, 0
	for _, p := range found[:min(len(found), maxProviders)] {
		view, err := a.provider(ctx, v, p, q.Out)
		if err != nil {
			ignored = append(ignored, localexchange.Ignored{File: p.File, Reason: err.Error()})
			continue
		}
		if icons += len(view.Icon); icons > maxIcons {
			view.Icon = ""
		}
		if sites += len(view.ExcludedSites); sites > maxSites {
			view.ExcludedSites = nil
		}
		out.Providers = append(out.Providers, *view)
	}
	for _, i := range ignored[:min(len(ignored), maxIgnored)] {
		out.Ignored = append(out.Ignored, protocol.ProviderIgnored{File: consent.Clean(i.File, 300), Reason: consent.Clean(i.Reason, 300)})
	}
	return out, nil
}

// providers are the apps that can take passkeys (out) or give some.
func (a *agent) providers(out bool) ([]localexchange.Provider, []localexchange.Ignored) {
	role := localexchange.RoleExporter
	if out {
		role = localexchange.RoleImporter
	}
	found, ignored := localexchange.List(a.cfg.Exchange.Folders)
	found = slices.DeleteFunc(found, func(p localexchange.Provider) bool {
		return !slices.Contains(p.Roles, role) || slices.Equal(p.Command, a.cfg.Exchange.Command)
	})
	return found, ignored
}

// provider is an app as its person sees it, at a look.
func (a *agent) provider(ctx context.Context, v *vault.Vault, p localexchange.Provider, out bool) (*protocol.Provider, error) {
	now, err := p.Look()
	if err != nil {
		return nil, err
	}
	return a.providerAs(ctx, v, p, now, out)
}

// providerAs is an app as its person sees it, compared by what was found out about it now.
func (a *agent) providerAs(ctx context.Context, v *vault.Vault, p localexchange.Provider, now localexchange.Pin, out bool) (*protocol.Provider, error) {
	state, err := a.sinceLast(ctx, v, p, now, way(out))
	if err != nil {
		return nil, err
	}
	name := cxp.DisplayClaim(p.DisplayName)
	view := &protocol.Provider{
		ID: providerID(p, now), RPID: consent.Clean(p.RPID, 253), Name: consent.Clean(name.Text(), cxp.MaxClaimText), Suspicious: name.Suspicious(),
		Icon: p.Icon, Program: pathView(p.Command[0]), Script: pathView(now.Script.Path), System: p.System,
		File: pathView(p.File), State: state,
	}
	for _, t := range p.CredentialTypes {
		view.Types = append(view.Types, consent.Clean(t, 64))
	}
	if out {
		view.Excludes = len(p.ExcludedSites)
		for _, d := range p.ExcludedSites[:min(len(p.ExcludedSites), protocol.MaxExcludedShown)] {
			view.ExcludedSites = append(view.ExcludedSites, webauthn.DisplayDomain(d))
		}
	}
	return view, nil
}

// sinceLast is how a provider stands to its pin: [protocol.ProviderKnown] or what the person has to be warned of. Where the
// stamps differ the content decides: a copy that is put back is no change.
func (a *agent) sinceLast(ctx context.Context, v *vault.Vault, p localexchange.Provider, now localexchange.Pin, way string) (state string, err error) {
	raw, err := v.Setting(ctx, pinName(p, way))
	if errors.Is(err, vault.ErrNotFound) {
		return protocol.ProviderFirstUse, nil
	}
	if err != nil {
		return "", err
	}
	var earlier localexchange.Pin
	if err := json.Unmarshal(raw, &earlier); err != nil {
		return "", fmt.Errorf("could not read what is remembered of an app: %w", err)
	}
	change := now.Against(earlier)
	if change == localexchange.ProgramChanged && now.Program.Hash == "" {
		if now, err = p.Pin(ctx); err != nil {
			return "", err
		}
		change = now.Against(earlier)
	}
	switch change {
	case localexchange.ProgramChanged:
		return protocol.ProviderProgramChanged, nil
	case localexchange.RegistrationChanged:
		return protocol.ProviderRegistrationChanged, nil
	case localexchange.Unchanged:
	}
	return protocol.ProviderKnown, nil
}

// remember keeps what the person agreed to.
func remember(ctx context.Context, v *vault.Vault, p localexchange.Provider, pin localexchange.Pin, way string) error {
	raw, err := json.Marshal(pin)
	if err != nil {
		return fmt.Errorf("could not write what is remembered of an app: %w", err)
	}
	return v.SetSetting(ctx, pinName(p, way), raw)
}

// The ways in which things go between an app and this vault, each with pins of its own: to have taken passkeys from an app is
// no reason to hand it any, nor is that it was handed some when it asked by itself a reason to begin with it.
const (
	wayIn       = "in/"
	wayOut      = "out/"
	wayVisitIn  = "visit-in/"
	wayVisitOut = "visit-out/"
)

func way(out bool) string {
	if out {
		return wayOut
	}
	return wayIn
}

// pinName is the setting of a pin.
func pinName(p localexchange.Provider, way string) string {
	sum := sha256.Sum256([]byte(p.File))
	return settingProvider + way + p.RPID[:min(len(p.RPID), 100)] + "/" + hex.EncodeToString(sum[:8])
}

// providerID stands for the registration and the program as they are now.
func providerID(p localexchange.Provider, now localexchange.Pin) string {
	h := sha256.New()
	for _, s := range []string{p.File, now.Registration, now.Program.Path, now.Program.Stamp, now.Script.Path, now.Script.Stamp} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// findProvider finds what a list named, if it is still that.
func (a *agent) findProvider(ctx context.Context, v *vault.Vault, id string, out bool) (localexchange.Provider, *protocol.Provider, error) {
	found, _ := a.providers(out)
	for _, p := range found {
		now, err := p.Look()
		if err != nil || providerID(p, now) != id {
			continue
		}
		view, err := a.provider(ctx, v, p, out)
		return p, view, err
	}
	return localexchange.Provider{}, nil, errProviderGone()
}
