//go:build keyferrytest && linux

package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

func (s *strangers) write(name, content string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// told gives all that a command said; it must succeed or not as want says.
func (s *strangers) told(want bool, who string, args ...string) string {
	s.t.Helper()
	out, err := s.command(who, args...).CombinedOutput()
	if (err == nil) != want {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestPlaintextIsDeletedAfterASecondReading says yes to the offer, as test builds do.
func TestPlaintextIsDeletedAfterASecondReading(t *testing.T) {
	s := newStrangers(t)
	const head, entry = "name,url,username,password,note\n", "Example,https://example.com/,ann,%s,\n"
	gone := func(name string) bool {
		_, err := os.Lstat(s.path(name))
		return os.IsNotExist(err)
	}
	s.write("first.csv", head+fmt.Sprintf(entry, "correct horse"))
	if out := s.told(true, "ann", "import", "first.csv"); !strings.Contains(out, "Read again: each entry of it is in the vault.") || !gone("first.csv") {
		t.Errorf("the first: %s", out)
	}

	// What a link leads to, and what a backup shares with the file, is nobody's to overwrite.
	again := head + fmt.Sprintf(entry, "correct horse")
	s.write("kept.csv", again)
	if err := os.Symlink("kept.csv", s.path("link.csv")); err != nil {
		t.Fatal(err)
	}
	if out := s.told(false, "ann", "import", "link.csv"); !strings.Contains(out, "the import is done, but the file was not deleted: it is a link") || gone("link.csv") {
		t.Errorf("a link: %s", out)
	}
	if err := os.Link(s.path("kept.csv"), s.path("backup.csv")); err != nil {
		t.Fatal(err)
	}
	if out := s.told(false, "ann", "import", "kept.csv"); !strings.Contains(out, "another name elsewhere") {
		t.Errorf("a file with two names: %s", out)
	}
	if got, err := os.ReadFile(s.path("backup.csv")); err != nil || string(got) != again {
		t.Errorf("the other name has %q, %v", got, err)
	}

	// Nobody is asked where nobody is there, where nothing was stored, and where the file is encrypted.
	for _, flag := range []string{"--yes", "--dry-run", "--json"} {
		if out := s.told(true, "ann", "import", flag, "kept.csv"); strings.Contains(out, "Read again") || gone("kept.csv") {
			t.Errorf("%s: %s", flag, out)
		}
	}
	s.run("ann", "export", "--for", "bitwarden", "sealed.json")
	if out := s.told(true, "ann", "import", "sealed.json"); strings.Contains(out, "not encrypted") || gone("sealed.json") {
		t.Errorf("an encrypted one: %s", out)
	}

	// What the vault does not have as the file has it is said before the question.
	note := `{"version":{"major":1,"minor":0},"exporterRpId":"x.example","exporterDisplayName":"X","timestamp":1700000000,"accounts":[{"id":"AA","username":"","email":"",` +
		`"collections":[],"items":[{"id":"AQ","title":"Note","credentials":[{"type":"note","content":{"fieldType":"string","value":%q}}]}]}]}`
	s.write("one.json", fmt.Sprintf(note, "one"))
	s.write("two.json", fmt.Sprintf(note, "two"))
	s.run("ann", "cxf", "import", "--yes", "one.json")
	if out := s.told(true, "ann", "cxf", "import", "two.json"); !strings.Contains(out, "Read again: 1 of its entries are not in the vault") || !gone("two.json") || gone("one.json") {
		t.Errorf("what differs: %s", out)
	}
}

func TestOnlyTheFileThatWasReadIsDeleted(t *testing.T) {
	dir := t.TempDir()
	bring := func(name, content string) *brought {
		path := dir + "/" + name
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		b := &brought{path: path, info: info, sum: sha256.New()}
		b.sum.Write([]byte(content))
		return b
	}
	b := bring("a", strings.Repeat("secret", 50_000))
	held, err := os.Open(b.path)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := b.shred(); err != nil {
		t.Fatal(err)
	}
	if left, err := io.ReadAll(held); err != nil || len(left) != 300_000 || len(bytes.Trim(left, "\x00")) > 0 {
		t.Errorf("what is left of it: %d bytes, %v", len(left), err)
	}
	b = bring("b", "as it was read")
	if err := os.WriteFile(b.path, []byte("as it is now.."), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.shred(); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("a changed file: %v", err)
	}
	b = bring("c", "the same")
	if err := os.Rename(b.path, dir+"/moved"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.path, []byte("the same"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.shred(); err == nil || !strings.Contains(err.Error(), "another file") {
		t.Errorf("another file in its place: %v", err)
	}
}

// TestPlainArchivesComeAndGo takes in a document with a file attached, writes it for others, and takes that in elsewhere.
func TestPlainArchivesComeAndGo(t *testing.T) {
	s := newStrangers(t)
	content := strings.Repeat("what the paper says ", 5000)
	sum := sha256.Sum256([]byte(content))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"documents/ZmlsZQ": content, "index.json": fmt.Sprintf(`{"version":{"major":1,"minor":0},"exporterRpId":"x.example","exporterDisplayName":"X",`+
		`"timestamp":1700000000,"accounts":[{"id":"AA","username":"","email":"","collections":[],"items":[{"id":"AQ","title":"Papers","credentials":[`+
		`{"type":"file","id":"ZmlsZQ","name":"paper.txt","decryptedSize":%d,"integrityHash":%q}]}]}]}`, len(content), base64.RawURLEncoding.EncodeToString(sum[:]))} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s.write("brought.zip", b.String())
	if in := s.took("ann", "import", "--yes", "brought.zip"); in.Outcome == nil || in.Outcome.Files != 1 {
		t.Fatalf("taken in: %+v %v", in.Outcome, in.Remarks)
	}
	s.write("taken.zip", "somebody's")
	if out := s.told(false, "ann", "export", "--for", "cxf", "--force", "taken.json"); !strings.Contains(out, "taken.zip exists by now; nothing was replaced") {
		t.Errorf("a name that is taken: %s", out)
	}
	if out := s.told(true, "ann", "export", "--for", "cxf", "out.json"); !strings.Contains(out, "Written: out.zip (") || !strings.Contains(out, "WITHOUT ENCRYPTION") {
		t.Errorf("written: %s", out)
	}
	if in := s.took("ben", "import", "--yes", "out.zip"); in.Outcome == nil || in.Outcome.Files != 1 || len(in.Remarks) > 0 {
		t.Fatalf("taken in elsewhere: %+v %v", in.Outcome, in.Remarks)
	}
	s.run("ben", "cxf", "export", "again.zip")
	for _, name := range []string{"out.zip", "again.zip"} {
		r, err := zip.OpenReader(s.path(name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Open("documents/ZmlsZQ")
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(got); err != nil || string(raw) != content {
			t.Errorf("%s: the paper has %d bytes, %v", name, len(raw), err)
		}
		r.Close()
	}
}

// TestImportKnowsKeyferrysOwnFiles brings an answer and a request to the command for other managers' files.
func TestImportKnowsKeyferrysOwnFiles(t *testing.T) {
	s := newStrangers(t)
	s.write("a.csv", "name,url,username,password,note\nExample,https://example.com/,ann,correct horse,\n")
	s.run("ann", "import", "--yes", "a.csv")
	s.run("ben", "cxp", "request", "--out", "request.json")
	if out := s.told(false, "ann", "import", "--yes", "request.json"); !strings.Contains(out, "keyferry cxp export --request FILE") {
		t.Errorf("a request: %s", out)
	}
	s.run("ann", "cxp", "export", "--request", "request.json", "--out", "sealed.json")
	if in := s.took("ben", "import", "--yes", "sealed.json"); in.Outcome == nil || in.Outcome.Added != 1 {
		t.Errorf("an answer: %+v", in.Outcome)
	}
	if out := s.told(false, "ben", "import", "--yes", "sealed.json"); !strings.Contains(out, "no open request") {
		t.Errorf("an answer that was taken in: %s", out)
	}
}

// TestLossesAreSaidBeforeAndAfter writes a passkey with PRF secrets for a manager that keeps none.
func TestLossesAreSaidBeforeAndAfter(t *testing.T) {
	s := newStrangers(t)
	s.run("ann", "list")
	p := newSite(t).register(t)
	p.CredWithUV, p.CredWithoutUV = bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	s.has("ann", p)
	const loss = "  - Bitwarden keeps no PRF secrets: 1 item affected\n"
	out := s.told(true, "ann", "export", "--for", "bitwarden", "out.json")
	if before, after, ok := strings.Cut(out, "Written: out.json"); !ok || !strings.Contains(before, loss) || !strings.Contains(after, loss) {
		t.Errorf("what was said: %s", out)
	}
}
