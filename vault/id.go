package vault

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

// ID names a record for as long as it exists. It is random and says nothing about what it names.
type ID [16]byte

// NewID makes a random ID.
func NewID() ID {
	var id ID
	rand.Read(id[:]) // never fails (crypto/rand, Go 1.24 and later)
	return id
}

// String is the ID as 22 characters of unpadded base64url.
func (id ID) String() string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// ParseID reads what String wrote; anything else is ErrInvalid.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 22 {
		return id, fmt.Errorf("an id has 22 characters, not %d: %w", len(s), ErrInvalid)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, fmt.Errorf("an id is unpadded base64url: %w", ErrInvalid)
	}
	copy(id[:], b)
	return id, nil
}
