package kdbx

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// cli runs keepassxc-cli, which skips the test where it is not installed. input is what it asks for.
func cli(t *testing.T, input string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("keepassxc-cli")
	if err != nil {
		t.Skip("keepassxc-cli is not installed")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen", "HOME="+t.TempDir(), "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("keepassxc-cli %s: %v\n%s%s", args[0], err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

// TestReadKeePassXC reads databases that KeePassXC's own command line has made, with a password, a key file, and both.
func TestReadKeePassXC(t *testing.T) {
	for _, c := range []struct {
		name, password string
		keyFile        bool
	}{
		{"password", "correct horse", false}, {"key file", "", true}, {"both", "correct horse", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			db, key := filepath.Join(dir, "a.kdbx"), filepath.Join(dir, "a.key")
			create := []string{"db-create", "-q", "-t", "100"}
			use := []string{"-q"}
			twice, once := "", ""
			if c.password != "" {
				create = append(create, "-p")
				twice, once = c.password+"\n"+c.password+"\n", c.password+"\n"
			} else {
				use = append(use, "--no-password")
			}
			if c.keyFile {
				create = append(create, "--set-key-file", key)
				use = append(use, "-k", key)
			}
			run := func(input, command string, args ...string) {
				t.Helper()
				cli(t, input, append(append([]string{command}, use...), args...)...)
			}
			cli(t, twice, append(create, db)...)
			run(once, "mkdir", db, "Work")
			run(once+"s3cret & <more>\n", "add", "-u", "ann", "--url", "https://example.com", "--notes", "a note", "-p", db, "Work/Example")
			file := filepath.Join(dir, "photo.bin")
			content := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			run(once, "attachment-import", db, "Work/Example", "photo.bin", file)
			run(once+"gone\n", "add", "-p", db, "Old")
			run(once, "rm", db, "Old")

			data, err := os.ReadFile(db)
			if err != nil {
				t.Fatal(err)
			}
			var keyData []byte
			if c.keyFile {
				if keyData, err = os.ReadFile(key); err != nil {
					t.Fatal(err)
				}
			}
			r, err := Format{}.Read(t.Context(), input(data, c.password, keyData))
			if err != nil {
				t.Fatal(err)
			}
			account := r.Header.Accounts[0]
			if len(account.Items) != 1 {
				t.Fatalf("%d items", len(account.Items))
			}
			item := account.Items[0]
			if item.Title != "Example" || item.CreationAt == 0 || item.Scope.URLs[0] != "https://example.com" {
				t.Errorf("%+v", item)
			}
			login := item.Credentials[0].(*cxf.BasicAuth)
			if login.Username.Text() != "ann" || login.Password.Text() != "s3cret & <more>" {
				t.Errorf("login %+v", login)
			}
			if note := item.Credentials[1].(*cxf.Note); note.Content.Text() != "a note" {
				t.Errorf("note %+v", note)
			}
			stored := item.Credentials[2].(*cxf.File)
			f, err := r.Files(t.Context(), *stored)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(f)
			if err != nil || !bytes.Equal(got, content) || stored.Name != "photo.bin" {
				t.Errorf("file %q: %d bytes, %v", stored.Name, len(got), err)
			}
			if len(account.Collections) != 1 || account.Collections[0].Title != "Work" || account.Collections[0].Items[0].Item != item.ID {
				t.Errorf("collections %+v", account.Collections)
			}
			if got := strings.Join(r.Report.Strings(), "\n"); !strings.Contains(got, "Old: lay in the recycle bin") {
				t.Errorf("report:\n%s", got)
			}
		})
	}
}
