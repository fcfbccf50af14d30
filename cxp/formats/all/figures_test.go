package all

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

const figured = 10_000

// TestFigures measures (KEYFERRY_BENCH=1) and asserts no speed: 10,000 entries of each format, beside the same as a plain CXF
// document. Entries are a login and a passkey, where the format has passkeys. Keys derived from passwords cost little here,
// since that does not depend on the entries.
func TestFigures(t *testing.T) {
	if os.Getenv("KEYFERRY_BENCH") != "1" {
		t.Skip("a measurement, which no test run should wait for: make bench does it (KEYFERRY_BENCH=1)")
	}
	d := kit.Many(t, figured)
	var plain bytes.Buffer
	write := best(t, func() error {
		plain.Reset()
		_, err := cxf.Write(&plain, d.Header, nil)
		return err
	})
	read := best(t, func() error {
		_, _, err := cxf.Read(bytes.NewReader(plain.Bytes()), nil)
		return err
	})
	fmt.Println("| 10,000 entries | read, entries/s | of CXF's | write, entries/s | of CXF's | file, MB |")
	fmt.Println("|---|---:|---:|---:|---:|---:|")
	row := func(name string, r, w time.Duration, size int) {
		written := "|  |"
		if w > 0 {
			written = fmt.Sprintf("| %.0f | %.2f", figured/w.Seconds(), write.Seconds()/w.Seconds())
		}
		fmt.Printf("| %s | %.0f | %.2f %s | %.1f |\n", name, figured/r.Seconds(), read.Seconds()/r.Seconds(), written, float64(size)/1e6)
	}
	row("CXF itself (package cxf)", read, write, plain.Len())
	for _, f := range Formats() {
		var took time.Duration
		var files [][]byte
		if w, ok := f.(formats.Writer); ok {
			options := formats.WriteOptions{Passphrase: []byte("p"), KDF: formats.KDF{Memory: 16 << 10, Time: 2, Threads: 1}}
			var out bytes.Buffer
			took = best(t, func() error {
				out.Reset()
				_, err := w.Write(t.Context(), &out, d, options)
				return err
			})
			files = [][]byte{out.Bytes()}
		} else {
			files = foreign(t, f.ID(), d)
		}
		if files == nil {
			continue
		}
		size := 0
		for _, raw := range files {
			size += len(raw)
		}
		n := 0
		got := best(t, func() error {
			n = 0
			for _, raw := range files {
				in := kit.Input(raw, "p")
				in.OnItem = func(int, cxf.Item) error { n++; return nil }
				if _, err := f.Read(t.Context(), in); err != nil {
					return err
				}
			}
			return nil
		})
		if n != figured {
			t.Errorf("%s: %d entries were read", f.ID(), n)
		}
		row(f.Name(), got, took, size)
	}
}

// best is the shortest of three runs.
func best(t *testing.T, run func() error) time.Duration {
	t.Helper()
	var shortest time.Duration
	for range 3 {
		start := time.Now()
		if err := run(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); shortest == 0 || took < shortest {
			shortest = took
		}
	}
	return shortest
}

// foreign makes what only others write; nil for the tables that differ from Chrome's in their columns only.
func foreign(t *testing.T, format string, d *formats.Document) [][]byte {
	t.Helper()
	var entries []string
	for i := range d.Header.Accounts[0].Items {
		it := &d.Header.Accounts[0].Items[i]
		p, l := kit.Only[*cxf.Passkey](t, it), kit.Only[*cxf.BasicAuth](t, it)
		user, password := l.Username.Text(), l.Password.Text()
		switch format {
		case "keepassxc-passkey":
			key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: p.Key}))
			entries = append(entries, fmt.Sprintf(`{"credentialId":%q,"privateKey":%q,"relyingParty":%q,"url":"https://%s","userHandle":%q,"username":%q}`,
				b64(p.CredentialID), key, p.RPID, p.RPID, b64(p.UserHandle), user))
		case "aliasvault":
			public, private := jwks(t, p)
			entries = append(entries, fmt.Sprintf(`{"id":"%d","name":%q,"itemType":"Login","folderId":null,"fieldValues":[{"fieldKey":"login.username","value":%q},{"fieldKey":"login.password","value":%q},`+
				`{"fieldKey":"login.url","value":"https://%s"}],"passkeys":[{"id":"%d","rpId":%q,"displayName":%q,"credentialId":%q,"userHandle":%q,"publicKey":%q,"privateKey":%q,"prfKey":null}]}`,
				i, it.Title, user, password, p.RPID, i, p.RPID, user, base64.StdEncoding.EncodeToString(p.CredentialID), base64.StdEncoding.EncodeToString(p.UserHandle), public, private))
		case "1pux":
			entries = append(entries, fmt.Sprintf(`{"uuid":"%d","favIndex":0,"createdAt":1600000000,"updatedAt":1600000000,"state":"active","categoryUuid":"001","details":{"loginFields":[`+
				`{"value":%q,"id":"","name":"u","fieldType":"T","designation":"username"},{"value":%q,"id":"","name":"p","fieldType":"P","designation":"password"}],"notesPlain":"","sections":[]},`+
				`"overview":{"title":%q,"url":"https://%s","urls":[{"label":"","url":"https://%s"}],"tags":[]}}`, i, user, password, it.Title, p.RPID, p.RPID))
		case "chrome":
			entries = append(entries, fmt.Sprintf("%s,https://%s/login,%s,%s,", it.Title, p.RPID, user, password))
		}
	}
	switch format {
	case "keepassxc-passkey":
		files := make([][]byte, len(entries))
		for i := range entries {
			files[i] = []byte(entries[i])
		}
		return files
	case "aliasvault":
		return [][]byte{kit.Zip(t, [2]string{"manifest.json", `{"version":"1.0.0","exportedAt":"2026-01-01T00:00:00Z","items":[` + strings.Join(entries, ",") + `],"folders":[]}`})}
	case "1pux":
		return [][]byte{kit.Zip(t, [2]string{"export.attributes", `{"version":3,"description":"1Password Unencrypted Export","createdAt":1600000000}`},
			[2]string{"export.data", `{"accounts":[{"attrs":{"accountName":"a","name":"a"},"vaults":[{"attrs":{"uuid":"v","name":"Personal","type":"P"},"items":[` + strings.Join(entries, ",") + `]}]}]}`})}
	case "chrome":
		return [][]byte{[]byte("name,url,username,password,note\n" + strings.Join(entries, "\n") + "\n")}
	}
	return nil
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// jwks are the JSON Web Keys of a P-256 passkey.
func jwks(t *testing.T, p *cxf.Passkey) (public, private string) {
	t.Helper()
	key, err := cxf.ParsePrivateKey(p.Key)
	if err != nil {
		t.Fatal(err)
	}
	k := key.Signer.(*ecdsa.PrivateKey)
	raw, err := k.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	d, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	public = fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q`, b64(raw[1:33]), b64(raw[33:]))
	return public + "}", public + fmt.Sprintf(`,"d":%q}`, b64(d))
}
