package cxp

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Peak memory against the size of the document, each measured as the high-water mark of a process of
// its own, less what it had before it began. Issue 4 allows four times.

const memoryJob = "CXP_TEST_MEMORY_JOB"

func TestMain(m *testing.M) {
	if job := os.Getenv(memoryJob); job != "" {
		if err := runMemoryJob(strings.Fields(job)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// streamed yields n items as a vault does, one at a time.
func streamed(items []cxf.Item, n int) *cxf.WriteOptions {
	return &cxf.WriteOptions{SkipKeyCheck: true, Items: func(int) func(func(*cxf.Item, error) bool) {
		return func(yield func(*cxf.Item, error) bool) {
			for i := range n {
				item := items[i%len(items)]
				pk := *item.Credentials[0].(*cxf.Passkey)
				id := fmt.Sprintf("%016d", i)
				item.ID, pk.CredentialID = b64(id), []byte(id)
				item.Credentials = []cxf.Credential{&pk}
				if !yield(&item, nil) {
					return
				}
			}
		}
	}}
}

// runMemoryJob does one job and prints the peak of memory that it took, in bytes.
func runMemoryJob(job []string) error {
	n, err := strconv.Atoi(job[1])
	if err != nil {
		return err
	}
	path, statePath := job[2], job[2]+".state"
	ctx := context.Background()
	var tb testing.B // only for helpers that may fail
	switch job[0] {
	case "export":
		doc := passkeyDocument(&tb, 1000)
		items := doc.Accounts[0].Items
		doc.Accounts[0].Items = nil
		p, err := NewRequest(RequestOptions{Mode: Indirect, Importer: "importer.example"})
		if err != nil {
			return err
		}
		state, err := p.State()
		if err != nil {
			return err
		}
		if err := os.WriteFile(statePath, state, 0o600); err != nil {
			return err
		}
		e, err := NewExporter(p.Request(), ExportOptions{Document: doc, CXF: streamed(items, n), Confirmation: &Confirmation{p.Request().Fingerprint()}})
		if err != nil {
			return err
		}
		out, err := os.Create(path)
		if err != nil {
			return err
		}
		return peak(func() error {
			_, err := e.WriteResponse(ctx, out)
			return err
		})
	case "import", "import-held":
		state, err := os.ReadFile(statePath)
		if err != nil {
			return err
		}
		p, err := RestorePending(state, nil)
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		o := OpenOptions{CXF: &cxf.ReadOptions{SkipKeyCheck: true}}
		if job[0] == "import" {
			o.CXF.OnItem = func(int, cxf.Item) error { return nil }
		}
		return peak(func() error {
			resp, err := ScanResponse(ctx, f, nil)
			if err != nil {
				return err
			}
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return err
			}
			o.Confirmation = &Confirmation{resp.Fingerprint()}
			im, err := p.Open(ctx, f, resp, o)
			if err != nil {
				return err
			}
			return im.Drain()
		})
	}
	return fmt.Errorf("unknown job %q", job)
}

func peak(do func() error) error {
	before, err := highWater()
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	after, err := highWater()
	if err != nil {
		return err
	}
	fmt.Println(after - before)
	return nil
}

// highWater is the most memory this process ever had resident, in bytes.
func highWater() (int64, error) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if kib, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kib), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("no VmHWM")
}

func BenchmarkPeakMemory(b *testing.B) {
	if _, err := highWater(); err != nil {
		b.Skip("this system does not say:", err)
	}
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{10_000, 100_000} {
		doc := passkeyDocument(b, 1000)
		items := doc.Accounts[0].Items
		doc.Accounts[0].Items = nil
		var size countingWriter
		size.w, size.limit = io.Discard, MaxIndexSize
		if _, err := cxf.Write(&size, doc, streamed(items, n)); err != nil {
			b.Fatal(err)
		}
		path := filepath.Join(b.TempDir(), "response.json")
		for _, job := range []string{"export", "import", "import-held"} {
			b.Run(fmt.Sprintf("%s/%d", job, n), func(b *testing.B) {
				var most int64
				for b.Loop() {
					cmd := exec.Command(self)
					cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", memoryJob, job, n, path))
					cmd.Stderr = os.Stderr
					out, err := cmd.Output()
					if err != nil {
						b.Fatal(err)
					}
					got, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
					if err != nil {
						b.Fatal(err)
					}
					most = max(most, got)
				}
				b.ReportMetric(float64(most)/float64(size.n), "x-document")
				b.ReportMetric(float64(size.n)/(1<<20), "document-MiB")
			})
		}
	}
}
