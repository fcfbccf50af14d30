package agent

import (
	"runtime"
	"strings"
	"testing"
)

// A site that asks again and again, each time with a list as long as is taken, makes the agent keep no more than its
// due: what is over is kept for a while, in case its answer was lost.
func TestAnswersThatAreKeptAreBounded(t *testing.T) {
	if underRace {
		t.Skip("the race detector has a heap of its own")
	}
	r := newRig(t)
	c, _ := r.withVault()
	list := make([]any, 600)
	for i := range list {
		list[i] = map[string]any{"type": "public-key", "id": strings.Repeat("A", 1000)}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for range 100 {
		c.must(tab(1, "https://example.com"), "webauthn.get", get("example.com", map[string]any{"allowCredentials": list}), nil)
	}
	if grown := int64(heap()) - int64(before); grown > 16<<20 {
		t.Errorf("100 calls without a match left %d MiB behind", grown>>20)
	}
}
