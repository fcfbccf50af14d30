package kdbx

import (
	"crypto/sha256"
	"fmt"

	"github.com/tobischo/gokeepasslib/v3"

	"github.com/keyferry/keyferry/cxp/formats"
)

const maxKeyFile = 64 << 20

// compositeKey joins the password and the key file, as KeePass does: an absent password is not the same as an empty one.
func compositeKey(s *formats.Secret) ([]byte, error) {
	sum := sha256.New()
	if s.HasPassword || len(s.Password) > 0 || len(s.KeyFile) == 0 {
		h := sha256.Sum256(s.Password)
		sum.Write(h[:])
		clear(h[:])
	}
	if len(s.KeyFile) > 0 {
		k, err := keyFile(s.KeyFile)
		if err != nil {
			return nil, err
		}
		sum.Write(k)
		clear(k)
	}
	return sum.Sum(nil), nil
}

// keyFile reads a key file: XML of version 1 or 2, 32 bytes, 64 hexadecimal digits, or any file, which is hashed.
func keyFile(data []byte) (key []byte, err error) {
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("a key file of %d MiB: %w", len(data)>>20, formats.ErrTooLarge)
	}
	// The library is not made for files from strangers; its panics must not become ours.
	defer func() {
		if recover() != nil {
			key, err = nil, errKeyFile
		}
	}()
	k, err := gokeepasslib.ParseKeyData(data)
	if err != nil {
		return nil, errKeyFile // the cause may quote the key
	}
	return append([]byte(nil), k...), nil // never the caller's own bytes, which are hashed and cleared apart
}

var errKeyFile = fmt.Errorf("the key file is damaged, or of a version that Keyferry does not know: %w", formats.ErrWrongPassword)
