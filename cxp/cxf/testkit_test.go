package cxf

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// now is when the tests take place.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func readOptions() *ReadOptions { return &ReadOptions{Now: now} }

func writeOptions() *WriteOptions { return &WriteOptions{Now: now} }

func mustRead(t testing.TB, document string) (*Header, *Report) {
	t.Helper()
	h, report, err := Read(strings.NewReader(document), readOptions())
	if err != nil {
		t.Fatalf("reading: %v", err)
	}
	return h, report
}

// mustWrite writes a document and holds it against the schema.
func mustWrite(t testing.TB, h *Header) (string, *Report) {
	t.Helper()
	var b bytes.Buffer
	report, err := Write(&b, h, writeOptions())
	if err != nil {
		t.Fatalf("writing: %v", err)
	}
	conforms(t, b.Bytes())
	uniqueIDs(t, b.Bytes())
	return b.String(), report
}

// stable fails the test unless write → read → write gives the same bytes, with
// nothing left to remark on in the second round.
func stable(t testing.TB, h *Header) string {
	t.Helper()
	first, _ := mustWrite(t, h)
	again, _ := mustRead(t, first)
	second, _ := mustWrite(t, again)
	if first != second {
		t.Errorf("write, read, write changed the document:\n%s\n%s", first, second)
	}
	return first
}

// vault takes every item through MarshalItem and UnmarshalItem, as a store does.
func vault(t testing.TB, h *Header) *Header {
	t.Helper()
	out := *h
	out.Accounts = slices.Clone(h.Accounts)
	for i := range out.Accounts {
		a := &out.Accounts[i]
		a.Items = slices.Clone(a.Items)
		for j := range a.Items {
			stored, err := MarshalItem(&a.Items[j])
			if err != nil {
				t.Fatalf("storing %q: %v", a.Items[j].Title, err)
			}
			back, _, err := UnmarshalItem(stored, readOptions())
			if err != nil {
				t.Fatalf("loading %q: %v", a.Items[j].Title, err)
			}
			again, err := MarshalItem(back)
			if err != nil || !bytes.Equal(stored, again) {
				t.Errorf("storing again gives something else (%v):\n%s\n%s", err, stored, again)
			}
			a.Items[j] = *back
		}
	}
	return &out
}

// sameJSON compares two documents as JSON: members in any order, arrays in order,
// numbers as they are written.
func sameJSON(t testing.TB, got, want string) {
	t.Helper()
	decode := func(text string) (v any) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if !reflect.DeepEqual(decode(got), decode(want)) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// reports fails the test unless the report says exactly this.
func reports(t testing.TB, r *Report, want ...string) {
	t.Helper()
	if got := r.Strings(); !slices.Equal(got, want) {
		t.Errorf("the report says\n\t%s\nand should say\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// hasCode fails the test unless the report has the code at a place.
func hasCode(t testing.TB, r *Report, code Code, path string) {
	t.Helper()
	for _, d := range r.Diagnostics {
		if d.Code == code && strings.Join(d.Path, " → ") == path {
			return
		}
	}
	t.Errorf("no %q at %q in the report:\n\t%s", code, path, strings.Join(r.Strings(), "\n\t"))
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sample reads a file of another project. Those are not ours to hand on, so the
// folder may be missing.
func sample(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("KEYFERRY_SAMPLES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "samples")
	}
	b, err := os.ReadFile(filepath.Join(dir, "cxf", name))
	if os.IsNotExist(err) {
		t.Skipf("no samples in %s (set KEYFERRY_SAMPLES to where they are)", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// document puts items, given as JSON, into a document.
func document(items string) string {
	return `{"version":{"major":1,"minor":0},"exporterRpId":"vault.example","exporterDisplayName":"Vault","timestamp":1795305600,` +
		`"accounts":[{"id":"YWNjb3VudA","username":"","email":"","collections":[],"items":[` + items + `]}]}`
}

// withCredential puts a credential, given as JSON, into a document.
func withCredential(credential string) string {
	return document(`{"id":"aXRlbQ","title":"GitHub","credentials":[` + credential + `]}`)
}

// header puts items into a document.
func header(items ...Item) *Header {
	return &Header{ExporterRPID: "vault.example", ExporterDisplayName: "Vault", Timestamp: 1795305600,
		Accounts: []Account{{ID: "YWNjb3VudA", Items: items}}}
}

// one item with credentials.
func item(credentials ...Credential) Item {
	return Item{ID: "aXRlbQ", Title: "GitHub", Credentials: credentials}
}

// firstCredential is the document's first credential.
func firstCredential(t testing.TB, h *Header) Credential {
	t.Helper()
	if len(h.Accounts) == 0 || len(h.Accounts[0].Items) == 0 || len(h.Accounts[0].Items[0].Credentials) == 0 {
		t.Fatal("there is no credential")
	}
	return h.Accounts[0].Items[0].Credentials[0]
}
