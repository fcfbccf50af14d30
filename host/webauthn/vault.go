package webauthn

import (
	"context"
	"errors"

	"github.com/keyferry/keyferry/vault"
)

// Passkey and PasskeyInfo are the vault's: what a ceremony makes is what is stored.
type (
	Passkey     = vault.Passkey
	PasskeyInfo = vault.PasskeyInfo
)

// Vault is what the ceremonies read of a vault; *vault.Vault is one. They never write.
type Vault interface {
	// PasskeysByRP returns all passkeys of an RP ID but those in the trash. With a *vault.DamagedError it returns
	// those that are whole.
	PasskeysByRP(ctx context.Context, rpID string) ([]PasskeyInfo, error)
	// PasskeyByCredential returns one passkey that is not in the trash, or vault.ErrNotFound.
	PasskeyByCredential(ctx context.Context, rpID string, credentialID []byte) (*Passkey, error)
}

// fewCredentials is up to how many listed credentials are looked up one by one, which does not read what else the site
// has here. Real lists hold a handful.
const fewCredentials = 64

// lookUp gives the passkeys of an RP ID that a list of credential IDs names. What is damaged is left out; it is an
// error only when nothing whole was found, since then the damage may be why.
func lookUp(ctx context.Context, v Vault, rpID string, ids [][]byte) ([]PasskeyInfo, error) {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[string(id)] = true
	}
	if len(set) > fewCredentials {
		return pick(ctx, v, rpID, func(p *PasskeyInfo) bool { return set[string(p.CredentialID)] })
	}
	var found []PasskeyInfo
	var damage error
	for id := range set {
		p, err := v.PasskeyByCredential(ctx, rpID, []byte(id))
		switch {
		case err == nil:
			found = append(found, p.Info())
			p.Clear()
		case isDamage(err):
			damage = err
		case !errors.Is(err, vault.ErrNotFound):
			return nil, err
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	return nil, damage
}

// pick gives those of an RP ID's passkeys that are wanted; damage as with lookUp.
func pick(ctx context.Context, v Vault, rpID string, wanted func(*PasskeyInfo) bool) ([]PasskeyInfo, error) {
	stored, err := v.PasskeysByRP(ctx, rpID)
	if err != nil && !isDamage(err) {
		return nil, err
	}
	var found []PasskeyInfo
	for i := range stored {
		if wanted(&stored[i]) {
			found = append(found, stored[i])
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	return nil, err
}

func isDamage(err error) bool {
	var d *vault.DamagedError
	return errors.As(err, &d)
}
