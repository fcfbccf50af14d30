package cxp

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// freeMemory is how many bytes this machine could still give, caches included, and within a memory
// limit of the control group no more than that leaves.
func freeMemory() (uint64, error) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	defer f.Close() // only read: nothing is lost
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) < 2 || fields[0] != "MemAvailable:" {
			continue
		}
		kib, err := strconv.ParseUint(fields[1], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/meminfo: %w", err)
		}
		return min(kib<<10, cgroupLeft()), nil
	}
	return 0, fmt.Errorf("/proc/meminfo does not say how much memory is available")
}

// cgroupLeft is what version 2 control groups leave to this process; without a limit, everything.
func cgroupLeft() uint64 {
	const all = 1<<64 - 1
	read := func(name string) (uint64, bool) {
		raw, err := os.ReadFile("/sys/fs/cgroup/" + name)
		if err != nil {
			return 0, false
		}
		n, err := strconv.ParseUint(strings.TrimSpace(string(raw)), 10, 64)
		return n, err == nil
	}
	limit, ok := read("memory.max")
	if !ok {
		return all
	}
	used, ok := read("memory.current")
	if !ok || used > limit {
		return all
	}
	return limit - used
}
