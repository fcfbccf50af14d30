//go:build !race && linux

package vault

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// Argon2's quarter of a gigabyte does not stay with the process.
// Not under the race detector, whose shadow of the memory stays.
func TestArgonGivesItsMemoryBack(t *testing.T) {
	before := residentKiB(t)
	Cost{MemoryKiB: 256 << 10, Passes: 1, Lanes: 2}.derive([]byte("p"), make([]byte, 16))
	if after := residentKiB(t); after > before+64<<10 {
		t.Fatalf("%d MiB before, %d MiB after", before>>10, after>>10)
	}
}

func residentKiB(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); f[0] == "RssAnon:" {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no RssAnon")
	return 0
}
