//go:build linux

package vault

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// figures is one row of the table that `make bench` shows.
type figures struct {
	Passkeys                  int
	Open, Lookup, Create      time.Duration // medians; Open is after key derivation
	Floor                     time.Duration // P-256 key generation and one fsynced append of 1 KiB, same run
	Scan, Search, FirstSearch time.Duration // whole verification; a search warm and cold
	PrivateKiB                int           // of a process that has opened and verified it
	DiskRatio                 float64       // du after close / plain bytes
}

// TestFigures measures (KEYFERRY_BENCH=1) and asserts nothing: the bounds belong to who reads the table.
func TestFigures(t *testing.T) {
	if os.Getenv("KEYFERRY_BENCH") != "1" {
		t.Skip("set KEYFERRY_BENCH=1 to measure")
	}
	var rows []figures
	for _, n := range []int{100, 10_000, 100_000} {
		rows = append(rows, measure(t, n))
	}
	ratio := measureAssertion(t)
	fmt.Println("| passkeys | open | lookup by RP | ×100's | create | ×floor | verify all | search cold / warm | private | disk ×plain |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, r := range rows {
		fmt.Printf("| %d | %v | %v | %.2f | %v | %.2f | %v | %v / %v | %.1f MB | %.2f |\n", r.Passkeys, r.Open.Round(100*time.Microsecond), r.Lookup,
			float64(r.Lookup)/float64(rows[0].Lookup), r.Create, float64(r.Create)/float64(r.Floor), r.Scan.Round(time.Millisecond),
			r.FirstSearch.Round(time.Millisecond), r.Search.Round(100*time.Microsecond), float64(r.PrivateKiB)/1024, r.DiskRatio)
	}
	fmt.Printf("assertion from the sealed record against a bare P-256 signature: %.2f\n", ratio)
	b, err := json.Marshal(map[string]any{"rows": rows, "assertion": ratio})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("figures:", string(b))
}

func measure(t *testing.T, n int) figures {
	t.Helper()
	ctx := context.Background()
	f := figures{Passkeys: n}
	v := newVaultIn(t, t.TempDir())
	sample := fill(t, ctx, v, n)
	v = reopen(t, v)
	plain := plainBytes(t, v)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	f.DiskRatio = float64(diskUse(t, v.dir)) / float64(plain)
	var opens []time.Duration
	for range 5 {
		start := time.Now()
		w, err := Open(ctx, v.dir, secret(), cheap())
		if err != nil {
			t.Fatal(err)
		}
		opens = append(opens, time.Since(start))
		if _, err := w.AwaitHealth(ctx); err != nil {
			t.Fatal(err)
		}
		if f.Scan = time.Since(start); w.Close() != nil {
			t.Fatal("close")
		}
	}
	f.Open = median(opens)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), tortureEnv+"="+v.dir, "KEYFERRY_TORTURE_FROM=memory")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if f.PrivateKiB, err = strconv.Atoi(strings.TrimSpace(string(out))); err != nil {
		t.Fatal(err)
	}
	v = openIn(t, v.dir)
	if _, err := v.AwaitHealth(ctx); err != nil {
		t.Fatal(err)
	}
	f.Lookup = medianOf(400, func(i int) {
		if l, err := v.PasskeysByRP(ctx, sample[i%len(sample)].RPID); err != nil || len(l) != 1 {
			t.Fatal(l, err)
		}
	})
	find := func(int) {
		if p, err := v.Search(ctx, "jose "+sample[len(sample)-1].RPID, "", 50); err != nil || p.Total == 0 {
			t.Fatal(p, err)
		}
	}
	f.FirstSearch = medianOf(1, find)
	f.Search = medianOf(9, find)
	file, err := os.Create(filepath.Join(t.TempDir(), "append"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	// Turn by turn, so that both meet the same disk.
	var creates, floors []time.Duration
	for i := range 150 {
		creates = append(creates, medianOf(1, func(int) {
			if err := v.AddPasskey(ctx, samplePasskey(i, fmt.Sprintf("new%d.example", i), p256Key(t))); err != nil {
				t.Fatal(err)
			}
		}))
		floors = append(floors, medianOf(1, func(int) {
			p256Key(t)
			if _, err := file.Write(make([]byte, 1024)); err != nil {
				t.Fatal(err)
			}
			if err := file.Sync(); err != nil {
				t.Fatal(err)
			}
		}))
	}
	f.Create, f.Floor = median(creates), median(floors)
	return f
}

func measureAssertion(t *testing.T) float64 {
	ctx := context.Background()
	v, _ := filled(t, 1000)
	digest := sha256.Sum256([]byte("x"))
	var list []*Passkey
	for i := range 100 {
		p := samplePasskey(i, fmt.Sprintf("assert%d.example", i), p256Key(t))
		if err := v.AddPasskey(ctx, p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	v = reopen(t, v)
	if _, err := v.AwaitHealth(ctx); err != nil {
		t.Fatal(err)
	}
	bare, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// Processor time of the whole process, collector included: on a busy machine the clock says more about the neighbours.
	var a, b []time.Duration
	for i := range 5 { // long turns: the system counts in ticks
		a = append(a, processorTime(t, func() {
			for range 3000 {
				if _, err := ecdsa.SignASN1(rand.Reader, bare, digest[:]); err != nil {
					t.Fatal(err)
				}
			}
		}))
		b = append(b, processorTime(t, func() {
			for n := range 3000 {
				p := list[(3000*i+n)%len(list)]
				got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID)
				if err != nil {
					t.Fatal(err)
				}
				k, err := x509.ParsePKCS8PrivateKey(got.PrivateKey)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := ecdsa.SignASN1(rand.Reader, k.(*ecdsa.PrivateKey), digest[:]); err != nil {
					t.Fatal(err)
				}
				got.Clear()
			}
		}))
	}
	return float64(median(b)) / float64(median(a))
}

func processorTime(t *testing.T, fn func()) time.Duration {
	t.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	fn()
	return used() - before
}

func medianOf(n int, fn func(i int)) time.Duration {
	l := make([]time.Duration, n)
	for i := range l {
		start := time.Now()
		fn(i)
		l[i] = time.Since(start)
	}
	return median(l)
}

func median(l []time.Duration) time.Duration {
	slices.Sort(l)
	return l[len(l)/2]
}

// plainBytes is the sum of all members' bytes, as a file without any structure would hold them.
func plainBytes(t *testing.T, v *Vault) (n int) {
	t.Helper()
	err := v.view(context.Background(), func(r reader) error {
		return r.each(context.Background(), kindPasskey, func(key recordKey, _ envelope) error {
			p, err := r.passkey(idOf(key))
			if err != nil {
				return err
			}
			for _, b := range [][]byte{p.CredentialID, p.UserHandle, p.PrivateKey, p.CredWithUV, p.CredWithoutUV, p.Extra} {
				n += len(b)
			}
			n += len(p.RPID) + len(p.RPName) + len(p.UserName) + len(p.UserDisplayName) + len(p.Title) + 16 + 3*8 + 8
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func diskUse(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		var st syscall.Stat_t
		if err == nil {
			err = syscall.Lstat(path, &st)
		}
		n += st.Blocks * 512
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// memoryChild opens the vault, verifies it and says how much private memory that took.
func memoryChild(dir string) error {
	v, err := Open(context.Background(), dir, secret(), cheap())
	if err != nil {
		return err
	}
	defer v.Close()
	if _, err := v.AwaitHealth(context.Background()); err != nil {
		return err
	}
	if _, err := v.Search(context.Background(), "jose", "", 50); err != nil {
		return err
	}
	debug.FreeOSMemory()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "RssAnon:" {
			fmt.Println(f[1])
		}
	}
	return nil
}
