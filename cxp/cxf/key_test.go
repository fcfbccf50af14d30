package cxf

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/cloudflare/circl/pki"
	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// testKey makes a P-256 key of a fixed number, so that documents stay the same.
func testKey(t testing.TB) []byte {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	der, err := MarshalPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// testSigners makes one key of each kind.
func testSigners(t testing.TB) map[COSEAlgorithm]crypto.Signer {
	t.Helper()
	must := func(key crypto.Signer, err error) crypto.Signer {
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	must(ed, err)
	_, m44, err := mldsa44.GenerateKey(rand.Reader)
	must(m44, err)
	_, m65, err := mldsa65.GenerateKey(rand.Reader)
	must(m65, err)
	return map[COSEAlgorithm]crypto.Signer{
		ES256: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		ES384: must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		ES512: must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
		RS256: must(rsa.GenerateKey(rand.Reader, 2048)),
		EdDSA: ed, MLDSA44: m44, MLDSA65: m65,
	}
}

func TestKeysOfEveryKindSurvive(t *testing.T) {
	for algorithm, signer := range testSigners(t) {
		der, err := MarshalPrivateKey(signer)
		if err != nil {
			t.Fatalf("%d: %v", algorithm, err)
		}
		key, err := ParsePrivateKey(der)
		if err != nil {
			t.Fatalf("%d: %v", algorithm, err)
		}
		if key.Algorithm != algorithm {
			t.Errorf("%d was taken for %d", algorithm, key.Algorithm)
		}
		again, err := MarshalPrivateKey(key)
		if err != nil || !bytes.Equal(der, again) {
			t.Errorf("%d: marshalling again gives something else, %v", algorithm, err)
		}
		ours, err := key.PublicKeyDER()
		if err != nil {
			t.Fatal(err)
		}
		if theirs := publicDER(t, signer); !bytes.Equal(ours, theirs) {
			t.Errorf("%d: another public key came out", algorithm)
		}

		h := header(item(&Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: der, PublicKey: ours}))
		doc, report := mustWrite(t, h)
		reports(t, report)
		back, report := mustRead(t, doc)
		reports(t, report)
		if got := firstCredential(t, back).(*Passkey).Key; !bytes.Equal(got, der) {
			t.Errorf("%d: another key came out", algorithm)
		}
	}
}

// publicDER asks crypto/x509, or circl, for what PublicKeyDER should say.
func publicDER(t *testing.T, signer crypto.Signer) []byte {
	t.Helper()
	var der []byte
	var err error
	switch public := signer.Public().(type) {
	case *mldsa44.PublicKey:
		der, err = pki.MarshalPKIXPublicKey(public)
	case *mldsa65.PublicKey:
		der, err = pki.MarshalPKIXPublicKey(public)
	default:
		der, err = x509.MarshalPKIXPublicKey(public)
	}
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestMLDSAKeysAreThoseOfCircl(t *testing.T) {
	for algorithm, signer := range testSigners(t) {
		var theirs []byte
		var err error
		switch key := signer.(type) {
		case *mldsa44.PrivateKey:
			theirs, err = pki.MarshalPKIXPrivateKey(key)
		case *mldsa65.PrivateKey:
			theirs, err = pki.MarshalPKIXPrivateKey(key)
		default:
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		ours, err := MarshalPrivateKey(signer)
		if err != nil || !bytes.Equal(ours, theirs) || len(ours) != 54 {
			t.Errorf("%d: %x, %v; circl says %x", algorithm, ours, err, theirs)
		}
	}
}

func TestMLDSAKeysInOtherForms(t *testing.T) {
	_, key, err := mldsa65.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := MarshalPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	wrap := func(private []byte) []byte {
		out, err := asn1.Marshal(struct {
			Version    int
			Algorithm  asn1.RawValue
			PrivateKey []byte
		}{0, asn1.RawValue{FullBytes: der[5:18]}, private})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	both := func(seed, expanded []byte) []byte {
		out, err := asn1.Marshal(struct{ Seed, Expanded []byte }{seed, expanded})
		if err != nil {
			t.Fatal(err)
		}
		return wrap(out)
	}
	parsed, err := ParsePrivateKey(both(key.Seed(), key.Bytes()))
	if err != nil {
		t.Fatalf("seed and expanded key together: %v", err)
	}
	if again, err := MarshalPrivateKey(parsed); err != nil || !bytes.Equal(again, der) {
		t.Errorf("the seed was lost: %v", err)
	}
	expandedOnly, err := asn1.Marshal(key.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"expanded key alone":       wrap(expandedOnly),
		"two that do not belong":   both(bytes.Repeat([]byte{1}, 32), key.Bytes()),
		"seed too short":           wrap([]byte{0x80, 1, 2}),
		"something after it all":   append(bytes.Clone(der), 0),
		"something after the seed": wrap(append([]byte{0x80, 32}, make([]byte, 33)...)),
	} {
		if _, err := ParsePrivateKey(bad); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ecKey writes an EC key with any public key inside, or none.
func ecKey(t *testing.T, scalar, public []byte) []byte {
	t.Helper()
	type inner struct {
		Version int
		Private []byte
		Public  asn1.BitString `asn1:"optional,explicit,tag:1"`
	}
	private, err := asn1.Marshal(inner{1, scalar, asn1.BitString{Bytes: public, BitLength: 8 * len(public)}})
	if err != nil {
		t.Fatal(err)
	}
	der, err := asn1.Marshal(struct {
		Version   int
		Algorithm struct{ A, Curve asn1.ObjectIdentifier }
		Private   []byte
	}{0, struct{ A, Curve asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}}, private})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestPublicKeysInsidePrivateKeys(t *testing.T) {
	scalar := bytes.Repeat([]byte{7}, 32)
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	compressed := append([]byte{2 | point[64]&1}, point[1:33]...)
	for name, public := range map[string][]byte{"none": nil, "uncompressed": point, "compressed": compressed} {
		if _, err := ParsePrivateKey(ecKey(t, scalar, public)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wrong := bytes.Clone(point)
	wrong[64] ^= 1
	for name, public := range map[string][]byte{"another": wrong, "cut": point[:40], "other parity": append([]byte{compressed[0] ^ 1}, compressed[1:]...)} {
		if _, err := ParsePrivateKey(ecKey(t, scalar, public)); !errors.Is(err, errMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}

	// Ed25519 after RFC 5958, with the public key behind the private one.
	public, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	v1, err := MarshalPrivateKey(ed)
	if err != nil {
		t.Fatal(err)
	}
	v2 := func(public []byte) []byte {
		out := append(bytes.Clone(v1), append([]byte{0x81, 33, 0}, public...)...)
		out[1], out[4] = byte(len(out)-2), 1
		return out
	}
	if _, err := ParsePrivateKey(v2(public)); err != nil {
		t.Errorf("Ed25519 with its public key: %v", err)
	}
	if _, err := ParsePrivateKey(v2(make([]byte, 32))); !errors.Is(err, errMismatch) {
		t.Errorf("Ed25519 with another public key: %v", err)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	good := testKey(t)
	large, err := asn1.Marshal(struct {
		Version   int
		Algorithm struct{ A asn1.ObjectIdentifier }
		Private   []byte
	}{0, struct{ A asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}}, append([]byte{0x30, 0x82, 0x08, 0x08, 2, 1, 0, 2, 0x82, 0x08, 0x01, 0x7f}, make([]byte, 2048)...)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		der    []byte
		reason string
	}{
		"nothing":            {nil, "the key is not PKCS#8"},
		"a raw scalar":       {bytes.Repeat([]byte{7}, 32), "the key is not PKCS#8"},
		"PEM":                {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: good}), "the key is not PKCS#8"},
		"cut":                {good[:100], "the key is not PKCS#8"},
		"something after it": {append(bytes.Clone(good), 0), "the key is not PKCS#8"},
		"a zero scalar":      {ecKey(t, make([]byte, 32), nil), "the key is PKCS#8 but damaged, or on an unknown curve"},
		"a huge RSA key":     {large, "the key is RSA of more than 8192 bits"},
		"too long":           {make([]byte, 9<<10), "the key is larger than 8192 bytes"},
		"X25519":             {[]byte("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x6e\x04\x22\x04\x20" + strings.Repeat("k", 32)), "the key is of a kind that is not known here"},
	} {
		_, err := ParsePrivateKey(c.der)
		if !errors.Is(err, ErrKey) || keyReason(err) != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysThatDoNotMatchAreNotWritten(t *testing.T) {
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := (&PrivateKey{Signer: other}).PublicKeyDER()
	if err != nil {
		t.Fatal(err)
	}
	_, report := mustWrite(t, header(item(&Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: testKey(t), PublicKey: public})))
	reports(t, report, "GitHub → passkey 1: was left out: the private key does not give the public key of the registration")
}

func TestCheckKeysCatchesUp(t *testing.T) {
	bad := ecKey(t, make([]byte, 32), nil)
	h := header(item(&Passkey{CredentialID: []byte{1}, RPID: "example.com", Key: testKey(t)}, &Passkey{CredentialID: []byte{2}, RPID: "example.com", Key: bad}))
	var doc bytes.Buffer
	if _, err := Write(&doc, h, &WriteOptions{SkipKeyCheck: true, Now: now}); err != nil {
		t.Fatal(err)
	}
	later, report, err := Read(bytes.NewReader(doc.Bytes()), &ReadOptions{SkipKeyCheck: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	reports(t, report)
	reports(t, later.Accounts[0].Items[0].CheckKeys(), "GitHub → passkey 2: the key is PKCS#8 but damaged, or on an unknown curve")
	atOnce, report := mustRead(t, doc.String())
	reports(t, report, "GitHub → passkey 2: the key is PKCS#8 but damaged, or on an unknown curve")
	a, errA := MarshalItem(&later.Accounts[0].Items[0])
	b, errB := MarshalItem(&atOnce.Accounts[0].Items[0])
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("checking later gives something else:\n%s\n%s", a, b)
	}
}

func TestSignaturesVerify(t *testing.T) {
	der := testKey(t)
	key, err := ParsePrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("challenge"))
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if !ecdsa.VerifyASN1(key.Public().(*ecdsa.PublicKey), digest[:], signature) {
		t.Error("the signature does not verify")
	}
}
