package bitwarden

import (
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	kit "github.com/keyferry/keyferry/cxp/formats/formatstest"
)

func TestSampleOfPlainPasskeys(t *testing.T) {
	r := kit.MustRead(t, Format{}, kit.Sample(t, "managers/bitwarden-plain-passkeys.json"), "")
	kit.Reports(t, r.Report)
	keys := kit.Passkeys(r)
	if r.Report.Items != 2 || len(keys) != 2 || !keys[0].SameCeremony(keys[1]) || !r.Plaintext {
		t.Errorf("read %+v", r.Report)
	}
	it := kit.Item(t, r, "webauthn.io")
	if it.CreationAt != 1729701488 || it.ModifiedAt != 1729701488 || len(it.Credentials) != 1 || it.Scope.URLs[0] != "https://webauthn.io/" {
		t.Errorf("read %+v", it)
	}
	p := kit.Only[*cxf.Passkey](t, it)
	if p.RPID != "webauthn.io" || p.Username != "KPXC_BITWARDEN" || string(p.UserHandle) != "i1mvag8v-KgqTBto-kHZKXh4zySTZ-bQRQx6ys2Wkw6k" && len(p.UserHandle) != 43 {
		t.Errorf("read %q %q %q", p.RPID, p.Username, p.UserHandle)
	}
}

func TestSamplePasswordProtected(t *testing.T) {
	data := kit.Sample(t, "managers/bitwarden-password-protected-pbkdf2.json")
	r := kit.MustRead(t, Format{}, data, "a")
	kit.Reports(t, r.Report)
	if r.Plaintext || r.Variant != "password-protected, PBKDF2" {
		t.Errorf("read as %+v", r)
	}
	for _, it := range r.Header.Accounts[0].Items {
		t.Log(it.Title, it.Credentials)
	}
}
