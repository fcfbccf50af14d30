//go:build keyferrytest && linux

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOtherManagersFilesCarryAPasskeyOver writes a vault as each file that others read, reads that into a fresh vault, and
// signs in there at a site that knows the passkey.
func TestOtherManagersFilesCarryAPasskeyOver(t *testing.T) {
	s := newStrangers(t)
	s.run("ann", "list")
	u := newSite(t)
	p := u.register(t)
	s.has("ann", p)
	for who, file := range map[string]string{"bitwarden": "out.json", "keepass": "out.kdbx", "proton": "out.pgp", "cxf": "plain.json"} {
		out := s.run("ann", "export", "--for", who, file, "--json")
		if !strings.Contains(out, `"passkey": 1`) {
			t.Errorf("%s: what left: %s", who, out)
		}
		raw, err := os.ReadFile(s.path(file))
		if err != nil {
			t.Fatal(err)
		}
		if who != "cxf" && bytes.Contains(raw, []byte("example.com")) || bytes.Contains(raw, p.PrivateKey[len(p.PrivateKey)-16:]) {
			t.Errorf("%s: something in the file is readable", who)
		}
		if info, err := os.Stat(s.path(file)); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v %v", who, info.Mode(), err)
		}
		in := s.took(who, "import", "--yes", file)
		if in.Outcome == nil || in.Outcome.Added != 1 {
			t.Fatalf("%s: what came in: %+v, %v", who, in.Outcome, in.Remarks)
		}
		w := s.open(who)
		u.signIn(t, w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if again := s.took(who, "import", "--yes", file); again.Outcome == nil || !again.Outcome.Unchanged {
			t.Errorf("%s: imported twice: %+v", who, again.Outcome)
		}
	}
}

// TestPlainFilesAreNamedAsSuch reads a file that no manager protects, and one that is none.
func TestPlainFilesAreNamedAsSuch(t *testing.T) {
	s := newStrangers(t)
	csv := "name,url,username,password,note\nExample,https://example.com/,ann,correct horse,\n"
	if err := os.WriteFile(filepath.Join(s.dir, "chrome.csv"), []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	in := s.took("ann", "import", "--yes", "chrome.csv")
	if in.Outcome == nil || in.Outcome.Added != 1 || len(in.Remarks) == 0 || !strings.Contains(in.Remarks[0], "passkeys") || strings.HasSuffix(in.Remarks[0], "…") {
		t.Errorf("a browser's CSV: %+v %v", in.Outcome, in.Remarks)
	}
	if out := s.told(true, "ann", "import", "--dry-run", "chrome.csv"); len(in.Remarks) > 0 && !strings.Contains(out, in.Remarks[0]) {
		t.Errorf("at the terminal: %s", out)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "letter.pdf"), []byte("%PDF-1.7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.try("ann", "import", "--yes", "letter.pdf"); err == nil || !strings.Contains(err.Error(), "a PDF document") {
		t.Errorf("a letter: %v", err)
	}
}

// TestAKeePassKeyFileOpensItsDatabase reads databases that KeePassXC's own command line has made with a key file, alone
// and beside a password.
func TestAKeePassKeyFileOpensItsDatabase(t *testing.T) {
	cli, err := exec.LookPath("keepassxc-cli")
	if err != nil {
		t.Fatal("keepassxc-cli is missing: make setup-test installs it")
	}
	s := newStrangers(t)
	xc := func(input string, args ...string) {
		t.Helper()
		cmd := exec.Command(cli, args...)
		cmd.Stdin, cmd.Dir, cmd.Env = strings.NewReader(input), s.dir, append(os.Environ(), "HOME="+s.dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("keepassxc-cli %s: %v\n%s", args[0], err, out)
		}
	}
	xc("", "db-create", "-q", "-t", "100", "--set-key-file", "a.key", "alone.kdbx")
	xc("s3cret\n", "add", "-q", "--no-password", "-k", "a.key", "-u", "ann", "-p", "alone.kdbx", "Alone")
	word := testBackupPassphrase + "\n" // which the test build types
	xc(word+word, "db-create", "-q", "-t", "100", "-p", "--set-key-file", "b.key", "both.kdbx")
	xc(word+"s3cret\n", "add", "-q", "-k", "b.key", "-u", "ann", "-p", "both.kdbx", "Both")

	if _, err := s.try("ann", "import", "--yes", "both.kdbx"); err == nil || !strings.Contains(err.Error(), "the key file is another one") {
		t.Errorf("without its key file: %v", err)
	}
	if _, err := s.try("ann", "import", "--yes", "--key-file", "a.key", "both.kdbx"); err == nil || !strings.Contains(err.Error(), "the key file is another one") {
		t.Errorf("with another one's: %v", err)
	}
	if _, err := s.try("ann", "import", "--yes", "--no-password", "both.kdbx"); err == nil || !strings.Contains(err.Error(), "--key-file") {
		t.Errorf("with nothing at all: %v", err)
	}
	for file, args := range map[string][]string{"alone.kdbx": {"--key-file", "a.key", "--no-password"}, "both.kdbx": {"--key-file", "b.key"}} {
		in := s.took("ann", append(append([]string{"import", "--yes"}, args...), file)...)
		if in.Outcome == nil || in.Outcome.Added != 1 {
			t.Errorf("%s: %+v %v", file, in.Outcome, in.Remarks)
		}
	}
}
