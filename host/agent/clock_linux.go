package agent

import (
	"time"

	"golang.org/x/sys/unix"
)

// bootTime is the time since the machine started, time asleep included, which Go's own monotonic clock leaves out.
func bootTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic(err) // the kernel has had it since 2.6.39; a lock that can't tell time must not go on
	}
	return time.Duration(ts.Nano())
}
