package kdbx

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// cli runs keepassxc-cli. input is what it asks for.
func cli(t *testing.T, input string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), formatstest.Tool(t, "keepassxc-cli"), args...)
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

// TestReadImportedByKeePassXC lets KeePassXC make a database of passkeys, protected and not, and of nested groups, and reads it.
func TestReadImportedByKeePassXC(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	document, db := filepath.Join(dir, "a.xml"), filepath.Join(dir, "a.kdbx")
	prf := bytes.Repeat([]byte{3}, 32)
	fields := f.attributes("!"+attrPRF, b64(prf), attrEligible, "1", attrBackedUp, "1", keyUser, "ann", "KPEX_OTHER", "kept")
	for i := 0; i < len(fields); i += 2 {
		fields[i] = strings.TrimPrefix(fields[i], "!") // in XML that is not encrypted, Protected would hide
	}
	xml := `<?xml version="1.0" encoding="utf-8"?><KeePassFile><Meta><MemoryProtection><ProtectPassword>True</ProtectPassword></MemoryProtection></Meta>` +
		`<Root><Group><UUID>` + uuidText([16]byte{1}) + `</UUID><Name>Root</Name><Group><UUID>` + uuidText([16]byte{2}) + `</UUID><Name>Outer</Name>` +
		`<Group><UUID>` + uuidText([16]byte{3}) + `</UUID><Name>Inner</Name>` +
		entryOf("<UUID>"+uuidText([16]byte{4})+"</UUID><Tags>one;Passkey</Tags>", fields...) + `</Group></Group></Group></Root></KeePassFile>`
	if err := os.WriteFile(document, []byte(xml), 0o600); err != nil {
		t.Fatal(err)
	}
	cli(t, "pass\npass\n", "import", "-q", "-t", "100", "-p", document, db)
	data, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, data, "pass")
	formatstest.Reports(t, r.Report)
	it := r.Header.Accounts[0].Items[0]
	p := formatstest.Only[*cxf.Passkey](t, &it)
	if !p.SameCeremony(f.Passkey) || p.Username != "ann" {
		t.Errorf("%+v", p)
	}
	if secret, _, ok := p.PRF(); !ok || !bytes.Equal(secret, prf) {
		t.Error("the PRF secret is another")
	}
	if be, bs, known := BackupFlags(p); !be || !bs || !known {
		t.Errorf("flags %v %v %v", be, bs, known)
	}
	if got := labels(r); got != "KPEX_OTHER" || len(it.Tags) != 1 || it.Tags[0] != "one" {
		t.Errorf("fields %q, tags %q", got, it.Tags)
	}
	if path := formats.Paths(&r.Header.Accounts[0])[it.ID]; len(path) != 1 || strings.Join(path[0], "/") != "Outer/Inner" {
		t.Errorf("in %q", path)
	}
}

// TestKeyFiles opens what KeePassXC closed with key files of each kind.
func TestKeyFiles(t *testing.T) {
	for name, key := range map[string][]byte{
		"32 bytes":       bytes.Repeat([]byte{0xA5}, 32),
		"64 digits":      bytes.Repeat([]byte("5a"), 32),
		"not quite hex":  bytes.Repeat([]byte("5x"), 32),
		"any file":       []byte("just some file\r\nof any length"),
		"XML, version 1": []byte(`<?xml version="1.0"?><KeyFile><Meta><Version>1.00</Version></Meta><Key><Data>` + "pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKQ=" + `</Data></Key></KeyFile>`),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, path := filepath.Join(dir, "a.kdbx"), filepath.Join(dir, "a.key")
			if err := os.WriteFile(path, key, 0o600); err != nil {
				t.Fatal(err)
			}
			cli(t, "", "db-create", "-q", "-t", "100", "--set-key-file", path, db)
			data, err := os.ReadFile(db)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := (Format{}).Read(t.Context(), input(data, "", key)); err != nil {
				t.Error(err)
			}
			other := bytes.Clone(key)
			other[len(other)*2/3] ^= 1
			if _, err := (Format{}).Read(t.Context(), input(data, "", other)); !errors.Is(err, formats.ErrWrongPassword) {
				t.Errorf("with another key file: %v", err)
			}
		})
	}
}
