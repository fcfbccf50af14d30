package bitwarden

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// quick are costs that a test can pay.
func quick() formats.KDF { return formats.KDF{Memory: 16 << 10, Time: 2, Threads: 2} }

const password = "correct horse, battery"

// protect makes a password-protected file of plain text, with any key derivation.
func protect(t testing.TB, doc string, k *kdf, password string) map[string]any {
	t.Helper()
	keys, err := k.derive([]byte(password))
	if err != nil {
		t.Fatal(err)
	}
	encrypt := func(s string) string {
		e, err := keys.seal([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := e.write(&out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	m := map[string]any{
		"encrypted": true, "passwordProtected": true, "salt": k.salt, "kdfType": 0, "kdfIterations": k.iterations, "kdfMemory": nil, "kdfParallelism": nil,
		"encKeyValidation_DO_NOT_EDIT": encrypt("0b9f7c1e-1c2d-4e3f-8a5b-6c7d8e9f0a1b"), "data": encrypt(doc),
	}
	if k.argon2 {
		m["kdfType"], m["kdfMemory"], m["kdfParallelism"] = 1, k.memory, k.threads
	}
	return m
}

func TestPasswordProtected(t *testing.T) {
	for variant, k := range map[string]*kdf{
		"password-protected, PBKDF2":   {iterations: 100_000, salt: "c2FsdA=="},
		"password-protected, Argon2id": {argon2: true, iterations: 2, memory: 16, threads: 3, salt: "c2FsdA=="},
	} {
		r := kit.MustRead(t, Format{}, kit.JSON(t, protect(t, string(kit.Testdata(t, "organization.json")), k, password)), password)
		kit.Reports(t, r.Report)
		if r.Variant != variant || r.Plaintext {
			t.Errorf("%q, %v", r.Variant, r.Plaintext)
		}
		kit.Item(t, r, "Shared login")
	}
}

func TestFewIterationsAreMentioned(t *testing.T) {
	k := &kdf{iterations: 5000, salt: "s"}
	r := kit.MustRead(t, Format{}, kit.JSON(t, protect(t, `{"items":[]}`, k, password)), password)
	kit.Reports(t, r.Report, "the file is encrypted with only 5000 iterations of PBKDF2; do not leave it lying about")
}

// What a password-protected file can be refused for, in the words that a person sees.
func TestRefusedPasswordProtected(t *testing.T) {
	base := &kdf{iterations: 1000, salt: "s"}
	flip := func(s any) string {
		text := []byte(s.(string))
		i := strings.IndexByte(string(text), '|') + 5
		if text[i] == 'A' {
			text[i] = 'B'
		} else {
			text[i] = 'A'
		}
		return string(text)
	}
	for _, c := range []struct {
		name     string
		change   func(m map[string]any)
		password string
		want     error
		says     string
	}{
		{"wrong password", func(map[string]any) {}, "other", formats.ErrWrongPassword, "wrong password"},
		{"nobody to ask", func(map[string]any) {}, "", formats.ErrPasswordNeeded, "the file is encrypted; its password is needed: the password that was chosen for the file when it was exported from Bitwarden"},
		{"data altered", func(m map[string]any) { m["data"] = flip(m["data"]) }, password, formats.ErrDamaged, "encryption: the file is damaged; export it again: the password is right, but the data was altered"},
		{"validation altered", func(m map[string]any) { m["encKeyValidation_DO_NOT_EDIT"] = flip(m["encKeyValidation_DO_NOT_EDIT"]) }, password, formats.ErrWrongPassword, "wrong password"},
		{"no data", func(m map[string]any) { delete(m, "data") }, password, formats.ErrDamaged, "envelope: the file is damaged; export it again: something that every password-protected export has is missing"},
		{"no salt", func(m map[string]any) { delete(m, "salt") }, password, formats.ErrDamaged, "envelope: the file is damaged; export it again: something that every password-protected export has is missing"},
		{"no kdf", func(m map[string]any) { delete(m, "kdfType") }, password, formats.ErrDamaged, "envelope: the file is damaged; export it again: something that every password-protected export has is missing"},
		{"unknown kdf", func(m map[string]any) { m["kdfType"] = 7 }, password, nil, "the file is of Bitwarden version with key derivation 7, newer than Keyferry knows; update Keyferry, or export in an older format"},
		{"no iterations", func(m map[string]any) { m["kdfIterations"] = 0 }, password, formats.ErrKDF, "PBKDF2 with 0 iterations, where 1 to 10000000 are accepted: unacceptable key derivation parameters"},
		{"a billion iterations", func(m map[string]any) { m["kdfIterations"] = 1_000_000_000 }, password, formats.ErrKDF, "PBKDF2 with 1000000000 iterations, where 1 to 10000000 are accepted: unacceptable key derivation parameters"},
		{"a terabyte", func(m map[string]any) { m["kdfType"], m["kdfMemory"], m["kdfParallelism"] = 1, 1<<20, 4 }, password, formats.ErrKDF, "Argon2 with 1048576 MiB of memory: unacceptable key derivation parameters"},
		{"Argon2 without memory", func(m map[string]any) { m["kdfType"] = 1 }, password, formats.ErrKDF, "Argon2 with 0 KiB, 1000 passes and 0 lanes does not exist: unacceptable key derivation parameters"},
		{"a day of passes", func(m map[string]any) { m["kdfType"], m["kdfMemory"], m["kdfParallelism"] = 1, 1024, 4 }, password, formats.ErrKDF, "Argon2 with 1048576 KiB, 1000 passes and 4 lanes costs too much: unacceptable key derivation parameters"},
		{"newer encryption", func(m map[string]any) { m["data"] = "7." + strings.TrimPrefix(m["data"].(string), "2.") }, password, nil, "the file is of Bitwarden version with encryption type 7, newer than Keyferry knows; update Keyferry, or export in an older format"},
		{"no encryption", func(m map[string]any) { m["data"] = "plain" }, password, formats.ErrDamaged, "encryption: the file is damaged; export it again: something that should be encrypted is not"},
		{"two parts", func(m map[string]any) { m["data"] = "2.AAAA|AAAA" }, password, formats.ErrDamaged, "encryption: the file is damaged; export it again: an encrypted text does not have three parts"},
		{"odd length", func(m map[string]any) { m["data"] = "2.AAAA|AAAA|AAAA" }, password, formats.ErrDamaged, "encryption: the file is damaged; export it again: an encrypted text has a part of impossible length"},
		{"no base64", func(m map[string]any) { m["data"] = "2.%%|%%|%%" }, password, formats.ErrDamaged, "encryption: the file is damaged; export it again: an encrypted text is no base64"},
		{"data is a list", func(m map[string]any) { m["data"] = []int{1} }, password, formats.ErrDamaged, "envelope: the file is damaged; export it again: something that should be encrypted is not"},
	} {
		m := protect(t, `{"encrypted":false,"folders":[],"items":[]}`, base, password)
		c.change(m)
		_, err := kit.Read(t, Format{}, kit.JSON(t, m), c.password)
		var version *formats.VersionError
		if err == nil || err.Error() != c.says || c.want != nil && !errors.Is(err, c.want) || c.want == nil && !errors.As(err, &version) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAccountRestricted(t *testing.T) {
	_, err := kit.Read(t, Format{}, kit.Testdata(t, "account-restricted.json"), password)
	var restricted *formats.RestrictedError
	if !errors.As(err, &restricted) || !strings.Contains(err.Error(), "Password protected") {
		t.Error(err)
	}
}

// Plain documents that are refused as a whole.
func TestRefusedPlain(t *testing.T) {
	for _, c := range []struct{ doc, says string }{
		{`{"encrypted":false,"items":[{"name":"x"}`, "JSON: the file is damaged; export it again: it ends in the middle; it may have been cut short"},
		{`{"encrypted":false,"items":[}`, "JSON: the file is damaged; export it again: it is no JSON from byte 28 on"},
		{`{"encrypted":false,"items":[],"items":[]}`, "JSON: the file is damaged; export it again: a member stands there twice"},
		{`{"encrypted":false,"items":[]} {}`, "JSON: the file is damaged; export it again: something follows the document"},
		{`{"encrypted":false,"items":[{"name":"x","name":"y"}]}`, "JSON: the file is damaged; export it again: a member stands there twice"},
		{"{\"encrypted\":false,\"items\":[{\"name\":\"\xff\"}]}", "JSON: the file is damaged; export it again: it is no JSON from byte 37 on"},
		{`{"encrypted":false,"folders":7,"items":[]}`, "JSON: the file is damaged; export it again: the document is not put together as it should be"},
	} {
		_, err := kit.Read(t, Format{}, []byte(c.doc), "")
		if err == nil || err.Error() != c.says || !errors.Is(err, formats.ErrDamaged) {
			t.Errorf("%.40q: %v", c.doc, err)
		}
	}
}

// An independent program decrypts what we write: Debian's argon2 derives the master key, Node's crypto does the rest after
// Bitwarden's published recipe (testdata/decrypt.mjs).
func TestNodeOpensWhatWeWrite(t *testing.T) {
	node, argon2 := kit.Tool(t, "node"), kit.Tool(t, "argon2")
	p, _ := kit.NewPasskey(t, "node.example", "ada", "ES256", 16)
	doc := kit.NewDocument([]cxf.Item{kit.NewItem("node.example", p, formats.Login("ada", "pässword \U0001f511"))}, map[string][]int{"Work": {0}})
	data, _ := kit.Written(t, Format{}, doc, formats.WriteOptions{Passphrase: []byte(password), KDF: quick()})
	for !passable(t, data) {
		data, _ = kit.Written(t, Format{}, doc, formats.WriteOptions{Passphrase: []byte(password), KDF: quick()})
	}
	file := filepath.Join(t.TempDir(), "export.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "testdata/decrypt.mjs", file, argon2)
	cmd.Stdin, cmd.Stderr = strings.NewReader(password), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := kit.MustRead(t, Format{}, out, "")
	ours := kit.MustRead(t, Format{}, data, password)
	kit.Reports(t, theirs.Report)
	if a, b := marshal(t, theirs.Header.Accounts[0].Items), marshal(t, ours.Header.Accounts[0].Items); a != b {
		t.Errorf("Node found %s\nwe found %s", a, b)
	}
	if got := kit.Passkeys(theirs); len(got) != 1 || !got[0].SameCeremony(p) {
		t.Errorf("Node found %d passkeys", len(got))
	}
}

// passable says that the argument vector of a program can hold the salt.
func passable(t *testing.T, data []byte) bool {
	t.Helper()
	var m struct{ Salt string }
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	salt := sha256.Sum256([]byte(m.Salt))
	return bytes.IndexByte(salt[:], 0) < 0 && salt[31] != '\n'
}

func marshal(t testing.TB, items []cxf.Item) string {
	t.Helper()
	var out strings.Builder
	for i := range items {
		raw, err := cxf.MarshalItem(&items[i])
		if err != nil {
			t.Fatal(err)
		}
		out.Write(raw)
	}
	return out.String()
}

func TestEscapedSlashes(t *testing.T) {
	m := kit.JSON(t, protect(t, `{"encrypted":false,"items":[]}`, &kdf{iterations: 100_000, salt: "s"}, password))
	kit.MustRead(t, Format{}, bytes.ReplaceAll(m, []byte("/"), []byte(`\/`)), password)
}

// A large encrypted file takes its text once, its ciphertext once, and no plaintext beyond the ciphertext's memory.
func TestMemoryOfALargeSealedFile(t *testing.T) {
	var doc strings.Builder
	doc.WriteString(`{"encrypted":false,"items":[`)
	const items = 16_000
	for i := range items {
		if i > 0 {
			doc.WriteByte(',')
		}
		fmt.Fprintf(&doc, `{"id":"%d","type":2,"name":"Note %d","notes":"%s"}`, i, i, strings.Repeat("n", 4000))
	}
	doc.WriteString("]}")
	data := kit.JSON(t, protect(t, doc.String(), &kdf{iterations: 100_000, salt: "s"}, password))
	doc.Reset()
	n := 0
	most := kit.Peak(func(sample func()) {
		in := kit.Input(data, password)
		in.OnItem = func(int, cxf.Item) error {
			if n++; n%1000 == 0 {
				sample()
			}
			return nil
		}
		if _, err := (Format{}).Read(t.Context(), in); err != nil || n != items {
			t.Fatalf("%d items, %v", n, err)
		}
	})
	if size := uint64(len(data)); most > 3*size {
		t.Errorf("%d MiB for a file of %d MiB", most>>20, size>>20)
	}
}
