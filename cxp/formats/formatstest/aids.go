package formatstest

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Testdata reads a file of the folder testdata of the package under test.
func Testdata(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// JSON is a value as JSON.
func JSON(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Tool finds a program that proves our work from outside. One that is missing is a failure and no reason to skip: `make
// setup-test` installs all of them.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: make setup-test installs it", name)
	}
	return path
}

// Spaces reads as n spaces, which JSON and XML allow almost anywhere.
func Spaces(n int64) io.Reader { return io.LimitReader(blank{}, n) }

type blank struct{}

// Read implements [io.Reader].
func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// Peak runs f and says by how much the heap grew meanwhile at the most, in bytes, as seen whenever f calls sample.
func Peak(f func(sample func())) uint64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most := uint64(0)
	f(func() {
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapInuse-min(now.HeapInuse, before.HeapInuse))
	})
	return most
}
