package agent

import (
	"context"
	"sync"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
)

// Any program of the user can ask for something that takes a dialog. One dialog is shown at a time, and whoever's dialogs
// are dismissed again and again gets no more of them for a while: a person who is asked often enough says yes to be left
// alone. What a person agreed to does not count.

const (
	dialogBurst  = 6 // that may be dismissed in a row
	dialogRefill = 20 * time.Second
)

// patience is what is left of it, by who asks: the command line, each paired browser, and all others together, since those
// can call themselves what they like.
type patience struct {
	mu   sync.Mutex
	left map[string]*dialogAllowance
}

type dialogAllowance struct {
	left float64
	at   time.Duration // boot time
}

const (
	askerCLI      = "command line"
	askerStranger = "stranger"
)

// asking goes with a request's context: who asks, and how many dialogs that has cost so far.
type asking struct {
	who   string
	taken int
}

type askingKey struct{}

// patienceOf names the allowance that a connection's dialogs are taken from.
func (a *agent) patienceOf(c *conn) string {
	if c.hello.Role == roleCLI {
		return askerCLI
	}
	if s := c.session.Load(); s != nil && a.keep.paired(s.id, c.hello.Caller) == yes {
		return s.id
	}
	return askerStranger
}

// mayAsk takes one dialog from the allowance of whoever asks. What begins without a request has limits of its own.
func (a *agent) mayAsk(ctx context.Context) error {
	q, ok := ctx.Value(askingKey{}).(*asking)
	if !ok {
		return nil
	}
	p := &a.patience
	p.mu.Lock()
	defer p.mu.Unlock()
	burst, now := float64(a.limits.Dialogs), a.clock()
	w := p.left[q.who]
	if w == nil {
		if p.left == nil {
			p.left = map[string]*dialogAllowance{}
		}
		w = &dialogAllowance{left: burst, at: now}
		p.left[q.who] = w
	}
	w.left = min(burst, w.left+(now-w.at).Seconds()/dialogRefill.Seconds())
	w.at = now
	if w.left < 1 {
		wait := time.Duration((1 - w.left) * float64(dialogRefill)).Round(time.Second)
		return protocol.Errorf(protocol.CodeRateLimited, "too many of its dialogs were dismissed; ask again in %s", max(wait, time.Second))
	}
	w.left--
	q.taken++
	return nil
}

// agreed gives back what a request took that the person agreed to.
func (a *agent) agreed(q *asking) {
	a.patience.mu.Lock()
	defer a.patience.mu.Unlock()
	if w := a.patience.left[q.who]; w != nil {
		w.left += float64(q.taken)
	}
	q.taken = 0
}

// dialogAt finds the dialog for a place, and waits until no other one is shown. The error is [consent.ErrNoDialog] where
// there is none.
func (a *agent) dialogAt(ctx context.Context, w protocol.Where) (p consent.Prompter, done func(), err error) {
	if p, err = a.prompter(w); err != nil {
		return nil, nil, err
	}
	done, err = a.oneDialog(ctx)
	return p, done, err
}

// oneDialog waits until no other dialog is shown.
func (a *agent) oneDialog(ctx context.Context) (done func(), err error) {
	if err := a.mayAsk(ctx); err != nil {
		return nil, err
	}
	select {
	case a.dialogs <- struct{}{}:
		return func() { <-a.dialogs }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
