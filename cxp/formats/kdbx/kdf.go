package kdbx

import (
	"context"
	"crypto/aes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"sync"

	argon2d "github.com/tobischo/argon2" // of gokeepasslib: x/crypto has no Argon2d
	"golang.org/x/crypto/argon2"

	"github.com/keyferry/keyferry/cxp/formats"
)

type kdfKind int

const (
	kdfAES kdfKind = iota + 1
	kdfArgon2d
	kdfArgon2id
)

func (k kdfKind) String() string {
	return [...]string{"", "AES-KDF", "Argon2d", "Argon2id"}[k]
}

// UUIDs of key derivations.
const (
	uuidAES3     = "\xC9\xD9\xF3\x9A\x62\x8A\x44\x60\xBF\x74\x0D\x08\xC1\x8A\x4F\xEA"
	uuidAES4     = "\x7C\x02\xBB\x82\x79\xA7\x4A\xC0\x92\x7D\x11\x4A\x00\x64\x82\x38"
	uuidArgon2d  = "\xEF\x63\x6D\xDF\x8C\x29\x44\x4B\x91\xF7\xA9\xA4\x03\xE3\x0A\x0C"
	uuidArgon2id = "\x9E\x29\x8B\x19\x56\xDB\x47\x73\xB2\x3D\xFC\x3E\xC6\xF0\xA1\xE6"
)

// maxAESRounds is several times what KeePass proposes for a second on a fast machine. It takes about a quarter of a minute.
const maxAESRounds = 600_000_000

// kdf says how the key is derived, and what that costs.
type kdf struct {
	kind   kdfKind
	salt   []byte
	rounds uint64 // AES
	memory uint64 // Argon2, bytes
	passes uint64 // Argon2
	lanes  uint64 // Argon2
}

func newKDF(d dictionary) (kdf, error) {
	k := kdf{salt: d.bytes("S")}
	switch string(d.bytes("$UUID")) {
	case uuidAES3, uuidAES4:
		k.kind = kdfAES
	case uuidArgon2d:
		k.kind = kdfArgon2d
	case uuidArgon2id:
		k.kind = kdfArgon2id
	default:
		return k, fmt.Errorf("a key derivation that Keyferry does not know; choose AES or Argon2 in the database's security settings: %w", formats.ErrKDF)
	}
	if k.kind == kdfAES {
		k.rounds, _ = d.number("R")
		return k, k.check()
	}
	k.memory, _ = d.number("M")
	k.passes, _ = d.number("I")
	k.lanes, _ = d.number("P")
	if version, _ := d.number("V"); version != argon2.Version {
		return k, fmt.Errorf("Argon2 version %#x, where only %#x is read; save the database with a newer program: %w", version, argon2.Version, formats.ErrKDF)
	}
	if len(d.bytes("K"))+len(d.bytes("A")) > 0 {
		return k, fmt.Errorf("Argon2 with a secret or associated data, which no program is known to use: %w", formats.ErrKDF)
	}
	return k, k.check()
}

// check judges the costs.
func (k *kdf) check() error {
	if k.kind != kdfAES {
		if len(k.salt) < 8 {
			return formats.Damaged("header", errors.New("the salt is too short"))
		}
		clamp := func(v uint64) int64 { return int64(min(v, math.MaxInt32)) } // bounded
		return formats.CheckArgon2(clamp(k.memory>>10), clamp(k.passes), clamp(k.lanes))
	}
	if len(k.salt) != 32 {
		return formats.Damaged("header", errors.New("the key derivation's seed is not 32 bytes long"))
	}
	if k.rounds > maxAESRounds {
		return fmt.Errorf("AES-KDF with %d rounds, where up to %d are accepted; lower them in the database's security settings: %w", k.rounds, maxAESRounds, formats.ErrKDF)
	}
	return nil
}

// derive turns the composite key into the transformed key. Only AES-KDF looks at the context on the way; Argon2's time is bounded.
func (k *kdf) derive(ctx context.Context, composite []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch k.kind {
	case kdfArgon2d:
		return argon2d.DKey(composite, k.salt, uint32(k.passes), uint32(k.memory>>10), uint8(k.lanes), 32), nil // checked
	case kdfArgon2id:
		return argon2.IDKey(composite, k.salt, uint32(k.passes), uint32(k.memory>>10), uint8(k.lanes), 32), nil // checked
	}
	block, err := aes.NewCipher(k.salt)
	if err != nil {
		return nil, err
	}
	key := [32]byte(composite)
	defer clear(key[:])
	var halves sync.WaitGroup
	for _, half := range [][]byte{key[:16], key[16:]} {
		halves.Go(func() {
			for i := range k.rounds {
				if i&(1<<20-1) == 0 && ctx.Err() != nil {
					return
				}
				block.Encrypt(half, half)
			}
		})
	}
	halves.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(key[:])
	return sum[:], nil
}
