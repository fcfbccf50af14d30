//go:build !linux

package agent

import "context"

// noEvents: sleep and screen lock are not seen on this system yet; the idle clock counts time asleep.
type noEvents struct{}

func newSessionEvents(string) sessionEvents { return noEvents{} }

func (noEvents) watch(ctx context.Context, _ func(sessionEvent) bool) error {
	<-ctx.Done()
	return nil
}
