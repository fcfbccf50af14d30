package cxf

import (
	"bytes"
	"compress/flate"
	"io"
	"reflect"
	"strings"
	"testing"
)

// What the standard demands of passkeys, rule by rule; the rest is in must_test.go.

// §3.3.12: credentialId, rpId and userHandle equal those at registration; the names
// are those the person gave.
func TestMustPasskeyMembersStayAsAtRegistration(t *testing.T) {
	p := &Passkey{CredentialID: bytes.Repeat([]byte{0, 255}, 40), RPID: "xn--bcher-kva.example", Username: " edited\u200b ",
		UserDisplayName: "\u202eE", UserHandle: bytes.Repeat([]byte{0xfb}, 64), Key: testKey(t)}
	doc, _ := mustWrite(t, header(item(p)))
	back, report := mustRead(t, doc)
	reports(t, report)
	if got := firstCredential(t, vault(t, back)).(*Passkey); !reflect.DeepEqual(got, p) {
		t.Errorf("%+v became %+v", p, got)
	}
	// A user handle that cannot have been registered is not one.
	_, report = mustRead(t, withCredential(strings.Replace(passkeyJSON(t, ""), `"BAU"`, `"`+strings.Repeat("AAAA", 22)+`"`, 1)))
	hasCode(t, report, CodeWrongKind, "GitHub → passkey 1")
}

// §3.3.12
func TestMustPasskeyKeysArePKCS8(t *testing.T) {
	raw := bytes.Repeat([]byte{7}, 32)
	_, report := mustWrite(t, header(item(&Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: testKey(t)}, &Passkey{CredentialID: []byte{2}, RPID: "example.com", Key: raw})))
	reports(t, report, "GitHub → passkey 2: was left out: the key is not PKCS#8")
	_, report = mustRead(t, withCredential(passkeyJSON(t, "")+`,{"type":"passkey","credentialId":"AQ","rpId":"example.com","username":"","userDisplayName":"","userHandle":"AQ","key":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}`))
	reports(t, report, "GitHub → passkey 2: the key is not PKCS#8")
}

// §3.3.12: the same public key as at registration: TestKeysThatDoNotMatchAreNotWritten,
// TestPublicKeysInsidePrivateKeys.

// §3.3.12
func TestMustPasskeysWithCountersAreExcludedAndReported(t *testing.T) {
	for _, trusting := range []bool{false, true} {
		var b bytes.Buffer
		report, err := Write(&b, header(item(
			&Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: testKey(t)},
			&Passkey{CredentialID: []byte{2}, RPID: "example.com", Key: testKey(t), SignCount: 1})), &WriteOptions{SkipKeyCheck: trusting, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		conforms(t, b.Bytes())
		reports(t, report, "GitHub → passkey 2: was left out: the passkey has a signature counter, and such passkeys must not be exported")
		if report.Diagnostics[0].Code != CodeCounter || report.LeftOut != 1 || report.Credentials[TypePasskey] != 1 {
			t.Errorf("%+v", report)
		}
	}
}

// §3.3.12
func TestMustImportedCountersAreZero(t *testing.T) {
	h, _ := mustRead(t, withCredential(passkeyJSON(t, `,"signCount":5,"keyferry.app/signCount":6`)))
	if n := firstCredential(t, h).(*Passkey).SignCount; n != 0 {
		t.Errorf("the counter is %d", n)
	}
}

// §3.3.12.1
func TestMustNothingButNamesIsEditable(t *testing.T) {
	p := Passkey{CredentialID: []byte{1}, RPID: "example.com", UserHandle: []byte{2}, Key: []byte{3}, Username: "u"}
	renamed := p
	renamed.Username, renamed.UserDisplayName = "v", "V"
	if !p.SameCeremony(&renamed) {
		t.Error("other names make it another passkey")
	}
	for name, change := range map[string]func(*Passkey){
		"credentialId": func(q *Passkey) { q.CredentialID = []byte{9} }, "rpId": func(q *Passkey) { q.RPID = "example.org" },
		"userHandle": func(q *Passkey) { q.UserHandle = nil }, "key": func(q *Passkey) { q.Key = []byte{9} },
	} {
		q := p
		if change(&q); p.SameCeremony(&q) {
			t.Errorf("another %s makes no difference", name)
		}
	}
}

// §3.3.12.3
func TestMustPRFSecretsAreUsedAsTheyAre(t *testing.T) {
	uv, plain := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	doc, _ := mustWrite(t, header(item(&Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: testKey(t),
		Fido2Extensions: &Fido2Extensions{HMACCredentials: &Fido2HMACCredentials{Algorithm: HMACSHA256, CredWithUV: uv, CredWithoutUV: plain}}})))
	h, report := mustRead(t, doc)
	reports(t, report)
	gotUV, gotPlain, ok := firstCredential(t, h).(*Passkey).PRF()
	if !ok || !bytes.Equal(gotUV, uv) || !bytes.Equal(gotPlain, plain) {
		t.Error("the secrets changed")
	}
}

// §3.3.12.3
func TestMustAMissingPRFSecretIsMade(t *testing.T) {
	only := bytes.Repeat([]byte{1}, 32)
	for _, h := range []*Fido2HMACCredentials{{Algorithm: HMACSHA256, CredWithUV: only}, {Algorithm: HMACSHA256, CredWithoutUV: only}} {
		doc, report := mustWrite(t, header(item(&Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: testKey(t), Fido2Extensions: &Fido2Extensions{HMACCredentials: h}})))
		hasCode(t, report, CodeHMAC, "GitHub → passkey 1 → fido2Extensions → hmacCredentials")
		back, _ := mustRead(t, doc)
		uv, plain, ok := firstCredential(t, back).(*Passkey).PRF()
		if !ok || len(uv) != 32 || len(plain) != 32 || bytes.Equal(uv, plain) {
			t.Errorf("the secrets are %x and %x", uv, plain)
		}
		if len(h.CredWithUV)+len(h.CredWithoutUV) != 32 {
			t.Error("writing changed the caller's passkey")
		}
	}
}

// §3.3.12.5
func TestMustLargeBlobsAreDeflated(t *testing.T) {
	plain := bytes.Repeat([]byte("large "), 100)
	blob, err := NewLargeBlob(plain)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(flate.NewReader(bytes.NewReader(blob.Data))); err != nil || !bytes.Equal(got, plain) || blob.UncompressedSize != 600 {
		t.Errorf("compressed wrongly: %v", err)
	}
	with := func(b *Fido2LargeBlob) *Header {
		return header(item(&Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: testKey(t), Fido2Extensions: &Fido2Extensions{LargeBlob: b}}))
	}
	if _, report := mustWrite(t, with(blob)); len(report.Diagnostics) != 0 {
		t.Errorf("a good one: %v", report.Strings())
	}
	bomb, err := NewLargeBlob(make([]byte, MaxLargeBlob))
	if err != nil {
		t.Fatal(err)
	}
	bomb.UncompressedSize = 10
	for name, bad := range map[string]*Fido2LargeBlob{
		"stored as it is": {UncompressedSize: 600, Data: plain}, "of another size": {UncompressedSize: 599, Data: blob.Data}, "a bomb": bomb,
		"too large": {UncompressedSize: 1 << 40, Data: blob.Data}, "cut": {UncompressedSize: 600, Data: blob.Data[:5]},
	} {
		doc, report := mustWrite(t, with(bad))
		hasCode(t, report, CodeLargeBlob, "GitHub → passkey 1 → fido2Extensions → largeBlob")
		if strings.Contains(doc, "largeBlob") || report.Credentials[TypePasskey] != 1 {
			t.Errorf("%s: %s", name, doc)
		}
		var archive bytes.Buffer
		if _, err := Write(&archive, with(bad), &WriteOptions{Archive: true, Now: now}); err != nil {
			t.Fatal(err)
		}
		back, report := mustRead(t, archive.String())
		hasCode(t, report, CodeLargeBlob, "GitHub → passkey 1 → fido2Extensions → largeBlob")
		if x := firstCredential(t, back).(*Passkey).Fido2Extensions; x.LargeBlob != nil || x.Extra.Get("largeBlob") == nil {
			t.Errorf("%s was read as %+v", name, x)
		}
	}
}
