package transfer

import (
	"context"
	"runtime"
	"sync"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// aheadItems bounds how many items are made before they are written. Their private keys are in memory as long.
const aheadItems = 16

// made is an item of an export.
type made struct {
	it   *cxf.Item
	from []placed
	err  error
}

// ahead makes the items of groups, in their order, on as many cores as there are: reading and unsealing them is most of
// the work of an export. next gives one after another; stop ends the work and erases what nobody asked for.
func (e *Export) ahead(ctx context.Context, groups []group) (next func() (*cxf.Item, []placed, error), stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	type job struct {
		g   group
		out chan made // of one, so that nobody waits to hand it over
	}
	jobs, order := make(chan job), make(chan chan made, aheadItems)
	var work sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 4) {
		work.Go(func() {
			for j := range jobs {
				var m made
				m.it, m.from, m.err = e.item(ctx, j.g)
				j.out <- m
			}
		})
	}
	work.Go(func() {
		defer close(jobs)
		defer close(order)
		for _, g := range groups {
			j := job{g, make(chan made, 1)}
			select {
			case order <- j.out:
			case <-ctx.Done():
				return
			}
			jobs <- j
		}
	})
	next = func() (*cxf.Item, []placed, error) {
		out, ok := <-order
		if !ok {
			return nil, nil, context.Cause(ctx)
		}
		m := <-out
		return m.it, m.from, m.err
	}
	return next, func() {
		cancel()
		for out := range order {
			forget((<-out).it)
		}
		work.Wait()
	}
}
