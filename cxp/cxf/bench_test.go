package cxf

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	stdjson "encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// The benchmarks measure writing and reading against the floor that nobody can
// go below: JSON, DEFLATE and one pass of AES-GCM over the same bytes, in the same
// run. They print ratios, which mean the same on every machine.

// vaultOf makes a document of n passkeys.
func vaultOf(b *testing.B, n int) *Header {
	b.Helper()
	h := header()
	// Keys are made once per hundred: making them is not what is measured.
	keys := make([][]byte, (n+99)/100)
	for i := range keys {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		if keys[i], err = MarshalPrivateKey(key); err != nil {
			b.Fatal(err)
		}
	}
	items := make([]Item, n)
	random := make([]byte, 48*n)
	rand.Read(random)
	for i := range items {
		bits := random[48*i : 48*i+48]
		site := fmt.Sprintf("site-%d.example", i)
		items[i] = Item{ID: NewID(), CreationAt: 1700000000 + int64(i), ModifiedAt: 1710000000, Title: site,
			Scope: &CredentialScope{URLs: []string{"https://" + site}},
			Credentials: []Credential{&Passkey{CredentialID: bits[:32], RPID: site, Username: fmt.Sprintf("user%d@example.com", i),
				UserDisplayName: "A Person", UserHandle: bits[32:], Key: keys[i/100]}}}
	}
	h.Accounts[0].Items = items
	return h
}

func gcm(b *testing.B) cipher.AEAD {
	b.Helper()
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	return aead
}

// seal is the floor's way out: compress and encrypt.
func seal(b *testing.B, aead cipher.AEAD, write func(io.Writer) error) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		b.Fatal(err)
	}
	if err := write(w); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return aead.Seal(nil, make([]byte, 12), out.Bytes(), nil)
}

// open is the floor's way in: decrypt and inflate.
func open(b *testing.B, aead cipher.AEAD, sealed []byte) io.Reader {
	plain, err := aead.Open(nil, make([]byte, 12), sealed, nil)
	if err != nil {
		b.Fatal(err)
	}
	return flate.NewReader(bytes.NewReader(plain))
}

// plainDocument mirrors the document in the simplest Go types there are.
type plainDocument struct {
	Version struct {
		Major uint8 `json:"major"`
		Minor uint8 `json:"minor"`
	} `json:"version"`
	ExporterRPID        string         `json:"exporterRpId"`
	ExporterDisplayName string         `json:"exporterDisplayName"`
	Timestamp           int64          `json:"timestamp"`
	Accounts            []plainAccount `json:"accounts"`
}

type plainAccount struct {
	ID          string      `json:"id"`
	Username    string      `json:"username"`
	Email       string      `json:"email"`
	Collections []string    `json:"collections"`
	Items       []plainItem `json:"items"`
}

type plainItem struct {
	ID          string            `json:"id"`
	CreationAt  int64             `json:"creationAt"`
	ModifiedAt  int64             `json:"modifiedAt"`
	Title       string            `json:"title"`
	Scope       map[string]any    `json:"scope"`
	Credentials []plainCredential `json:"credentials"`
}

type plainCredential struct {
	Type            string `json:"type"`
	CredentialID    string `json:"credentialId"`
	RPID            string `json:"rpId"`
	Username        string `json:"username"`
	UserDisplayName string `json:"userDisplayName"`
	UserHandle      string `json:"userHandle"`
	Key             string `json:"key"`
}

// sizes are 10,000 passkeys, and 100,000 unless -short.
func sizes() []int {
	if testing.Short() {
		return []int{10_000}
	}
	return []int{10_000, 100_000}
}

// BenchmarkExport writes, compresses and encrypts; "×floor" must be at most 2.5.
func BenchmarkExport(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h, aead := vaultOf(b, n), gcm(b)
			var text bytes.Buffer
			if _, err := Write(&text, h, &WriteOptions{SkipKeyCheck: true}); err != nil {
				b.Fatal(err)
			}
			var plain plainDocument
			if err := json.Unmarshal(text.Bytes(), &plain); err != nil {
				b.Fatal(err)
			}
			var floor, floorStd, ours, checked time.Duration
			b.ResetTimer()
			for b.Loop() {
				floor += timed(func() {
					seal(b, aead, func(w io.Writer) error { return json.MarshalWrite(w, plain) })
				})
				floorStd += timed(func() {
					seal(b, aead, func(w io.Writer) error { return stdjson.NewEncoder(w).Encode(plain) })
				})
				ours += timed(func() {
					seal(b, aead, func(w io.Writer) error {
						_, err := Write(w, h, &WriteOptions{SkipKeyCheck: true})
						return err
					})
				})
				checked += timed(func() {
					for i := range h.Accounts[0].Items {
						h.Accounts[0].Items[i].CheckKeys()
					}
				})
			}
			ratios(b, floor, floorStd, ours, checked, text.Len())
		})
	}
}

// BenchmarkImport decrypts, inflates and reads; "×floor" must be at most 4.
func BenchmarkImport(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h, aead := vaultOf(b, n), gcm(b)
			size := 0
			sealed := seal(b, aead, func(w io.Writer) error {
				_, err := Write(io.MultiWriter(w, counter{&size}), h, &WriteOptions{SkipKeyCheck: true})
				return err
			})
			var floor, floorStd, ours, checked time.Duration
			b.ResetTimer()
			for b.Loop() {
				floor += timed(func() {
					var plain plainDocument
					if err := json.UnmarshalRead(open(b, aead, sealed), &plain); err != nil {
						b.Fatal(err)
					}
				})
				floorStd += timed(func() {
					var plain plainDocument
					if err := stdjson.NewDecoder(open(b, aead, sealed)).Decode(&plain); err != nil {
						b.Fatal(err)
					}
				})
				var read *Header
				ours += timed(func() {
					var err error
					if read, _, err = Read(open(b, aead, sealed), &ReadOptions{SkipKeyCheck: true}); err != nil {
						b.Fatal(err)
					}
				})
				checked += timed(func() {
					for i := range read.Accounts[0].Items {
						read.Accounts[0].Items[i].CheckKeys()
					}
				})
			}
			ratios(b, floor, floorStd, ours, checked, size)
		})
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func ratios(b *testing.B, floor, floorStd, ours, checked time.Duration, size int) {
	b.ReportMetric(0, "ns/op") // the sum of all is of no interest
	b.ReportMetric(float64(ours)/float64(floor), "×floor")
	b.ReportMetric(float64(ours)/float64(floorStd), "×floor(encoding/json)")
	b.ReportMetric(float64(checked)/float64(floor), "keys×floor")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms")
	b.ReportMetric(float64(size)/(1<<20), "MiB")
}

type counter struct{ n *int }

func (c counter) Write(p []byte) (int, error) { *c.n += len(p); return len(p), nil }

// BenchmarkPeakMemory reads and writes a document; "×document" must be at most 4.
func BenchmarkPeakMemory(b *testing.B) {
	for _, n := range sizes() {
		h := vaultOf(b, n)
		var text bytes.Buffer
		if _, err := Write(&text, h, &WriteOptions{SkipKeyCheck: true}); err != nil {
			b.Fatal(err)
		}
		document := bytes.Clone(text.Bytes())
		text = bytes.Buffer{}
		var read *Header
		measure := func(name string, f func() error) {
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
				var peak uint64
				for b.Loop() {
					peak = max(peak, peakOf(b, f))
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(peak)/float64(len(document)), "×document")
			})
		}
		measure("write", func() error {
			_, err := Write(io.Discard, h, &WriteOptions{SkipKeyCheck: true})
			return err
		})
		h = nil
		measure("read", func() (err error) {
			read, _, err = Read(bytes.NewReader(document), &ReadOptions{SkipKeyCheck: true})
			return err
		})
		read = nil
		measure("stream", func() error {
			_, _, err := Read(bytes.NewReader(document), &ReadOptions{SkipKeyCheck: true, OnItem: func(int, Item) error { return nil }})
			return err
		})
		runtime.KeepAlive(read)
	}
}

// peakOf returns how far the heap grows while f runs, garbage included.
func peakOf(b *testing.B, f func() error) uint64 {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, atomic.Uint64{}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapAlloc))
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	err := f()
	close(stop)
	<-stopped
	if err != nil {
		b.Fatal(err)
	}
	runtime.ReadMemStats(&m)
	return max(peak.Load(), m.HeapAlloc) - min(before, max(peak.Load(), m.HeapAlloc))
}
