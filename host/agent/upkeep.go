package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// What the agent does for the vault by itself, in the background, while it is open.

const (
	purgeEvery = 24 * time.Hour // by the clock that counts suspend
	// cheapOpen: a vault that opens in less by a passphrase has a derivation well below the half second that it should take,
	// whatever the rest of the time went into. Only then is it worth a look at what this machine can bear.
	cheapOpen = 250 * time.Millisecond
)

// upkeepBy is who the audit log names.
const upkeepBy = "Keyferry"

// purge shreds what has lain in the trash for its time. It runs at each unlock, and daily while the vault stays open.
func (a *agent) purge(v *vault.Vault) {
	a.keep.mu.Lock()
	a.keep.purged = a.clock()
	a.keep.mu.Unlock()
	a.work.Go(func() {
		n, err := v.ExpireTrash(a.life)
		if err != nil {
			if a.life.Err() == nil && !errors.Is(err, vault.ErrClosed) {
				a.log.Warn().Err(err).Msg("what has lain in the trash for 30 days could not be shredded; the next unlock tries again")
			}
			return
		}
		if n > 0 {
			a.log.Info().Int("entries", n).Msg("shredded what had lain in the trash for 30 days")
			v.Log(vault.AuditEvent{At: time.Now(), Action: "emptied the trash", What: entries(n) + " of 30 days ago", Who: upkeepBy})
		}
	})
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// purgeDue returns the open vault when a day has passed since its trash was looked through.
func (k *keeper) purgeDue() (*vault.Vault, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.v, k.v != nil && k.a.clock()-k.purged >= purgeEvery
}

// upgradeCost makes guessing the passphrase dearer when it has become cheap on this machine. The passphrase has just opened
// the vault; nothing waits for this.
func (a *agent) upgradeCost(v *vault.Vault, s protocol.Secret, took time.Duration) {
	if s.Passphrase == "" || took >= a.limits.CheapOpen {
		return
	}
	secret := vault.Passphrase([]byte(s.Passphrase))
	a.work.Go(func() {
		defer secret.Clear()
		done, err := v.UpgradeCost(a.life, secret)
		switch {
		case done:
			a.log.Info().Msg("raised the work of guessing the passphrase to what this machine can bear")
			v.Log(vault.AuditEvent{At: time.Now(), Action: "changed", What: "the work of guessing the passphrase", Who: upkeepBy})
		case err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, vault.ErrClosed):
			a.log.Warn().Err(err).Msg("the work of guessing the passphrase could not be raised; a later unlock tries again")
		}
	})
}
