package webauthn

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

type importedKey struct {
	alg   int64
	pkcs8 []byte
}

// importedKeys makes its keys once for all tests: RSA takes its time. Nobody may change them.
func importedKeys(t testing.TB) map[string]importedKey {
	t.Helper()
	importedOnce.Do(func() { imported = makeImportedKeys(t) })
	if imported == nil {
		t.Fatal("the keys could not be made")
	}
	return imported
}

var (
	importedOnce sync.Once
	imported     map[string]importedKey
)

func makeImportedKeys(t testing.TB) map[string]importedKey {
	t.Helper()
	must := func(b []byte, err error) []byte {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
		return b
	}
	keys := map[string]importedKey{}
	for alg, curve := range map[int64]elliptic.Curve{AlgES256: elliptic.P256(), AlgES384: elliptic.P384(), AlgES512: elliptic.P521()} {
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		keys[AlgorithmName(alg)] = importedKey{alg, must(x509.MarshalPKCS8PrivateKey(k))}
		keys[AlgorithmName(alg)+" without its public half"] = importedKey{alg, withoutPublicHalf(t, k)}
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys["EdDSA"] = importedKey{AlgEdDSA, must(x509.MarshalPKCS8PrivateKey(ed))}
	for name, bits := range map[string]int{"RS256": 2048, "RS256 with 3072 bits": 3072} {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = importedKey{AlgRS256, must(x509.MarshalPKCS8PrivateKey(k))}
	}
	seed := bytes.Repeat([]byte{7}, 32)
	keys["ML-DSA-44"] = importedKey{AlgMLDSA44, mldsaPKCS8(t, 17, seed, nil)}
	keys["ML-DSA-65, seed and key"] = importedKey{AlgMLDSA65, mldsaPKCS8(t, 18, seed, make([]byte, mldsa65.PrivateKeySize))}
	return keys
}

type pkcs8Form struct {
	Version   int
	Algorithm struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	PrivateKey []byte
}

func marshalDER(t testing.TB, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withoutPublicHalf is the form that some exporters write: RFC 5915 makes the public key optional.
func withoutPublicHalf(t testing.TB, k *ecdsa.PrivateKey) []byte {
	t.Helper()
	scalar, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return ecPKCS8(t, k.Curve, marshalDER(t, struct {
		Version int
		Scalar  []byte
	}{1, scalar}))
}

func ecPKCS8(t testing.TB, curve elliptic.Curve, inner []byte) []byte {
	t.Helper()
	oid := map[elliptic.Curve]asn1.ObjectIdentifier{
		elliptic.P256(): {1, 2, 840, 10045, 3, 1, 7}, elliptic.P384(): {1, 3, 132, 0, 34}, elliptic.P521(): {1, 3, 132, 0, 35},
	}[curve]
	form := pkcs8Form{PrivateKey: inner}
	form.Algorithm.OID = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	form.Algorithm.Parameters = asn1.RawValue{FullBytes: marshalDER(t, oid)}
	return marshalDER(t, form)
}

func mldsaPKCS8(t testing.TB, last int, seed, expanded []byte) []byte {
	t.Helper()
	form := pkcs8Form{PrivateKey: append([]byte{0x80, byte(len(seed))}, seed...)}
	form.Algorithm.OID = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, last}
	if expanded != nil {
		form.PrivateKey = marshalDER(t, struct{ Seed, Expanded []byte }{seed, expanded})
	}
	return marshalDER(t, form)
}

func TestMLDSA(t *testing.T) {
	keys, message := importedKeys(t), []byte("message")
	sign := func(k importedKey) []byte {
		parsed, err := parseKey(k.alg, k.pkcs8)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := parsed.sign(message)
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	seed := [32]byte(bytes.Repeat([]byte{7}, 32))
	public44, _ := mldsa44.NewKeyFromSeed(&seed)
	if !mldsa44.Verify(public44, message, nil, sign(keys["ML-DSA-44"])) {
		t.Error("ML-DSA-44 signature does not verify")
	}
	public65, _ := mldsa65.NewKeyFromSeed(&seed)
	if !mldsa65.Verify(public65, message, nil, sign(keys["ML-DSA-65, seed and key"])) {
		t.Error("ML-DSA-65 signature does not verify")
	}
}

// The short road through PKCS#8 gives the same key as the standard library, and does give one.
func TestParseECAgreesWithX509(t *testing.T) {
	keys := importedKeys(t)
	for _, name := range []string{"ES256", "ES384", "ES512"} {
		k := keys[name]
		want, err := x509.ParsePKCS8PrivateKey(k.pkcs8)
		if err != nil {
			t.Fatal(err)
		}
		if got := parseEC(k.pkcs8); got == nil || !got.Equal(want.(*ecdsa.PrivateKey)) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The short road leaves what is odd to the standard library.
func TestParseECRefusesScalarsOutOfRange(t *testing.T) {
	for _, scalar := range [][]byte{make([]byte, 32), bytes.Repeat([]byte{255}, 32), make([]byte, 31), make([]byte, 33)} {
		if k := parseEC(withScalar(t, scalar, mustKey(t))); k != nil {
			t.Errorf("%x was taken", scalar)
		}
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	keys := importedKeys(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p256a, p256b := mustKey(t), mustKey(t)
	for name, c := range map[string]importedKey{
		"nothing":                     {AlgES256, nil},
		"noise":                       {AlgES256, []byte("not a key")},
		"cut":                         {AlgES256, keys["ES256"].pkcs8[:40]},
		"another curve":               {AlgES256, keys["ES384"].pkcs8},
		"another kind":                {AlgES256, keys["EdDSA"].pkcs8},
		"EC for RSA":                  {AlgRS256, keys["ES256"].pkcs8},
		"RSA for EdDSA":               {AlgEdDSA, keys["RS256"].pkcs8},
		"ML-DSA-44 for 65":            {AlgMLDSA65, keys["ML-DSA-44"].pkcs8},
		"an algorithm unknown":        {-999, keys["ES256"].pkcs8},
		"halves that don't belong":    {AlgES256, mismatched(t, p256a, p256b)},
		"a scalar of zero":            {AlgES256, withScalar(t, make([]byte, 32), p256a)},
		"a scalar that is too large":  {AlgES256, withScalar(t, bytes.Repeat([]byte{255}, 32), p256a)},
		"an ML-DSA seed of 31 bytes":  {AlgMLDSA44, mldsaPKCS8(t, 17, make([]byte, 31), nil)},
		"an ML-DSA of another degree": {AlgMLDSA44, mldsaPKCS8(t, 19, make([]byte, 32), nil)},
	} {
		if err := CheckKey(c.alg, c.pkcs8); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v, want ErrKey", name, err)
		}
	}
	if pkcs8, err := x509.MarshalPKCS8PrivateKey(small); err != nil || CheckKey(AlgRS256, pkcs8) != nil {
		t.Errorf("RSA with 1024 bits must still sign in where it was registered: %v", err)
	}
	if alg, err := KeyAlgorithm([]byte("noise")); !errors.Is(err, ErrKey) {
		t.Errorf("KeyAlgorithm(noise) = %d, %v", alg, err)
	}
}

func mustKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

type ecForm struct {
	Version int
	Scalar  []byte
	Point   asn1.BitString `asn1:"optional,explicit,tag:1"`
}

func mismatched(t testing.TB, private, public *ecdsa.PrivateKey) []byte {
	t.Helper()
	scalar, err := private.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return withScalar(t, scalar, public)
}

func withScalar(t testing.TB, scalar []byte, public *ecdsa.PrivateKey) []byte {
	t.Helper()
	point, err := public.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return ecPKCS8(t, elliptic.P256(), marshalDER(t, ecForm{1, scalar, asn1.BitString{Bytes: point, BitLength: 8 * len(point)}}))
}

func TestEraseReachesThePrivateHalf(t *testing.T) {
	for name, k := range importedKeys(t) {
		parsed, err := parseKey(k.alg, slices.Clone(k.pkcs8))
		if err != nil {
			t.Fatal(err)
		}
		parsed.erase()
		var left []byte
		switch private := parsed.private.(type) {
		case *ecdsa.PrivateKey:
			//lint:ignore SA1019 looking at what erase reached
			for _, w := range private.D.Bits() {
				left = append(left, byte(w))
			}
		case ed25519.PrivateKey:
			left = private
		case *rsa.PrivateKey:
			for _, w := range append(private.D.Bits(), private.Primes[0].Bits()...) {
				left = append(left, byte(w))
			}
		case *mldsaKey:
			left = private.seed
		}
		if len(left) == 0 || slices.ContainsFunc(left, func(b byte) bool { return b != 0 }) {
			t.Errorf("%s: %d bytes, not all erased", name, len(left))
		}
	}
}

// Whatever an import brings as a key: an error, or a key that signs what its public half verifies.
func FuzzKey(f *testing.F) {
	for _, k := range importedKeys(f) {
		f.Add(k.alg, k.pkcs8)
	}
	f.Add(AlgES256, mismatched(f, mustKey(f), mustKey(f)))
	f.Fuzz(func(t *testing.T, alg int64, pkcs8 []byte) {
		if CheckKey(alg, pkcs8) != nil {
			return
		}
		k, err := parseKey(alg, pkcs8)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := k.sign([]byte("m"))
		if err != nil {
			t.Fatal(err)
		}
		public, err := k.public()
		if err != nil {
			return // ML-DSA
		}
		if !verifies(public, alg, []byte("m"), sig) {
			t.Fatalf("a %s key that CheckKey took signs what does not verify", AlgorithmName(alg))
		}
	})
}

func verifies(public crypto.PublicKey, alg int64, message, sig []byte) bool {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, digest(alg, message), sig)
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, sig)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, digest(alg, message), sig) == nil
	}
	return false
}
