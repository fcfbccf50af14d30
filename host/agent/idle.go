package agent

import (
	"context"
	"time"
)

// tick is how often the clock is looked at. Go's timers stand still while the machine sleeps, so that a timer alone
// would lock too late after a night with the lid closed.
const tick = time.Second

// watchClock locks the vault after a time without a consented action, and ends an agent that nobody needs.
func (a *agent) watchClock(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			a.look()
		}
	}
}

// look is one look at the clock.
func (a *agent) look() {
	if left, open := a.keep.locksIn(); open {
		if left <= 0 {
			a.lock("no action for a while", true)
		} else if v, due := a.keep.purgeDue(); due {
			a.purge(v)
		}
		return
	}
	if a.otherVersion.Load() && a.replaced() && a.idleOfWork() {
		a.end(ending{reason: "a newer version is installed", lock: true, keepPIN: true})
		return
	}
	if a.keep.pinExpired() {
		a.dropPIN("12 hours without the passphrase")
		return
	}
	a.mu.Lock()
	quiet := len(a.conns) == 0 && a.clock()-a.quiet > a.limits.IdleEnd
	a.mu.Unlock()
	if quiet && !a.keep.hasPIN() {
		a.end(ending{reason: "locked and idle"})
	}
}

// lock forgets everything by starting again; keepPIN is for locks that a PIN may open. It reports whether there was
// anything to forget.
func (a *agent) lock(reason string, keepPIN bool) bool {
	if _, err := a.keep.open(); err != nil && (keepPIN || !a.keep.hasPIN()) {
		return false
	}
	a.end(ending{reason: reason, lock: true, keepPIN: keepPIN})
	return true
}

// dropPIN forgets the PIN of a locked vault.
func (a *agent) dropPIN(reason string) {
	a.end(ending{reason: "PIN erased: " + reason, lock: true})
}
