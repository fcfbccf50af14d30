package transfer

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/vault"
)

func newKey(t testing.TB) []byte {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := cxf.MarshalPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// doc writes a document of items.
func doc(t testing.TB, items ...cxf.Item) []byte {
	return docOf(t, cxf.Account{ID: "YWNjb3VudA", Items: items})
}

// docOf writes a document of accounts.
func docOf(t testing.TB, accounts ...cxf.Account) []byte {
	t.Helper()
	h := &cxf.Header{
		Version: cxf.Version{Major: 1}, ExporterRPID: "other.example", ExporterDisplayName: "Other", Timestamp: 1700000000, Accounts: accounts,
	}
	var b bytes.Buffer
	if _, err := cxf.Write(&b, h, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func passkeyItem(id string, p cxf.Passkey) cxf.Item {
	return cxf.Item{ID: id, Title: "Example", CreationAt: 1600000000, ModifiedAt: 1650000000, Credentials: []cxf.Credential{&p}}
}

func login(id, password string) cxf.Item {
	return cxf.Item{
		ID: id, Title: "Mail", Scope: &cxf.CredentialScope{URLs: []string{"https://mail.example"}},
		Credentials: []cxf.Credential{&cxf.BasicAuth{Username: cxf.Field(cxf.FieldString, "ann"), Password: cxf.Field(cxf.FieldConcealedString, password)}},
	}
}

func only(t testing.TB, v *vault.Vault, rpID string) *vault.Passkey {
	t.Helper()
	list, err := v.PasskeysByRP(ctx, rpID)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d passkeys of %s, %v", len(list), rpID, err)
	}
	p, err := v.Passkey(ctx, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnotherPrivateKeyIsAConflictAndNeverAnUpdate(t *testing.T) {
	v := newVault(t)
	mine, theirs := newKey(t), newKey(t)
	k := cxf.Passkey{CredentialID: []byte("c"), RPID: "example.com", Username: "ann", UserHandle: []byte("u"), Key: mine}
	take(t, v, document(doc(t, passkeyItem("aQ", k))), nil)
	k.Key = theirs
	raw := doc(t, passkeyItem("aQ", k))
	plan, out := take(t, v, document(raw), nil)
	if plan.Counts[Conflict] != 1 || !out.Unchanged || !bytes.Equal(only(t, v, "example.com").PrivateKey, mine) {
		t.Fatalf("by default mine stays: %+v %+v", plan.Entries, out)
	}
	_, out = take(t, v, document(raw), func(e *Entry) {
		if err := e.Choose(Merge); !errors.Is(err, ErrChoice) {
			t.Error("a conflict can be merged")
		}
		if err := e.Choose(Take); err != nil {
			t.Error(err)
		}
	})
	if out.Replaced != 1 || !bytes.Equal(only(t, v, "example.com").PrivateKey, theirs) {
		t.Errorf("theirs was chosen: %+v", out)
	}
	u, err := Undo(ctx, v, out.Import, time.Now())
	if err != nil || *u != (Undone{Removed: 1, Restored: 1}) || !bytes.Equal(only(t, v, "example.com").PrivateKey, mine) {
		t.Errorf("undone: %+v %v", u, err)
	}
	if _, err := Undo(ctx, v, out.Import, time.Now()); !errors.Is(err, ErrUndone) {
		t.Errorf("undone twice: %v", err)
	}
}

func TestMergeFillsWhatIsEmptyAndNothingElse(t *testing.T) {
	v := newVault(t)
	key := newKey(t)
	k := cxf.Passkey{CredentialID: []byte("c"), RPID: "example.com", Username: "mine", UserHandle: []byte("u"), Key: key}
	take(t, v, document(doc(t, passkeyItem("aQ", k))), nil)
	k.Username, k.UserDisplayName = "theirs", "Ann"
	k.Fido2Extensions = &cxf.Fido2Extensions{HMACCredentials: &cxf.Fido2HMACCredentials{
		Algorithm: cxf.HMACSHA256, CredWithUV: bytes.Repeat([]byte{1}, 32), CredWithoutUV: bytes.Repeat([]byte{2}, 32),
	}}
	plan, out := take(t, v, document(doc(t, passkeyItem("aQ", k))), func(e *Entry) {
		if err := e.Choose(Merge); err != nil {
			t.Error(err)
		}
	})
	p := only(t, v, "example.com")
	if plan.Counts[Differs] != 1 || out.Merged != 1 || p.UserName != "mine" || p.UserDisplayName != "Ann" || len(p.CredWithUV) != 32 {
		t.Errorf("%+v %+v %q %q %d", plan.Entries, out, p.UserName, p.UserDisplayName, len(p.CredWithUV))
	}
	h, _, err := cxf.Read(bytes.NewReader(give(t, v, Selection{})), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range h.Accounts {
		for _, it := range a.Items {
			got := it.Credentials[0].(*cxf.Passkey)
			if withUV, _, ok := got.PRF(); !ok || len(withUV) != 32 || got.UserDisplayName != "Ann" {
				t.Errorf("what was merged does not leave again: %+v", got)
			}
		}
	}
}

func TestADifferentItemIsKeptReplacedOrBoth(t *testing.T) {
	passwords := func(v *vault.Vault) map[string]bool {
		h, _, err := cxf.Read(bytes.NewReader(give(t, v, Selection{})), nil)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, a := range h.Accounts {
			for _, it := range a.Items {
				out[it.Credentials[0].(*cxf.BasicAuth).Password.Text()] = true
			}
		}
		return out
	}
	for choice, want := range map[Choice][]string{Keep: {"old"}, Take: {"new"}, Both: {"old", "new"}} {
		v := newVault(t)
		take(t, v, document(doc(t, login("aQ", "old"))), nil)
		plan, _ := take(t, v, document(doc(t, login("ag", "new"))), func(e *Entry) {
			if err := e.Choose(choice); err != nil {
				t.Error(err)
			}
		})
		got := passwords(v)
		if plan.Counts[Differs] != 1 || len(got) != len(want) {
			t.Errorf("%s: %v, %+v", choice, got, plan.Counts)
		}
		for _, p := range want {
			if !got[p] {
				t.Errorf("%s: %q is gone", choice, p)
			}
		}
	}
}

func TestWhatLiesInTheTrashComesBack(t *testing.T) {
	v := newVault(t)
	raw := doc(t, passkeyItem("aQ", cxf.Passkey{CredentialID: []byte("c"), RPID: "example.com", UserHandle: []byte("u"), Key: newKey(t)}))
	take(t, v, document(raw), nil)
	if err := v.Trash(ctx, only(t, v, "example.com").ID); err != nil {
		t.Fatal(err)
	}
	if plan, out := take(t, v, document(raw), nil); plan.Counts[New] != 1 || out.Added != 1 {
		t.Errorf("%+v %+v", plan.Counts, out)
	}
	only(t, v, "example.com")
}

func TestAPasskeyOfOursLeavesAndReturns(t *testing.T) {
	v, w := newVault(t), newVault(t)
	p := &vault.Passkey{
		RPID: "example.com", RPName: "Example", CredentialID: []byte("c"), UserHandle: []byte("u"), UserName: "ann", Algorithm: -7,
		PrivateKey: newKey(t), BackupEligible: true, BackupState: true, Discoverable: true, LargeBlob: []byte("blob"), CredBlob: []byte("small"),
		CredWithUV: bytes.Repeat([]byte{1}, 32), CredWithoutUV: bytes.Repeat([]byte{2}, 32),
	}
	if err := v.AddPasskey(ctx, p); err != nil {
		t.Fatal(err)
	}
	raw := give(t, v, Selection{})
	take(t, w, document(raw), nil)
	q := only(t, w, "example.com")
	if !bytes.Equal(q.PrivateKey, p.PrivateKey) || !bytes.Equal(q.LargeBlob, p.LargeBlob) || !bytes.Equal(q.CredBlob, p.CredBlob) ||
		!bytes.Equal(q.CredWithUV, p.CredWithUV) || !bytes.Equal(q.CredWithoutUV, p.CredWithoutUV) || !q.Discoverable || q.Title != "Example" {
		t.Errorf("it came as %+v", q.Info())
	}
	if plan, _ := take(t, v, document(give(t, w, Selection{})), nil); plan.Counts[New] != 0 || plan.Counts[Conflict] != 0 {
		t.Errorf("back home it is %+v", plan.Entries)
	}
}

// TestFilesTravelWithTheirItems moves an attached file through two vaults by sealed responses.
func TestFilesTravelWithTheirItems(t *testing.T) {
	content := bytes.Repeat([]byte("the file's content "), 40_000)
	sum := sha256.Sum256(content)
	item := cxf.Item{ID: "aQ", Title: "Papers", Credentials: []cxf.Credential{
		&cxf.File{ID: "ZmlsZQ", Name: "paper.txt", DecryptedSize: uint64(len(content)), IntegrityHash: sum[:]},
		&cxf.Note{Content: cxf.Field(cxf.FieldString, "a note")},
	}}
	h := &cxf.Header{Version: cxf.Version{Major: 1}, ExporterRPID: "other.example", ExporterDisplayName: "Other", Accounts: []cxf.Account{{ID: "YQ", Items: []cxf.Item{item}}}}
	source := func(_ cxf.File) io.ReadCloser { return io.NopCloser(bytes.NewReader(content)) }
	first := newVault(t)
	importSealed(t, first, h, nil, func(_ context.Context, f cxf.File) (io.ReadCloser, error) { return source(f), nil })
	e, err := NewExport(ctx, first, Selection{})
	if err != nil {
		t.Fatal(err)
	}
	second := newVault(t)
	importSealed(t, second, e.Header(), e.Options(ctx, false, nil), e.Files)
	e, err = NewExport(ctx, second, Selection{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Files(ctx, cxf.File{ID: "ZmlsZQ"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the file came as %d bytes, %v", len(got), err)
	}
}

// TestFilesOfOneIDFromTwoImportsBothLeave: an id names a file within one exporter's document only.
func TestFilesOfOneIDFromTwoImportsBothLeave(t *testing.T) {
	v := newVault(t)
	want := map[string]int{"the first": 2, "the other": 1} // how many items have it
	for n, content := range []string{"the first", "the other", "the first"} {
		sum := sha256.Sum256([]byte(content))
		item := cxf.Item{ID: "aQ", Title: fmt.Sprint("Papers ", n), Credentials: []cxf.Credential{
			&cxf.File{ID: "ZmlsZQ", Name: content, DecryptedSize: uint64(len(content)), IntegrityHash: sum[:]},
		}}
		exporter := fmt.Sprintf("other%d.example", n)
		h := &cxf.Header{Version: cxf.Version{Major: 1}, ExporterRPID: exporter, ExporterDisplayName: "Other", Accounts: []cxf.Account{{
			ID: base64.RawURLEncoding.EncodeToString([]byte(exporter)), Items: []cxf.Item{item},
		}}}
		importSealed(t, v, h, nil, func(context.Context, cxf.File) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(content)), nil
		})
	}
	for n := range 2 { // out of this vault, and once more out of the next
		e, err := NewExport(ctx, v, Selection{})
		if err != nil {
			t.Fatal(err)
		}
		var doc bytes.Buffer
		if _, err := cxf.Write(&doc, e.Header(), e.Options(ctx, false, nil)); err != nil {
			t.Fatal(err)
		}
		h, _, err := cxf.Read(&doc, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, a := range h.Accounts {
			for _, it := range a.Items {
				f := it.Credentials[0].(*cxf.File)
				r, err := e.Files(ctx, *f)
				if err != nil {
					t.Fatal(err)
				}
				if content, err := io.ReadAll(r); err != nil || string(content) != f.Name {
					t.Errorf("the file %q came as %q, %v", f.Name, content, err)
				}
				got[f.Name]++
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("left: %v", got)
		}
		if n == 0 {
			v = newVault(t)
			importSealed(t, v, e.Header(), e.Options(ctx, false, nil), e.Files)
		}
	}
}

// importSealed moves a document into a vault through a request and its response.
func importSealed(t testing.TB, v *vault.Vault, h *cxf.Header, o *cxf.WriteOptions, files cxp.FileSource) {
	t.Helper()
	pending, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Indirect, Importer: RPID})
	if err != nil {
		t.Fatal(err)
	}
	x, err := cxp.NewExporter(pending.Request(), cxp.ExportOptions{Document: h, CXF: o, Files: files, Confirmation: confirmed(t, pending.Request().Fingerprint())})
	if err != nil {
		t.Fatal(err)
	}
	spool, err := NewSpool(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer spool.Close()
	if _, err := x.WriteResponse(ctx, spool); err != nil {
		t.Fatal(err)
	}
	if err := spool.Finish(); err != nil {
		t.Fatal(err)
	}
	resp, err := cxp.ScanResponse(ctx, spool.Reader(), nil)
	if err != nil {
		t.Fatal(err)
	}
	take(t, v, Response{Open: spool.Reader, Response: resp, Pending: pending, Options: cxp.OpenOptions{Confirmation: confirmed(t, resp.Fingerprint())}}, nil)
}

func confirmed(t testing.TB, f cxp.Fingerprint) *cxp.Confirmation {
	t.Helper()
	c, err := f.Ask()
	if err != nil {
		t.Fatal(err)
	}
	var typed []string
	for _, n := range c.Positions() {
		typed = append(typed, f.Groups()[n-1])
	}
	ok, err := c.Answer(typed...)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestSpool(t *testing.T) {
	s, err := NewSpool(t.TempDir(), 2*spoolPiece+10)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789"), (2*spoolPiece+10)/10)
	want = append(want, "0123456789"[:2*spoolPiece+10-len(want)]...)
	for rest := want; len(rest) > 0; {
		n := min(len(rest), 777)
		if _, err := s.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if _, err := s.Write([]byte{1}); !errors.Is(err, ErrSpoolFull) {
		t.Errorf("over the limit: %v", err)
	}
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := io.ReadAll(s.Reader()); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	if b, err := s.At(spoolPiece-3, 10); err != nil || string(b) != string(want[spoolPiece-3:spoolPiece]) {
		t.Errorf("%q %v", b, err)
	}
	if _, err := s.f.WriteAt([]byte{0xff, 0xff, 0xff}, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(s.Reader()); err == nil {
		t.Error("a change on the disk goes unnoticed")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
