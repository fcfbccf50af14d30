package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// soak is true for the long runs (make soak).
func soak() bool { return os.Getenv("KEYFERRY_SOAK") == "1" }

// template is a vault of 200 records with a past: created, changed, deleted, imported; and what must come back from it.
type template struct {
	closed, dirty string
	passkeys      []*Passkey
	settings      map[string]string
	item          *Item
}

func makeTemplate(t *testing.T) *template {
	t.Helper()
	ctx := context.Background()
	tp := &template{settings: map[string]string{}}
	base := fastDir(t)
	tp.closed, tp.dirty = filepath.Join(base, "closed"), filepath.Join(base, "dirty")
	v, err := Create(ctx, filepath.Join(base, "v"), secret(), cheap())
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	add := func(n int) {
		p := samplePasskey(n, fmt.Sprintf("site%d.example", n%60), []byte(fmt.Sprintf("private key %d", n)))
		check(v.AddPasskey(ctx, p))
		tp.passkeys = append(tp.passkeys, p)
	}
	for n := range 100 {
		add(n)
	}
	check(v.Close())
	v, err = Open(ctx, v.dir, secret(), cheap())
	check(err)
	for n := range 60 {
		add(100 + n)
	}
	for i := range 40 { // newer versions in newer tables
		p := tp.passkeys[i]
		check(v.UpdatePasskey(ctx, p.ID, func(q *Passkey) error {
			q.Title, q.ModifiedAt = fmt.Sprintf("renamed %d", i), time.UnixMilli(1_790_000_000_000)
			p.Title, p.ModifiedAt = q.Title, q.ModifiedAt
			return nil
		}))
	}
	for i := range 20 {
		name := fmt.Sprintf("off/%d", i%15)
		tp.settings[name] = fmt.Sprint("value ", i)
		check(v.SetSetting(ctx, name, []byte(tp.settings[name])))
	}
	tp.item = &Item{Title: "Note", Body: []byte(strings.Repeat("body ", 1000))}
	check(v.AddItem(ctx, tp.item))
	v.Log(AuditEvent{Action: "used"})
	check(v.Close())
	copyTree(t, tp.closed, v.dir)
	v, err = Open(ctx, v.dir, secret(), cheap())
	check(err)
	for n := range 20 {
		add(200 + n)
	}
	copyTree(t, tp.dirty, v.dir) // as a kill would leave it: what is mapped is in the page cache
	check(v.Close())
	return tp
}

func TestCorruptionIsDetectedOrHarmless(t *testing.T) {
	tp := makeTemplate(t)
	cases := 200
	if soak() {
		cases = 2000
	}
	cases /= raceShare
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	work := fastDir(t)
	rnd := rand.New(rand.NewPCG(seed, 1))
	detected := 0
	for n := range cases {
		from, known := tp.closed, len(tp.passkeys)-20
		if n%2 == 1 {
			from, known = tp.dirty, len(tp.passkeys)
		}
		dir := filepath.Join(work, fmt.Sprint(n))
		copyTree(t, dir, from)
		what := corrupt(t, rnd, dir)
		ok := t.Run(fmt.Sprintf("%d %s", n, what), func(t *testing.T) {
			if tp.survives(t, dir, tp.passkeys[:known]) {
				detected++
			}
		})
		os.RemoveAll(dir)
		if !ok {
			t.Fatalf("seed %d, case %d", seed, n)
		}
	}
	t.Logf("%d of %d cases were noticed, the others harmless", detected, cases)
}

// corrupt damages one file and says how.
func corrupt(t *testing.T, rnd *rand.Rand, dir string) string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != fileLock && d.Name() != "LOCK" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	path := files[rnd.IntN(len(files))]
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name, _ := filepath.Rel(dir, path)
	used := len(strings.TrimRight(string(b), "\x00")) // of a log file that is mostly room
	if used == 0 {
		used = len(b)
	}
	what := "removed"
	switch k := rnd.IntN(10); {
	case used == 0 || k == 0:
		err = os.Remove(path)
	case k <= 2:
		n := rnd.IntN(used)
		what, err = fmt.Sprintf("cut to %d of %d", n, len(b)), os.Truncate(path, int64(n))
	case k == 3:
		off, n := rnd.IntN(used), 1+rnd.IntN(5000)
		end := min(len(b), off+n)
		clear(b[off:end])
		what, err = fmt.Sprintf("zeroed %d to %d", off, end), os.WriteFile(path, b, 0o600)
	default:
		bit := rnd.IntN(8 * used)
		b[bit/8] ^= 1 << (bit % 8)
		what, err = fmt.Sprintf("bit %d of byte %d", bit%8, bit/8), os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name + " " + what
}

// survives opens a corrupted vault and holds everything in it against what was stored: the right value, or a typed
// error. It reports whether the damage was noticed.
func (tp *template) survives(t *testing.T, dir string, passkeys []*Passkey) (noticed bool) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o := cheap()
	o.ReadOnlyIfDamaged = true
	v, err := Open(ctx, dir, secret(), o)
	if err != nil {
		if !typedDamage(err) {
			t.Fatalf("open: %v", err)
		}
		return true
	}
	defer v.Close()
	h, err := v.AwaitHealth(ctx)
	if err != nil {
		t.Fatal(err)
	}
	noticed = h.State == HealthDamaged
	bad := func(what string, err error) {
		t.Helper()
		if !noticed || !typedDamage(err) {
			t.Fatalf("%s: %v (health %s %v)", what, err, h.State, h.Findings)
		}
	}
	lost, perRP := 0, map[string]int{}
	for _, p := range passkeys {
		perRP[p.RPID]++
		got, err := v.PasskeyByCredential(ctx, p.RPID, p.CredentialID)
		if err != nil {
			bad("passkey", err)
			lost++
			continue
		}
		// Where the index is lost, an older version can't be told from the last one; the finding says so.
		if !slices.ContainsFunc(h.Findings, func(f Finding) bool { return f.ID == p.ID && strings.Contains(f.Problem, "older version") }) {
			samePasskey(t, got, p)
		} else if string(got.PrivateKey) != string(p.PrivateKey) {
			t.Fatal("another private key")
		}
		if _, err = v.Passkey(ctx, p.ID); err != nil {
			bad("passkey by id", err)
		}
	}
	for rp, n := range perRP {
		list, err := v.PasskeysByRP(ctx, rp)
		if err != nil {
			bad("list", err)
		} else if len(list) != n {
			t.Fatalf("%s: %d of %d passkeys and no error (%v)", rp, len(list), n, h.Findings)
		}
	}
	for name, want := range tp.settings {
		got, err := v.Setting(ctx, name)
		if err != nil {
			bad("setting", err)
		} else if string(got) != want {
			t.Fatalf("setting %s: %q, want %q", name, got, want)
		}
	}
	if i, err := v.Item(ctx, tp.item.ID); err != nil {
		bad("item", err)
	} else if string(i.Body) != string(tp.item.Body) {
		t.Fatal("item: wrong body")
	}
	if noticed {
		if err := v.AddPasskey(ctx, samplePasskey(999, "new.example", []byte{1})); !errors.Is(err, ErrReadOnly) {
			t.Fatalf("write to a damaged vault: %v", err)
		}
		if len(h.Findings) == 0 {
			t.Fatal("damage without a finding")
		}
	}
	if lost > 0 {
		t.Logf("lost %d of %d: %v", lost, len(passkeys), h.Findings[0])
	}
	return noticed
}

func typedDamage(err error) bool {
	var d *DamagedError
	return errors.As(err, &d)
}

// copyTree copies a vault's folder and keeps its sparse files sparse.
func copyTree(t *testing.T, to, from string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Mkdir(filepath.Join(to, rel), 0o700)
		}
		return copySparse(path, filepath.Join(to, rel))
	})
	if err != nil {
		t.Fatal(err)
	}
}
