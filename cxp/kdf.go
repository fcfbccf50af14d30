package cxp

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/crypto/argon2"
)

// KDF are the costs of deriving a backup's key from its passphrase with Argon2id (RFC 9106).
type KDF struct {
	Memory  uint32 // KiB; at least 65,536, at most 1,048,576
	Time    uint32 // passes; at least 3, at most 16
	Threads uint8  // lanes; 1 to 16
}

// DefaultKDF is 256 MiB, 3 passes, 4 lanes: about a second, and what a phone can still restore.
func DefaultKDF() KDF { return KDF{Memory: 256 << 10, Time: 3, Threads: 4} }

const (
	minMemory  = 64 << 10 // KiB
	maxMemory  = 1 << 20  // KiB
	minTime    = 3
	maxTime    = 16
	maxThreads = 16
	minSalt    = 16
	maxSalt    = 64
	saltSize   = 32
	bidSize    = 16
)

// check holds for writers and readers alike. Cheap parameters are refused too: somebody would
// otherwise lend his name to a backup whose passphrase can be guessed.
func (k KDF) check() error {
	switch {
	case k.Memory < minMemory || k.Time < minTime || k.Threads < 1:
		return fmt.Errorf("argon2id with %d KiB, %d passes, %d lanes is too weak: %w", k.Memory, k.Time, k.Threads, ErrKDF)
	case k.Memory > maxMemory || k.Time > maxTime || k.Threads > maxThreads:
		return fmt.Errorf("argon2id with %d KiB, %d passes, %d lanes is too costly: %w", k.Memory, k.Time, k.Threads, ErrKDF)
	}
	return nil
}

// checkMemory refuses what would press other programs, or this one, out of memory.
func (k KDF) checkMemory(free func() (uint64, error)) error {
	n, err := free()
	if err != nil {
		return fmt.Errorf("finding out how much memory is free: %w", err)
	}
	if uint64(k.Memory)<<10 > n/2 {
		return fmt.Errorf("argon2id wants %d MiB, over half of the free %d MiB; close some programs and try again: %w", k.Memory>>10, n>>20, ErrKDF)
	}
	return nil
}

// derive makes the AES-256-GCM cipher of a backup.
func (k KDF) derive(passphrase, salt []byte) (cipher.AEAD, error) {
	key := argon2.IDKey(passphrase, salt, k.Time, k.Memory, k.Threads, 32)
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("preparing AES: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("preparing AES-GCM: %w", err)
	}
	return aead, nil
}

// kdfJSON is the kdf member of a backup's header.
type kdfJSON struct {
	Name string `json:"name"`
	M    int64  `json:"m"`
	T    int64  `json:"t"`
	P    int64  `json:"p"`
	Salt string `json:"salt"`
}

const kdfName = "argon2id"

// backupParams is what a backup's index says about how to open it.
type backupParams struct {
	kdf  KDF
	salt []byte
	raw  string // the kdf member as written: all entries must repeat it
	bid  string
}

func newBackupParams(k KDF, rnd io.Reader) (*backupParams, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	random := make([]byte, saltSize+bidSize)
	if _, err := io.ReadFull(rnd, random); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	p := &backupParams{kdf: k, salt: random[:saltSize], bid: b64(random[saltSize:])}
	raw, err := json.Marshal(kdfJSON{kdfName, int64(k.Memory), int64(k.Time), int64(k.Threads), b64(p.salt)})
	if err != nil {
		return nil, fmt.Errorf("encoding the key derivation: %w", err)
	}
	p.raw = string(raw)
	return p, nil
}

// parseBackupParams judges parameters before anything is spent on them.
func parseBackupParams(h *jweHeader) (*backupParams, error) {
	if *h.Enc != encA256GCM {
		return nil, fmt.Errorf("%w: a backup's enc is A256GCM", ErrPayload)
	}
	var k kdfJSON
	if err := json.Unmarshal(h.KDF, &k, json.RejectUnknownMembers(true)); err != nil || k.Name != kdfName {
		return nil, fmt.Errorf("unknown key derivation: %w", ErrKDF)
	}
	salt, err := decodeB64(k.Salt)
	if err != nil || len(salt) < minSalt || len(salt) > maxSalt {
		return nil, fmt.Errorf("the salt must have %d to %d bytes: %w", minSalt, maxSalt, ErrKDF)
	}
	if _, err := decodeSized(*h.BID, bidSize); err != nil {
		return nil, fmt.Errorf("%w: bid: %w", ErrPayload, err)
	}
	clamp := func(n, most int64) int64 { return max(0, min(n, most+1)) } // so that no conversion wraps
	p := &backupParams{
		kdf: KDF{
			Memory:  uint32(clamp(k.M, maxMemory)),
			Time:    uint32(clamp(k.T, maxTime)),
			Threads: uint8(clamp(k.P, maxThreads)),
		},
		salt: salt, raw: string(jsontext.Value(h.KDF)), bid: *h.BID,
	}
	return p, p.kdf.check()
}
