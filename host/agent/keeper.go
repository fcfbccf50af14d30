package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// Names of the settings that the agent keeps in the vault.
const (
	settingBrowser = "browser/" // + pairing key's name: a pairing
	settingSiteOff = "site-off/"
	settingChoices = "settings"
)

// keeper holds the open vault, what was read from it once, and when the person last consented to something.
type keeper struct {
	a       *agent
	opening chan struct{} // one at a time: each try costs half a second and a quarter of a gigabyte
	trying  chan struct{} // the same for verifications, which come while the vault is open

	mu      sync.RWMutex
	v       *vault.Vault // nil: locked
	damaged bool
	pairs   map[string]pairing
	off     map[string]bool // sites switched off
	choices protocol.Settings
	active  time.Duration // boot time of the last consented action
	pin     *pin
	purged  time.Duration // boot time at which the trash was last looked through for what is too old
	proved  time.Duration // boot time at which a passphrase or recovery phrase was last given; 0: not in this agent's time
}

func (k *keeper) init(a *agent) {
	k.a = a
	k.opening, k.trying = make(chan struct{}, 1), make(chan struct{}, 1)
}

// defaultChoices are what a new vault starts with.
func defaultChoices() protocol.Settings {
	return protocol.Settings{LockAfterMs: 15 * 60_000, VerifyForMs: 60_000, LockOnScreen: true, LockOnSuspend: true}
}

// open returns the open vault, or why there is none.
func (k *keeper) open() (*vault.Vault, error) {
	k.mu.RLock()
	v := k.v
	k.mu.RUnlock()
	if v != nil {
		return v, nil
	}
	there, err := vault.Exists(k.a.cfg.Profile.VaultDir)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, vault.ErrNoVault
	}
	return nil, errLockedVault()
}

// state is protocol.Status.Vault.
func (k *keeper) state() string {
	k.mu.RLock()
	v, damaged := k.v, k.damaged
	k.mu.RUnlock()
	if v != nil {
		return "unlocked"
	}
	there, err := vault.Exists(k.a.cfg.Profile.VaultDir)
	switch {
	case err != nil || damaged:
		return "damaged"
	case there:
		return "locked"
	}
	return "none"
}

// take makes a vault that was just opened or made the agent's own.
func (k *keeper) take(ctx context.Context, v *vault.Vault) error {
	pairs, off, choices, err := readSettings(ctx, v)
	if err != nil {
		return err
	}
	k.mu.Lock()
	k.v, k.damaged, k.pairs, k.off, k.choices = v, false, pairs, off, choices
	k.active = k.a.clock()
	k.mu.Unlock()
	return nil
}

func readSettings(ctx context.Context, v *vault.Vault) (map[string]pairing, map[string]bool, protocol.Settings, error) {
	pairs, off, choices := map[string]pairing{}, map[string]bool{}, defaultChoices()
	all, err := v.Settings(ctx, "")
	if err != nil {
		return nil, nil, choices, fmt.Errorf("could not read the settings: %w", err)
	}
	for name, value := range all {
		if id, ok := strings.CutPrefix(name, settingBrowser); ok {
			var p pairing
			if err := json.Unmarshal(value, &p); err != nil {
				return nil, nil, choices, fmt.Errorf("could not read a pairing: %w", err)
			}
			pairs[id] = p
		} else if site, ok := strings.CutPrefix(name, settingSiteOff); ok {
			off[site] = true
		} else if name == settingChoices {
			if err := json.Unmarshal(value, &choices); err != nil {
				return nil, nil, choices, fmt.Errorf("could not read the settings: %w", err)
			}
		}
	}
	return pairs, off, choices, nil
}

// close closes the vault, if it is open.
func (k *keeper) close() error {
	k.mu.Lock()
	v := k.v
	k.v = nil
	k.mu.Unlock()
	if v == nil {
		return nil
	}
	return v.Close()
}

// tri is an answer that only the open vault knows.
type tri string

const (
	yes     tri = "yes"
	no      tri = "no"
	unknown tri = "unknown"
)

// paired reports whether the person let a key in, for this extension.
func (k *keeper) paired(id, caller string) tri {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.v == nil {
		return unknown
	}
	if p, ok := k.pairs[id]; ok && p.Caller == caller {
		return yes
	}
	return no
}

// pair lets a key in.
func (k *keeper) pair(ctx context.Context, id string, p pairing) error {
	v, err := k.open()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("could not write a pairing: %w", err)
	}
	if err := v.SetSetting(ctx, settingBrowser+id, raw); err != nil {
		return err
	}
	k.mu.Lock()
	k.pairs[id] = p
	k.mu.Unlock()
	return nil
}

// unpair takes a key's right away.
func (k *keeper) unpair(ctx context.Context, id string) error {
	v, err := k.open()
	if err != nil {
		return err
	}
	k.mu.RLock()
	_, ok := k.pairs[id]
	k.mu.RUnlock()
	if !ok {
		return protocol.Errorf(protocol.CodeNotFound, "no browser is paired under this name")
	}
	if err := v.DeleteSetting(ctx, settingBrowser+id); err != nil {
		return err
	}
	k.mu.Lock()
	delete(k.pairs, id)
	k.mu.Unlock()
	return nil
}

// seen notes, once a day at most, that a paired browser was here: each note is a durable write.
func (k *keeper) seen(id string, private bool) {
	now := time.Now()
	k.mu.RLock()
	v := k.v
	p, ok := k.pairs[id]
	k.mu.RUnlock()
	if !ok || private || v == nil || now.Sub(p.SeenAt) < 24*time.Hour {
		return
	}
	p.SeenAt = now
	if err := k.pair(context.Background(), id, p); err != nil {
		k.a.log.Warn().Err(err).Msg("could not note when a browser was last seen")
	}
}

// siteOff reports whether the person switched Keyferry off for a site.
func (k *keeper) siteOff(site string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.off[site]
}

// setSite switches a site off or on.
func (k *keeper) setSite(ctx context.Context, site string, off bool) error {
	v, err := k.open()
	if err != nil {
		return err
	}
	if off {
		err = v.SetSetting(ctx, settingSiteOff+site, []byte{1})
	} else {
		err = v.DeleteSetting(ctx, settingSiteOff+site)
	}
	if err != nil {
		return err
	}
	k.mu.Lock()
	if off {
		k.off[site] = true
	} else {
		delete(k.off, site)
	}
	k.mu.Unlock()
	return nil
}

// settings returns the person's choices.
func (k *keeper) settings() protocol.Settings {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.choices
}

// window is how long a verification of the person counts.
func (k *keeper) window() time.Duration {
	return time.Duration(k.settings().VerifyForMs) * time.Millisecond
}

// consented restarts the idle clock: the person said yes to something. A page that asks is no activity.
func (k *keeper) consented() {
	k.mu.Lock()
	k.active = k.a.clock()
	k.mu.Unlock()
}

// passphraseGiven notes that the person proved themselves by more than a PIN, from which a PIN's hours count.
func (k *keeper) passphraseGiven() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.proved = k.a.clock()
	if k.pin != nil {
		k.pin.since = k.proved
	}
}

// locksIn is the time until the vault locks by itself; ok is false where it is not open.
func (k *keeper) locksIn() (d time.Duration, ok bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.v == nil {
		return 0, false
	}
	return time.Duration(k.choices.LockAfterMs)*time.Millisecond - (k.a.clock() - k.active), true
}

// noteDamage remembers that the vault did not open because it is damaged.
func (k *keeper) noteDamage(err error) {
	var d *vault.DamagedError
	k.mu.Lock()
	k.damaged = errors.As(err, &d)
	k.mu.Unlock()
}
