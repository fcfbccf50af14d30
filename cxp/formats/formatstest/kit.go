// Package formatstest is what the tests of the formats have in common: reading samples, comparing reports, and signing in with
// what was read, against go-webauthn as relying party.
package formatstest

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Sample reads a file of other managers' samples. The samples are no part of the repository: where they are not, the test skips.
func Sample(t testing.TB, name string) []byte {
	t.Helper()
	dir := os.Getenv("KEYFERRY_SAMPLES")
	if dir == "" {
		wd, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for up := wd; ; up = filepath.Dir(up) {
			if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
				dir = filepath.Join(filepath.Dir(up), "shared", "samples")
				break
			}
			if up == filepath.Dir(up) {
				t.Fatal("no go.mod above", wd)
			}
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if os.IsNotExist(err) {
		t.Skipf("no samples in %s (set KEYFERRY_SAMPLES to where they are)", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Input makes an input of bytes that opens with password, "" = there is nobody to ask.
func Input(data []byte, password string) *formats.Input {
	in := &formats.Input{ReaderAt: bytes.NewReader(data), Size: int64(len(data)), Name: "test"}
	if password != "" {
		in.Secret = func(context.Context, formats.Question) (formats.Secret, error) {
			return formats.Secret{Password: []byte(password), HasPassword: true}, nil
		}
	}
	return in
}

// Read reads data, which the format must recognise.
func Read(t testing.TB, f formats.Format, data []byte, password string) (*formats.Result, error) {
	t.Helper()
	in := Input(data, password)
	matches, err := formats.Detect([]formats.Format{f}, in)
	if err != nil {
		t.Fatalf("not recognised: %v", err)
	}
	return matches[0].Format.Read(t.Context(), in)
}

// MustRead is Read for what must be readable.
func MustRead(t testing.TB, f formats.Format, data []byte, password string) *formats.Result {
	t.Helper()
	r, err := Read(t, f, data, password)
	if err != nil {
		t.Fatalf("reading: %v", err)
	}
	Consistent(t, r)
	return r
}

// Reports checks that a report says exactly this, in this order.
func Reports(t testing.TB, r *cxf.Report, want ...string) {
	t.Helper()
	if got := r.Strings(); !slices.Equal(got, want) {
		t.Errorf("reported\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// Consistent checks what holds for every result: unique identifiers, folders whose items exist, files that are what the
// document says, counts that are right, and that the strict CXF writer has nothing to correct but what is said in allow.
func Consistent(t testing.TB, r *formats.Result) {
	t.Helper()
	ids := map[string]bool{}
	count, files := map[cxf.CredentialType]int{}, 0
	for _, a := range r.Header.Accounts {
		for _, it := range a.Items {
			if it.ID == "" || ids[it.ID] {
				t.Errorf("item %q has id %q, which is empty or not unique", it.Title, it.ID)
			}
			ids[it.ID] = true
			for _, c := range it.Credentials {
				if u, ok := c.(*cxf.Unknown); ok && u.Broken {
					continue // kept, but counted as unreadable
				}
				count[c.CredentialType()]++
				if f, ok := c.(*cxf.File); ok {
					files++
					checkFile(t, r, f)
				}
			}
		}
		for id := range formats.Paths(&a) {
			if !ids[id] {
				t.Errorf("a folder holds item %q, which does not exist", id)
			}
		}
	}
	if files != len(r.Report.Files) {
		t.Errorf("%d files, %d in the report", files, len(r.Report.Files))
	}
	for kind, n := range r.Report.Credentials {
		if count[kind] != n {
			t.Errorf("%d of type %s, %d in the report", count[kind], kind, n)
		}
	}
}

func checkFile(t testing.TB, r *formats.Result, f *cxf.File) {
	t.Helper()
	body, err := r.Files(context.Background(), *f)
	if err != nil {
		t.Errorf("opening %q: %v", f.Name, err)
		return
	}
	defer body.Close() // only read
	if err := f.Verify(body); err != nil {
		t.Errorf("file %q: %v", f.Name, err)
	}
}

// File reads an attached file by its name.
func File(t testing.TB, r *formats.Result, name string) []byte {
	t.Helper()
	for _, ref := range r.Report.Files {
		if ref.File.Name == name {
			body, err := r.Files(t.Context(), ref.File)
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close() // only read
			raw, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
	}
	t.Fatalf("no file %q", name)
	return nil
}

// Passkeys lists all passkeys of a result.
func Passkeys(r *formats.Result) []*cxf.Passkey {
	var out []*cxf.Passkey
	for _, a := range r.Header.Accounts {
		for _, it := range a.Items {
			for _, c := range it.Credentials {
				if p, ok := c.(*cxf.Passkey); ok {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

// Item finds an item by its title.
func Item(t testing.TB, r *formats.Result, title string) *cxf.Item {
	t.Helper()
	for a := range r.Header.Accounts {
		for i := range r.Header.Accounts[a].Items {
			if it := &r.Header.Accounts[a].Items[i]; it.Title == title {
				return it
			}
		}
	}
	t.Fatalf("no item %q", title)
	return nil
}

// Only returns the item's only credential of a type.
func Only[T cxf.Credential](t testing.TB, it *cxf.Item) T {
	t.Helper()
	var found []T
	for _, c := range it.Credentials {
		if v, ok := c.(T); ok {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		t.Fatalf("item %q has %d of them", it.Title, len(found))
	}
	return found[0]
}
