package keepassxc

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

func TestSample(t *testing.T) {
	r := kit.MustRead(t, Format{}, kit.Sample(t, "managers/keepassxc-webauthn.io.synthetic.passkey"), "")
	kit.Reports(t, r.Report)
	p := kit.Only[*cxf.Passkey](t, kit.Item(t, r, "webauthn.io"))
	if p.Username != "KPXC_BITWARDEN" || len(p.CredentialID) != 16 || !r.Plaintext {
		t.Errorf("read %+v", p)
	}
}

// file makes a file of a passkey, as KeePassXC writes it.
func file(t testing.TB, p *cxf.Passkey) map[string]any {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	return map[string]any{
		"relyingParty": p.RPID, "url": "https://" + p.RPID, "username": p.Username, "credentialId": b64(p.CredentialID),
		"userHandle": b64(p.UserHandle), "privateKey": formats.EncodePEM(p.Key),
	}
}

func jsonOf(t testing.TB, v any) []byte {
	t.Helper()
	out, err := json.MarshalIndent(v, "", "    ")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryAlgorithmSignsIn(t *testing.T) {
	for _, algorithm := range []string{"ES256", "EdDSA", "RS256"} {
		p, public := kit.NewPasskey(t, "kpxc.example", "ada", algorithm, 32)
		r := kit.MustRead(t, Format{}, append([]byte("\xef\xbb\xbf"), jsonOf(t, file(t, p))...), "")
		kit.Reports(t, r.Report)
		it := kit.Item(t, r, "kpxc.example")
		got := kit.Only[*cxf.Passkey](t, it)
		if !got.SameCeremony(p) || it.Scope.URLs[0] != "https://kpxc.example" {
			t.Errorf("%s: %+v", algorithm, got)
		}
		kit.SignIn(t, got, public)
	}
}

func TestRefused(t *testing.T) {
	p, _ := kit.NewPasskey(t, "kpxc.example", "ada", "ES256", 32)
	damaged := "the file is damaged; export it again: "
	for _, c := range []struct {
		name   string
		change func(m map[string]any)
		says   string
	}{
		{"no relying party", func(m map[string]any) { m["relyingParty"] = "" }, "passkey: " + damaged + "names no relying party"},
		{"relying party is a number", func(m map[string]any) { m["relyingParty"] = 7 }, "JSON: " + damaged + "has something unexpected at relyingParty"},
		{"credential ID is null", func(m map[string]any) { m["credentialId"] = nil }, "passkey: " + damaged + "credentialId is missing"},
		{"credential ID is empty", func(m map[string]any) { m["credentialId"] = "" }, "passkey: " + damaged + "has no credential ID"},
		{"credential ID is no base64", func(m map[string]any) { m["credentialId"] = "***" }, "credentialId: " + damaged + "is no base64"},
		{"credential ID is too long", func(m map[string]any) { m["credentialId"] = strings.Repeat("A", 1400) }, "passkey: " + damaged + "has a credential ID of more than 1023 bytes"},
		{"no user handle", func(m map[string]any) { delete(m, "userHandle") }, "passkey: " + damaged + "userHandle is missing"},
		{"user handle is no base64", func(m map[string]any) { m["userHandle"] = "%" }, "userHandle: " + damaged + "is no base64"},
		{"key is null", func(m map[string]any) { m["privateKey"] = nil }, "passkey: " + damaged + "privateKey is missing"},
		{"key is no PEM", func(m map[string]any) { m["privateKey"] = "key" }, "privateKey: " + damaged + "is no PEM text"},
		{"key is of another kind", func(m map[string]any) {
			m["privateKey"] = strings.ReplaceAll(m["privateKey"].(string), "PRIVATE KEY", "EC PRIVATE KEY")
		}, "privateKey: " + damaged + "is no PKCS#8 private key"},
		{"key is encrypted", func(m map[string]any) {
			m["privateKey"] = strings.ReplaceAll(m["privateKey"].(string), "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
		}, "privateKey: " + damaged + "is encrypted with a password of its own"},
		{"two keys", func(m map[string]any) { m["privateKey"] = m["privateKey"].(string) + m["privateKey"].(string) }, "privateKey: " + damaged + "is followed by something else"},
		{"key is nonsense", func(m map[string]any) { m["privateKey"] = formats.EncodePEM([]byte("nonsense")) }, "passkey: " + damaged + "the private key cannot be used: the key is not PKCS#8"},
	} {
		m := file(t, p)
		c.change(m)
		_, err := kit.Read(t, Format{}, append(jsonOf(t, m), ' '), "")
		if err == nil || err.Error() != c.says || !errors.Is(err, formats.ErrDamaged) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	whole := jsonOf(t, file(t, p))
	for _, data := range [][]byte{whole[:len(whole)-2], append(whole, whole...), []byte("[]"), nil} {
		if _, err := (Format{}).Read(t.Context(), kit.Input(data, "")); !errors.Is(err, formats.ErrDamaged) && !errors.Is(err, formats.ErrNotThis) {
			t.Errorf("%.20q: %v", data, err)
		}
	}
	if _, err := (Format{}).Read(t.Context(), kit.Input(make([]byte, maxFile+1), "")); !errors.Is(err, formats.ErrTooLarge) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	p, _ := kit.NewPasskey(f, "kpxc.example", "ada", "ES256", 32)
	f.Add(jsonOf(f, file(f, p)))
	f.Add([]byte(`{"relyingParty":"","credentialId":null,"privateKey":7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := (Format{}).Read(t.Context(), kit.Input(data, "")); err == nil {
			kit.Consistent(t, r)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	p, _ := kit.NewPasskey(b, "kpxc.example", "ada", "ES256", 32)
	kit.BenchmarkRead(b, Format{}, jsonOf(b, file(b, p)), "", 1)
}
