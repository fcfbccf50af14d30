package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/keyferry/keyferry/vault"
	"github.com/keyferry/keyferry/vault/keyring"
)

// The login keyring opens the vault once, when the first agent of a login starts; it never verifies anybody. After a
// lock, whatever the reason, only the person opens it: a mark beside the socket says so to agents that start later, until
// they do. The folder goes with the login.

func (a *agent) lockedMark() string { return a.cfg.Profile.SocketPath + ".locked" }

// markLocked keeps the keyring from opening the vault again.
func (a *agent) markLocked() {
	f, err := os.OpenFile(a.lockedMark(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		a.log.Error().Err(err).Msg("could not note that the vault was locked; a keyring may open it at the next start")
	}
}

// openByKeyring opens the vault if its owner keeps a slot in the login keyring. Whoever connects meanwhile waits for it (see
// keyringTried): being told "locked" a moment before the vault opens by itself would ask the person for nothing.
func (a *agent) openByKeyring(ctx context.Context) {
	defer close(a.tried)
	if a.cfg.Handover.ListenerFD > 2 {
		return // this process began with a lock
	}
	if _, err := os.Stat(a.lockedMark()); err == nil {
		return
	}
	if !vault.HasSlot(a.cfg.Profile.VaultDir, vault.SlotKeyring) {
		return // a keyring's service may take seconds to start
	}
	if err := a.tryKeyring(ctx); err != nil && !errors.Is(err, keyring.ErrNotFound) && !errors.Is(err, vault.ErrNoVault) && ctx.Err() == nil {
		a.log.Info().Err(err).Msg("the login keyring did not open the vault")
	}
}

// keyringTried waits until the keyring was tried, for a time: it may be locked itself, and ask the person.
func (a *agent) keyringTried(ctx context.Context) {
	enough := time.NewTimer(a.limits.Keyring)
	defer enough.Stop()
	select {
	case <-a.tried:
	case <-enough.C:
	case <-ctx.Done():
	}
}

func (a *agent) tryKeyring(ctx context.Context) error {
	id, err := vault.IDOf(a.cfg.Profile.VaultDir)
	if err != nil {
		return err
	}
	secret, err := a.loadKeyring(ctx, id)
	if err != nil {
		return err
	}
	defer secret.Clear()
	select {
	case a.keep.opening <- struct{}{}:
		defer func() { <-a.keep.opening }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, err := a.keep.open(); err == nil {
		return nil
	}
	_, _, err = a.openWith(ctx, secret)
	return err
}

// addKeyring makes the keyring's slot.
func (a *agent) addKeyring(ctx context.Context, v *vault.Vault, label string) (vault.SlotInfo, error) {
	for _, s := range v.Slots() {
		if s.Kind == vault.SlotKeyring {
			return vault.SlotInfo{}, fmt.Errorf("the login keyring opens this vault already: %w", vault.ErrExists)
		}
	}
	id, err := vault.IDOf(a.cfg.Profile.VaultDir)
	if err != nil {
		return vault.SlotInfo{}, err
	}
	secret, err := keyring.Create(ctx, id)
	if err != nil {
		return vault.SlotInfo{}, err
	}
	defer secret.Clear()
	made, err := v.AddSlot(ctx, secret, label)
	if err != nil {
		return made, errors.Join(err, keyring.Delete(ctx, id))
	}
	return made, nil
}

// forgetKeyring removes the keyring's secret once its slot is gone. Without the slot it is worth nothing.
func (a *agent) forgetKeyring(ctx context.Context) {
	id, err := vault.IDOf(a.cfg.Profile.VaultDir)
	if err == nil {
		err = keyring.Delete(ctx, id)
	}
	if err != nil {
		a.log.Warn().Err(err).Msg("a secret that opens nothing any more stays in the login keyring")
	}
}
