package cxp

import (
	"fmt"

	"github.com/cloudflare/circl/hpke"
)

// Suite is one of the five HPKE suites of the profile (PROFILE.md §1). The zero Suite is none.
type Suite uint8

// The suites, in order of preference.
const (
	XWingAES256GCM Suite = iota + 1
	X25519ChaCha20Poly1305
	X25519AES128GCM
	P256AES256GCM
	P256AES128GCM
)

// Suites lists every supported suite, most preferred first.
func Suites() []Suite {
	return []Suite{XWingAES256GCM, X25519ChaCha20Poly1305, X25519AES128GCM, P256AES256GCM, P256AES128GCM}
}

type suiteInfo struct {
	name    string
	alg     string
	kem     hpke.KEM
	aead    hpke.AEAD
	encSize int // of the encapsulated key, in bytes
	keySize int // of the public key as circl reads it, in bytes
}

// info is the one place where numbers become circl's types, so that circl, which panics on numbers
// it does not know, only ever sees these five.
func (s Suite) info() (suiteInfo, bool) {
	switch s {
	case XWingAES256GCM:
		return suiteInfo{"X-Wing, HKDF-SHA256, AES-256-GCM", "HPKE-KF-XWING-SHA256-A256GCM", hpke.KEM_XWING, hpke.AEAD_AES256GCM, 1120, 1216}, true
	case X25519ChaCha20Poly1305:
		return suiteInfo{"X25519, HKDF-SHA256, ChaCha20-Poly1305", "HPKE-4", hpke.KEM_X25519_HKDF_SHA256, hpke.AEAD_ChaCha20Poly1305, 32, 32}, true
	case X25519AES128GCM:
		return suiteInfo{"X25519, HKDF-SHA256, AES-128-GCM", "HPKE-3", hpke.KEM_X25519_HKDF_SHA256, hpke.AEAD_AES128GCM, 32, 32}, true
	case P256AES256GCM:
		return suiteInfo{"P-256, HKDF-SHA256, AES-256-GCM", "HPKE-7", hpke.KEM_P256_HKDF_SHA256, hpke.AEAD_AES256GCM, 65, 65}, true
	case P256AES128GCM:
		return suiteInfo{"P-256, HKDF-SHA256, AES-128-GCM", "HPKE-0", hpke.KEM_P256_HKDF_SHA256, hpke.AEAD_AES128GCM, 65, 65}, true
	}
	return suiteInfo{}, false
}

// String names the suite for people, e.g. "X-Wing, HKDF-SHA256, AES-256-GCM".
func (s Suite) String() string {
	if in, ok := s.info(); ok {
		return in.name
	}
	return fmt.Sprintf("unknown suite %d", uint8(s))
}

// Alg is the suite's JWE "alg" value, empty for the zero Suite.
func (s Suite) Alg() string {
	in, _ := s.info()
	return in.alg
}

// IDs are the suite's numbers in IANA's HPKE registry: KEM, KDF and AEAD.
func (s Suite) IDs() (kem, kdf, aead uint16) {
	in, ok := s.info()
	if !ok {
		return 0, 0, 0
	}
	return uint16(in.kem), uint16(hpke.KDF_HKDF_SHA256), uint16(in.aead)
}

// PostQuantum says whether the suite withstands a quantum computer that stored today's traffic.
func (s Suite) PostQuantum() bool { return s == XWingAES256GCM }

const modeBase = "base"

// suiteByParams finds a suite by what stands in a message. Numbers are int64 because a peer may
// write any; what we don't know, reserved numbers included, is simply not ours.
func suiteByParams(mode string, kem, kdf, aead int64) (Suite, bool) {
	if mode != modeBase {
		return 0, false
	}
	for _, s := range Suites() {
		k, d, a := s.IDs()
		if int64(k) == kem && int64(d) == kdf && int64(a) == aead {
			return s, true
		}
	}
	return 0, false
}
