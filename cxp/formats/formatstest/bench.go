package formatstest

import (
	"io"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// BenchmarkRead reads a file of n items again and again and reports items per second.
func BenchmarkRead(b *testing.B, f formats.Format, data []byte, password string, n int) {
	b.Helper()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		count := 0
		in := Input(data, password)
		in.OnItem = func(int, cxf.Item) error { count++; return nil }
		if _, err := f.Read(b.Context(), in); err != nil {
			b.Fatal(err)
		}
		if count != n {
			b.Fatalf("read %d items of %d", count, n)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkWrite writes a document of n items again and again.
func BenchmarkWrite(b *testing.B, w formats.Writer, d *formats.Document, o formats.WriteOptions, n int) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Write(b.Context(), io.Discard, d, o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
