//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// memory searches what a process can write of its own memory. It takes the rights of a debugger: without them nothing is
// looked at.
func (s *search) memory(pid string) (found []Found, looked int64, err error) {
	mem, err := os.Open("/proc/" + pid + "/mem")
	if errors.Is(err, fs.ErrPermission) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer mem.Close()
	maps, err := os.ReadFile("/proc/" + pid + "/maps")
	if err != nil {
		return nil, 0, err
	}
	seen := map[Found]bool{}
	buf := make([]byte, 4<<20)
	for line := range strings.Lines(string(maps)) {
		var begin, end int64
		var mode string
		if n, _ := fmt.Sscanf(line, "%x-%x %4s", &begin, &end, &mode); n < 3 || !strings.HasPrefix(mode, "rw") {
			continue
		}
		for at := begin; at < end; at += int64(len(buf) - s.longest) {
			n, _ := mem.ReadAt(buf[:min(int64(len(buf)), end-at)], at) // what was given back meanwhile is not there
			looked += int64(n)
			for _, p := range s.in(buf[:n]) {
				seen[Found{"memory of " + pid, p.encoding, p.needle}] = true
			}
		}
	}
	for f := range seen {
		found = append(found, f)
	}
	return found, looked, nil
}
