package agent

import (
	"slices"
	"time"
)

// attempts are the times of what may be tried only so often, the latest last. Whoever keeps them guards them.
type attempts []time.Time

// another notes one more, unless there were most of them within the last window already.
func (l *attempts) another(now time.Time, most int, window time.Duration) bool {
	*l = slices.DeleteFunc(*l, func(at time.Time) bool { return now.Sub(at) > window })
	if len(*l) >= most {
		return false
	}
	*l = append(*l, now)
	return true
}

// takeBack forgets the last one: it troubled nobody.
func (l *attempts) takeBack() { *l = (*l)[:max(0, len(*l)-1)] }
