package formats_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/bitwarden"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

func archive(t testing.TB, entries map[string]io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range entries {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(f, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(data []byte) (*formats.Zip, error) {
	return formats.OpenZip(bytes.NewReader(data), int64(len(data)))
}

func TestZipsThatAreRefused(t *testing.T) {
	good := archive(t, map[string]io.Reader{"a": strings.NewReader("b")})
	if z, err := open(good); err != nil || !z.Has("a") || z.Size("a") != 1 {
		t.Fatal(err)
	}
	end := len(good) - 22
	change := func(f func(b []byte)) []byte {
		b := bytes.Clone(good)
		f(b)
		return b
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"cut short":                {good[:len(good)-5], formats.ErrDamaged},
		"empty":                    {nil, formats.ErrDamaged},
		"directory elsewhere":      {change(func(b []byte) { b[end+16]++ }), formats.ErrDamaged},
		"directory longer":         {change(func(b []byte) { b[end+12]++ }), formats.ErrDamaged},
		"directory of 4 GiB":       {change(func(b []byte) { binary.LittleEndian.PutUint32(b[end+12:], 1<<32-2) }), formats.ErrTooLarge},
		"something before":         {append([]byte("x"), good...), formats.ErrDamaged},
		"entries without end":      {bytes.Repeat([]byte("PK\x01\x02"+strings.Repeat("\x00", 42)), 1000), formats.ErrDamaged},
		"a directory of a million": {manyEntries(1_000_000), formats.ErrTooLarge},
	} {
		if _, err := open(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// manyEntries makes an archive of a directory that points nowhere, with counts that lie.
func manyEntries(n int) []byte {
	entry := "PK\x01\x02" + strings.Repeat("\x00", 24) + "\x01\x00" + strings.Repeat("\x00", 16) + "a"
	out := bytes.Repeat([]byte(entry), n)
	e := make([]byte, 22)
	binary.LittleEndian.PutUint32(e, 0x06054b50)
	binary.LittleEndian.PutUint16(e[8:], 1)
	binary.LittleEndian.PutUint16(e[10:], 1)
	binary.LittleEndian.PutUint32(e[12:], uint32(len(out)))
	return append(out, e...)
}

func TestZipEntriesThatAreRefused(t *testing.T) {
	good := archive(t, map[string]io.Reader{"a": strings.NewReader(strings.Repeat("b", 1000))})
	local, directory := 0, bytes.Index(good, []byte("PK\x01\x02"))
	for name, c := range map[string]struct {
		f    func(b []byte)
		want error
	}{
		"encrypted":           {func(b []byte) { b[local+6] |= 1; b[directory+8] |= 1 }, formats.ErrNotThis},
		"another method":      {func(b []byte) { b[local+8] = 99; b[directory+10] = 99 }, formats.ErrDamaged},
		"another checksum":    {func(b []byte) { b[directory+16] ^= 1 }, formats.ErrDamaged},
		"damaged":             {func(b []byte) { b[local+31] ^= 0xff }, formats.ErrDamaged},
		"larger than it says": {func(b []byte) { b[directory+24]-- }, formats.ErrDamaged},
	} {
		b := bytes.Clone(good)
		c.f(b)
		z, err := open(b)
		if err == nil {
			var r io.ReadCloser
			if r, err = z.Open("a"); err == nil {
				_, err = io.ReadAll(r)
			}
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTwoEntriesOfOneName(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for range 2 {
		if _, err := w.Create("a"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open(out.Bytes()); !errors.Is(err, formats.ErrDamaged) {
		t.Error(err)
	}
}

func TestZipBombs(t *testing.T) {
	item := `{"encrypted":false,"items":[{"id":"1","name":"One","type":1,"login":{"username":"u","password":"p"}}]}`
	for name, c := range map[string]struct {
		entries map[string]io.Reader
		want    string
	}{
		"a document of 300 MiB": {map[string]io.Reader{"data.json": io.MultiReader(strings.NewReader(`{"encrypted":false,"items":[`), kit.Spaces(300<<20), strings.NewReader("]}"))}, "data.json has 300 MiB: larger than Keyferry reads"},
		"a file of 80 MiB":      {map[string]io.Reader{"data.json": strings.NewReader(item), "attachments/1/big": kit.Spaces(80 << 20)}, ""},
	} {
		data := archive(t, c.entries)
		in := kit.Input(data, "")
		var r *formats.Result
		var err error
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err = bitwarden.Format{}.Read(t.Context(), in)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 { // all that was ever taken, given back or not
			t.Errorf("%s: used %d MiB", name, used>>20)
		}
		if c.want != "" && (err == nil || err.Error() != c.want || !errors.Is(err, formats.ErrTooLarge)) || c.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.want == "" {
			kit.Reports(t, r.Report, "One → file big: was left out: it has more than 64 MiB")
		}
	}
}

// A document of 200 MB is read in a few MiB where its items stream.
func TestTwoHundredMegabytes(t *testing.T) {
	in := &formats.Input{ReaderAt: endless{}, Size: endlessSize}
	items := 0
	used := kit.Peak(func(sample func()) {
		in.OnItem = func(int, cxf.Item) error {
			if items++; items%5000 == 0 {
				sample()
			}
			return nil
		}
		if _, err := (bitwarden.Format{}).Read(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	})
	if items != endlessItems || used > 64<<20 {
		t.Errorf("%d items, %d MiB", items, used>>20)
	}
}

// endless is a Bitwarden export of 200 MB that is made as it is read.
type endless struct{}

const (
	endlessHead  = `{"encrypted":false,"folders":[],"items":[`
	endlessItem  = 4096
	endlessItems = 200_000_000 / endlessItem
	endlessSize  = int64(len(endlessHead)) + endlessItems*endlessItem + 2
)

func (endless) ReadAt(p []byte, off int64) (int, error) {
	if off >= endlessSize {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && off < endlessSize {
		var piece string
		switch at := off - int64(len(endlessHead)); {
		case at < 0:
			piece = endlessHead[off:]
		case at >= endlessItems*endlessItem:
			piece = "]}"[at-endlessItems*endlessItem:]
		default:
			i := at / endlessItem
			text := fmt.Sprintf(`{"id":"%d","type":2,"name":"Note %d","notes":"`, i, i)
			end := `"},`
			if i == endlessItems-1 {
				end = `"} `
			}
			piece = (text + strings.Repeat("n", endlessItem-len(text)-len(end)) + end)[at%endlessItem:]
		}
		c := copy(p[n:], piece)
		n, off = n+c, off+int64(c)
	}
	return n, nil
}

func TestCancelling(t *testing.T) {
	in := &formats.Input{ReaderAt: endless{}, Size: endlessSize}
	stop := errors.New("enough")
	in.OnItem = func(int, cxf.Item) error { return stop }
	if _, err := (bitwarden.Format{}).Read(t.Context(), in); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func TestCostsAreBounded(t *testing.T) {
	for _, c := range []struct{ memory, time, threads int64 }{
		{0, 1, 1}, {64 << 10, 0, 1}, {64 << 10, 1, 0}, {16, 1, 4}, {2 << 20, 1, 1}, {1 << 20, 33, 1}, {64 << 10, 1001, 1}, {64 << 10, 1, 65}, {1 << 62, 1 << 62, 1},
	} {
		if err := formats.CheckArgon2(c.memory, c.time, c.threads); !errors.Is(err, formats.ErrKDF) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := formats.CheckArgon2(1<<20, 10, 16); err != nil {
		t.Error(err)
	}
	if formats.CheckPBKDF2(2_000_000) != nil || formats.CheckPBKDF2(0) == nil || formats.CheckPBKDF2(1<<40) == nil {
		t.Error("PBKDF2")
	}
}
