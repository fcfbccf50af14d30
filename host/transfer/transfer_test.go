package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/vault"
	"github.com/keyferry/keyferry/vault/vaulttest"
)

var ctx = context.Background()

func newVault(t testing.TB) *vault.Vault {
	t.Helper()
	dir, err := os.MkdirTemp("", "keyferry-transfer-")
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Create(ctx, filepath.Join(dir, "v"), vault.Passphrase([]byte("seven brown otters")), vaulttest.Options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(dir)
	})
	return v
}

func document(raw []byte) Document {
	return Document{Open: func() io.Reader { return bytes.NewReader(raw) }}
}

// take imports a document by the plan's defaults, or by choose.
func take(t testing.TB, v *vault.Vault, src Source, choose func(*Entry)) (*Plan, *Outcome) {
	t.Helper()
	plan, err := MakePlan(ctx, v, src, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range plan.Entries {
		if choose != nil {
			choose(&plan.Entries[i])
		}
	}
	out, err := Apply(ctx, v, src, plan, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan, out
}

// give exports a vault.
func give(t testing.TB, v *vault.Vault, sel Selection) []byte {
	t.Helper()
	e, err := NewExport(ctx, v, sel)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := cxf.Write(&b, e.Header(), e.Options(ctx, false, nil)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// plainly writes what reading gives, without a vault in between.
func plainly(t testing.TB, raw []byte) []byte {
	t.Helper()
	h, _, err := cxf.Read(bytes.NewReader(raw), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := cxf.Write(&b, h, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// account is the named account of a document, as numbers-preserving JSON.
func account(t testing.TB, raw []byte, n int) any {
	t.Helper()
	var doc struct {
		Accounts []json.RawMessage `json:"accounts"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil || n >= len(doc.Accounts) {
		t.Fatalf("no account %d: %v", n, err)
	}
	d := json.NewDecoder(bytes.NewReader(doc.Accounts[n]))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "cxp", "cxf", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func same(t testing.TB, got, want any) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	g, _ := json.MarshalIndent(got, "", " ")
	w, _ := json.MarshalIndent(want, "", " ")
	gl, wl := bytes.Split(g, []byte("\n")), bytes.Split(w, []byte("\n"))
	for i := range min(len(gl), len(wl)) {
		if !bytes.Equal(gl[i], wl[i]) {
			t.Fatalf("line %d:\n got %s\nwant %s", i, bytes.Join(gl[max(0, i-3):min(len(gl), i+3)], []byte("\n")), bytes.Join(wl[max(0, i-3):min(len(wl), i+3)], []byte("\n")))
		}
	}
	t.Fatalf("got %d lines, want %d", len(gl), len(wl))
}

func TestTheSameThingTwiceChangesNothing(t *testing.T) {
	v := newVault(t)
	raw := sample(t, appendixA)
	_, out := take(t, v, document(raw), nil)
	if out.Added == 0 || out.Unchanged {
		t.Fatalf("nothing arrived: %+v", out)
	}
	before := give(t, v, Selection{Now: time.Unix(1, 0)})
	plan, out := take(t, v, document(raw), nil)
	if !out.Unchanged || out.Added+out.Replaced+out.Merged != 0 || plan.Counts[New] != 0 || plan.Counts[Duplicate] != len(plan.Entries) {
		t.Errorf("the second time: %+v %+v", out, plan.Counts)
	}
	if after := give(t, v, Selection{Now: time.Unix(1, 0)}); !bytes.Equal(before, after) {
		t.Error("the vault changed")
	}
}

func TestEverythingSurvivesTheVault(t *testing.T) {
	raw := sample(t, appendixA)
	v := newVault(t)
	plan, _ := take(t, v, document(raw), nil)
	for _, e := range plan.Entries {
		if e.Status != New {
			t.Errorf("%s %q is %s: %s", e.Kind, e.Title, e.Status, e.Reason)
		}
	}
	for n := range 2 {
		same(t, account(t, give(t, v, Selection{}), n), account(t, plainly(t, raw), n))
	}
}

// TestUnknownMembersSurviveTheVault sprinkles members that nobody knows over a document, at every level.
func TestUnknownMembersSurviveTheVault(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		d := json.NewDecoder(bytes.NewReader(sample(t, appendixA)))
		d.UseNumber()
		var tree any
		if err := d.Decode(&tree); err != nil {
			t.Fatal(err)
		}
		sprinkle(r, tree)
		raw, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		v := newVault(t)
		take(t, v, document(raw), nil)
		for n := range 2 {
			same(t, account(t, give(t, v, Selection{}), n), account(t, plainly(t, raw), n))
		}
	}
}

func sprinkle(r *rand.Rand, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			sprinkle(r, inner)
		}
		if r.IntN(3) == 0 {
			v["x-"+string(rune('a'+r.IntN(26)))] = []any{
				map[string]any{"b": []any{json.Number("1"), json.Number("12345678901234567890.5")}, "id": "keep me"}, "text\u202e", nil, true,
			}[r.IntN(4)]
		}
	case []any:
		for _, inner := range v {
			sprinkle(r, inner)
		}
	}
}

const appendixA = "everything.json"
