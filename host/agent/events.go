package agent

import (
	"context"
	"errors"
	"time"
)

// sessionEvent is what happens to the person's session at the machine.
type sessionEvent int

const (
	eventSleep sessionEvent = iota // the machine is about to sleep
	eventLock                      // the screen was locked
	eventEnd                       // the person logs out, or the machine goes down
)

// sessionEvents tells what happens to the session until ctx ends.
type sessionEvents interface {
	// watch calls f for each event; f reports whether the process is about to lock or end. It returns when ctx ends (nil) or when there is nothing to listen to.
	watch(ctx context.Context, f func(sessionEvent) bool) error
}

// errNoEvents: this system has nothing that tells of sleep and screen locks.
var errNoEvents = errors.New("no logind here: suspend and screen lock don't lock the vault, time does")

// watchSession locks on sleep, screen lock and the end of the session. A bus that goes away is looked for again.
func (a *agent) watchSession(ctx context.Context) {
	source := newSessionEvents(a.cfg.SystemBus)
	for first := true; ctx.Err() == nil; first = false {
		err := source.watch(ctx, a.sessionChanged)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errNoEvents) && first {
			a.log.Info().Err(err).Msg("sleep and screen lock can't be seen")
		} else if first {
			a.log.Warn().Err(err).Msg("the connection to logind was lost")
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
		}
	}
}

// sessionChanged acts on an event. Sleep erases a PIN too: a machine that sleeps can be carried away.
func (a *agent) sessionChanged(e sessionEvent) (stopping bool) {
	choices := a.keep.settings()
	open := true
	if _, err := a.keep.open(); err != nil {
		open = false
	}
	switch e {
	case eventSleep:
		if !open || choices.LockOnSuspend {
			return a.lock("suspend", false)
		}
	case eventLock:
		if open && choices.LockOnScreen {
			return a.lock("screen lock", true)
		}
	case eventEnd:
		a.end(ending{reason: "the session ends"})
		return true
	}
	return false
}
