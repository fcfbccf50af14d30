package webauthn

import "crypto/sha256"

// attestationObject (WebAuthn §6.5.4); the members' order is that of canonical CBOR anyway.
type attestationObject struct {
	Fmt      string `cbor:"fmt"`
	AttStmt  any    `cbor:"attStmt"`
	AuthData []byte `cbor:"authData"`
}

// packedSelf is the attestation statement of packed self attestation (WebAuthn §8.2): no x5c.
type packedSelf struct {
	Alg int64  `cbor:"alg"`
	Sig []byte `cbor:"sig"`
}

// attest makes the attestation object: with a signature by the new key itself, or none (§8.7).
func attest(k *key, self bool, authData, clientDataJSON []byte) ([]byte, error) {
	if !self {
		return encodeCBOR(attestationObject{Fmt: "none", AttStmt: struct{}{}, AuthData: authData})
	}
	hash := sha256.Sum256(clientDataJSON)
	message := make([]byte, 0, len(authData)+len(hash))
	message = append(append(message, authData...), hash[:]...)
	sig, err := k.sign(message)
	if err != nil {
		return nil, err
	}
	return encodeCBOR(attestationObject{Fmt: "packed", AttStmt: packedSelf{Alg: k.alg, Sig: sig}, AuthData: authData})
}
