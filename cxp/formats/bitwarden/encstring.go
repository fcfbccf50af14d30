package bitwarden

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/crypto/argon2"

	"github.com/keyferry/keyferry/cxp/formats"
)

// Bitwarden's encrypted strings, of type 2: "2.IV|CIPHERTEXT|MAC", each base64. AES-256-CBC with PKCS#7 padding, and
// HMAC-SHA256 over IV and ciphertext.

const encType = "2"

// keys encrypt and authenticate.
type keys struct{ enc, mac [32]byte }

func (k *keys) clear() {
	clear(k.enc[:])
	clear(k.mac[:])
}

// errMAC: an encrypted string was not made with these keys, or was altered.
var errMAC = errors.New("authentication failed")

// kdf is how a password becomes a key.
type kdf struct {
	argon2     bool
	iterations int64
	memory     int64 // MiB
	threads    int64
	salt       string // its text, as it is: it looks like base64, but is not decoded
}

func (k *kdf) check() error {
	if !k.argon2 {
		return formats.CheckPBKDF2(k.iterations)
	}
	if k.memory > formats.MaxArgon2Memory>>10 {
		return fmt.Errorf("Argon2 with %d MiB of memory: %w", k.memory, formats.ErrKDF)
	}
	return formats.CheckArgon2(k.memory<<10, k.iterations, k.threads)
}

// derive makes the keys; check must have passed.
func (k *kdf) derive(password []byte) (*keys, error) {
	var master []byte
	if k.argon2 {
		salt := sha256.Sum256([]byte(k.salt))
		master = argon2.IDKey(password, salt[:], uint32(k.iterations), uint32(k.memory<<10), uint8(k.threads), 32) // bounded by check
	} else {
		var err error
		if master, err = pbkdf2.Key(sha256.New, string(password), []byte(k.salt), int(k.iterations), 32); err != nil {
			return nil, fmt.Errorf("deriving the key: %w", err)
		}
	}
	defer clear(master)
	out := new(keys)
	for _, part := range []struct {
		info string
		dst  *[32]byte
	}{{"enc", &out.enc}, {"mac", &out.mac}} {
		key, err := hkdf.Expand(sha256.New, master, part.info, 32)
		if err != nil {
			return nil, fmt.Errorf("deriving the key: %w", err)
		}
		copy(part.dst[:], key)
		clear(key)
	}
	return out, nil
}

// encString is an encrypted string, decoded.
type encString struct{ iv, ciphertext, mac []byte }

// parseEncString decodes; the text is not kept.
func parseEncString(s []byte) (*encString, error) {
	kind, rest, ok := bytes.Cut(s, []byte("."))
	if !ok {
		return nil, formats.Damaged("encryption", errors.New("something that should be encrypted is not"))
	}
	if string(kind) != encType {
		if n, err := strconv.ParseUint(string(kind), 10, 8); err == nil {
			return nil, &formats.VersionError{Format: name, Found: fmt.Sprintf("with encryption type %d", n), Newer: n > 2}
		}
		return nil, formats.Damaged("encryption", errors.New("something that should be encrypted is not"))
	}
	parts := bytes.Split(rest, []byte("|"))
	if len(parts) != 3 {
		return nil, formats.Damaged("encryption", errors.New("an encrypted text does not have three parts"))
	}
	var out [3][]byte
	for i, p := range parts {
		raw := make([]byte, base64.StdEncoding.DecodedLen(len(p)))
		n, err := base64.StdEncoding.Decode(raw, p)
		if err != nil {
			return nil, formats.Damaged("encryption", errors.New("an encrypted text is no base64"))
		}
		out[i] = raw[:n]
	}
	e := &encString{out[0], out[1], out[2]}
	if len(e.iv) != aes.BlockSize || len(e.ciphertext) == 0 || len(e.ciphertext)%aes.BlockSize != 0 || len(e.mac) != sha256.Size {
		return nil, formats.Damaged("encryption", errors.New("an encrypted text has a part of impossible length"))
	}
	return e, nil
}

// open authenticates and decrypts, in the memory of the ciphertext.
func (e *encString) open(k *keys) ([]byte, error) {
	if !hmac.Equal(e.mac, k.tag(e.iv, e.ciphertext)) {
		return nil, errMAC
	}
	block, err := aes.NewCipher(k.enc[:])
	if err != nil {
		return nil, fmt.Errorf("preparing AES: %w", err)
	}
	cipher.NewCBCDecrypter(block, e.iv).CryptBlocks(e.ciphertext, e.ciphertext)
	// The padding was authenticated: there is no oracle to guard against.
	n := len(e.ciphertext)
	pad := int(e.ciphertext[n-1])
	if pad < 1 || pad > aes.BlockSize || !bytes.Equal(e.ciphertext[n-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, formats.Damaged("encryption", errors.New("the padding is wrong"))
	}
	return e.ciphertext[:n-pad], nil
}

func (k *keys) tag(iv, ciphertext []byte) []byte {
	h := hmac.New(sha256.New, k.mac[:])
	h.Write(iv)
	h.Write(ciphertext)
	return h.Sum(nil)
}

// seal encrypts; plaintext is overwritten by the ciphertext where its capacity allows for the padding.
func (k *keys) seal(plaintext []byte) (*encString, error) {
	block, err := aes.NewCipher(k.enc[:])
	if err != nil {
		return nil, fmt.Errorf("preparing AES: %w", err)
	}
	pad := aes.BlockSize - len(plaintext)%aes.BlockSize
	out := append(plaintext, bytes.Repeat([]byte{byte(pad)}, pad)...)
	iv := make([]byte, aes.BlockSize)
	rand.Read(iv) // never fails, says its documentation
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, out)
	return &encString{iv, out, k.tag(iv, out)}, nil
}
