package cxf

import (
	"strings"
	"testing"
)

// keeper keeps the slices it is given, which it should not, to see what becomes of them.
type keeper struct{ slices [][]byte }

func (k *keeper) Write(p []byte) (int, error) {
	k.slices = append(k.slices, p)
	return len(p), nil
}

func TestTheWritersBufferIsCleared(t *testing.T) {
	h, _ := mustRead(t, testdata(t, "everything.json"))
	var k keeper
	if _, err := Write(&k, h, writeOptions()); err != nil {
		t.Fatal(err)
	}
	for _, s := range k.slices {
		if strings.Trim(string(s), "\x00") != "" {
			t.Errorf("%d bytes of the document are still in memory", len(s))
		}
	}
}

// A key of a kind that we cannot sign with satisfies the standard: it is kept and
// passed on, whether it is looked at on reading or later.
func TestKeysOfUnknownKindsAreKeptAndPassedOn(t *testing.T) {
	x25519 := []byte("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x6e\x04\x22\x04\x20" + strings.Repeat("k", 32))
	p := &Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: x25519}
	later := item(p)
	report := later.CheckKeys()
	reports(t, report, "GitHub → passkey 1: the key is of a kind that is not known here")
	u, ok := later.Credentials[0].(*Unknown)
	if !ok || u.Broken {
		t.Fatalf("the passkey became %#v", later.Credentials[0])
	}
	doc := stable(t, header(later))
	if !strings.Contains(doc, string(u.Raw)) {
		t.Errorf("the passkey was lost: %s", doc)
	}
	h, report := mustRead(t, doc)
	reports(t, report, "GitHub → passkey 1: the key is of a kind that is not known here; it is kept as it is")
	if u, ok := firstCredential(t, h).(*Unknown); !ok || u.Broken {
		t.Errorf("the passkey was read as %#v", firstCredential(t, h))
	}
}

func TestEmptyPRFSecretsAreNone(t *testing.T) {
	for _, secrets := range []string{`{"algorithm":"hmac-sha256"}`, `{"algorithm":"hmac-sha256","credWithUV":"","credWithoutUV":""}`} {
		h, report := mustRead(t, withCredential(passkeyJSON(t, `,"fido2Extensions":{"hmacCredentials":`+secrets+`}`)))
		hasCode(t, report, CodeHMAC, "GitHub → passkey 1 → fido2Extensions → hmacCredentials")
		p := firstCredential(t, h).(*Passkey)
		if _, _, ok := p.PRF(); ok || p.Fido2Extensions.HMACCredentials != nil {
			t.Error("nothing would be used as an HMAC key")
		}
		stable(t, h)
	}
}
