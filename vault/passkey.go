package vault

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"
)

// Passkey is a public key credential source (WebAuthn Level 3, §4) with what Keyferry keeps beside it.
type Passkey struct {
	ID     ID // filled by AddPasskey when zero
	ItemID ID // the item it came with in an import; zero: stands alone

	RPID, RPName             string // the relying party's ID is required and never changes
	CredentialID, UserHandle []byte // at most 1,023 and 64 bytes (WebAuthn §4, §5.4.3)
	UserName                 string
	UserDisplayName          string
	Title                    string // what the person calls it; may be empty

	Algorithm  int64  // COSE: -7, -8, -257, -35, -36, -48, -49
	PrivateKey []byte // PKCS#8, DER

	BackupEligible, BackupState bool
	Discoverable                bool
	Pending                     bool   // made, but the page has not confirmed that it received it
	SignCount                   uint32 // as an import gave it; never incremented

	CreatedAt, ModifiedAt, UsedAt time.Time // milliseconds; CreatedAt and ModifiedAt are filled when zero
	TrashedAt                     time.Time // zero: not in the trash

	CredWithUV, CredWithoutUV []byte // the prf extension's two secrets (CTAP 2.1 §12.5)
	CredBlob, LargeBlob       []byte
	Extra                     []byte // opaque to the vault: what an import brought and nobody here reads

	by superseded
}

// PasskeyInfo is a passkey without its secrets: what lists show and an approval needs.
type PasskeyInfo struct {
	ID, ItemID                       ID
	RPID, RPName                     string
	CredentialID, UserHandle         []byte
	UserName, UserDisplayName, Title string
	Algorithm                        int64
	BackupEligible, BackupState      bool
	Discoverable, Pending            bool
	SignCount                        uint32
	CreatedAt, ModifiedAt, UsedAt    time.Time
	TrashedAt                        time.Time // zero: not in the trash
	HasPRF, HasLargeBlob             bool

	by superseded
}

// Limits of a passkey's members, in bytes. What is longer is refused with ErrTooLarge.
const (
	MaxRPID         = 253
	MaxName         = 4096
	MaxCredentialID = 1023
	MaxUserHandle   = 64
	MaxPrivateKey   = 16 << 10
	MaxLargeBlob    = 64 << 10
	MaxExtra        = 256 << 10
)

// Info is the passkey without its secrets. Byte members are shared, not copied.
func (p *Passkey) Info() PasskeyInfo {
	return PasskeyInfo{
		ID: p.ID, ItemID: p.ItemID, RPID: p.RPID, RPName: p.RPName, CredentialID: p.CredentialID, UserHandle: p.UserHandle,
		UserName: p.UserName, UserDisplayName: p.UserDisplayName, Title: p.Title, Algorithm: p.Algorithm,
		BackupEligible: p.BackupEligible, BackupState: p.BackupState, Discoverable: p.Discoverable, Pending: p.Pending,
		SignCount: p.SignCount, CreatedAt: p.CreatedAt, ModifiedAt: p.ModifiedAt, UsedAt: p.UsedAt, TrashedAt: p.TrashedAt,
		HasPRF:       len(p.CredWithUV) != 0 || len(p.CredWithoutUV) != 0,
		HasLargeBlob: len(p.LargeBlob) != 0,
		by:           p.by,
	}
}

// Clear erases the secrets in memory. Call it when a passkey from Passkey or PasskeyByCredential has been used.
func (p *Passkey) Clear() {
	clear(p.PrivateKey)
	clear(p.CredWithUV)
	clear(p.CredWithoutUV)
	clear(p.CredBlob)
	clear(p.LargeBlob)
	clear(p.Extra)
}

func (p *Passkey) check() error {
	for _, f := range []struct {
		name     string
		len, max int
	}{
		{"rp id", len(p.RPID), MaxRPID},
		{"rp name", len(p.RPName), MaxName},
		{"credential id", len(p.CredentialID), MaxCredentialID},
		{"user handle", len(p.UserHandle), MaxUserHandle},
		{"user name", len(p.UserName), MaxName},
		{"user display name", len(p.UserDisplayName), MaxName},
		{"title", len(p.Title), MaxName},
		{"private key", len(p.PrivateKey), MaxPrivateKey},
		{"prf secret", max(len(p.CredWithUV), len(p.CredWithoutUV)), 64},
		{"credBlob", len(p.CredBlob), 4096},
		{"largeBlob", len(p.LargeBlob), MaxLargeBlob},
		{"extra", len(p.Extra), MaxExtra},
	} {
		if f.len > f.max {
			return fmt.Errorf("passkey's %s has %d bytes, at most %d: %w", f.name, f.len, f.max, ErrTooLarge)
		}
	}
	switch {
	case p.RPID == "":
		return fmt.Errorf("a passkey needs an rp id: %w", ErrInvalid)
	case len(p.CredentialID) == 0:
		return fmt.Errorf("a passkey needs a credential id: %w", ErrInvalid)
	case len(p.PrivateKey) == 0:
		return fmt.Errorf("a passkey needs a private key: %w", ErrInvalid)
	case p.Algorithm == 0:
		return fmt.Errorf("a passkey needs an algorithm: %w", ErrInvalid)
	}
	for _, s := range []string{p.RPID, p.RPName, p.UserName, p.UserDisplayName, p.Title} {
		if !utf8.ValidString(s) {
			return fmt.Errorf("a passkey's names are UTF-8: %w", ErrInvalid)
		}
	}
	return nil
}

// A passkey record has two parts, sealed one by one: what lists and searches need, and the secrets. So a list or a
// search never has a private key in memory.
//
// Schema 1. Tags are append-only: a new member gets a new tag and a new schema version, since an older Keyferry that
// rewrote a record without it would lose it.

func (p *Passkey) encodeInfo(e *encoder) {
	i := p.Info()
	i.encode(e)
}

func (p *PasskeyInfo) encode(e *encoder) {
	if !p.ItemID.IsZero() {
		e.bytes(1, p.ItemID[:])
	}
	e.str(2, p.RPID)
	e.str(3, p.RPName)
	e.bytes(4, p.CredentialID)
	e.bytes(5, p.UserHandle)
	e.str(6, p.UserName)
	e.str(7, p.UserDisplayName)
	e.str(8, p.Title)
	e.int(9, p.Algorithm)
	e.bool(10, p.BackupEligible)
	e.bool(11, p.BackupState)
	e.bool(12, p.Discoverable)
	e.bool(13, p.Pending)
	e.uint(14, uint64(p.SignCount))
	e.time(15, p.CreatedAt)
	e.time(16, p.ModifiedAt)
	e.time(17, p.UsedAt)
	e.time(18, p.TrashedAt)
	e.bool(19, p.HasPRF)
	e.bool(20, p.HasLargeBlob)
	p.by.encode(e, 21)
}

func (p *Passkey) encodeSecrets(e *encoder) {
	e.bytes(1, p.PrivateKey)
	e.bytes(2, p.CredWithUV)
	e.bytes(3, p.CredWithoutUV)
	e.bytes(4, p.CredBlob)
	e.bytes(5, p.LargeBlob)
	e.bytes(6, p.Extra)
}

// decodePasskeyInfo's byte members alias b.
func decodePasskeyInfo(id ID, b []byte) (PasskeyInfo, error) {
	p := PasskeyInfo{ID: id}
	d := newDecoder(b)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			p.ItemID = d.id()
		case 2:
			p.RPID = d.str()
		case 3:
			p.RPName = d.str()
		case 4:
			p.CredentialID = d.bytes()
		case 5:
			p.UserHandle = d.bytes()
		case 6:
			p.UserName = d.str()
		case 7:
			p.UserDisplayName = d.str()
		case 8:
			p.Title = d.str()
		case 9:
			p.Algorithm = d.int()
		case 10:
			p.BackupEligible = d.bool()
		case 11:
			p.BackupState = d.bool()
		case 12:
			p.Discoverable = d.bool()
		case 13:
			p.Pending = d.bool()
		case 14:
			n := d.uint()
			if n > 1<<32-1 {
				d.fail()
			}
			p.SignCount = uint32(n)
		case 15:
			p.CreatedAt = d.time()
		case 16:
			p.ModifiedAt = d.time()
		case 17:
			p.UsedAt = d.time()
		case 18:
			p.TrashedAt = d.time()
		case 19:
			p.HasPRF = d.bool()
		case 20:
			p.HasLargeBlob = d.bool()
		case 21:
			p.by.stage = d.uint32()
		case 22:
			p.by.at = d.time()
		default:
			d.fail()
		}
	}
	return p, d.err
}

// decodePasskey's byte members alias info and secrets.
func decodePasskey(id ID, info, secrets []byte) (*Passkey, error) {
	i, err := decodePasskeyInfo(id, info)
	if err != nil {
		return nil, err
	}
	p := &Passkey{
		ID: i.ID, ItemID: i.ItemID, RPID: i.RPID, RPName: i.RPName, CredentialID: i.CredentialID, UserHandle: i.UserHandle,
		UserName: i.UserName, UserDisplayName: i.UserDisplayName, Title: i.Title, Algorithm: i.Algorithm,
		BackupEligible: i.BackupEligible, BackupState: i.BackupState, Discoverable: i.Discoverable, Pending: i.Pending,
		SignCount: i.SignCount, CreatedAt: i.CreatedAt, ModifiedAt: i.ModifiedAt, UsedAt: i.UsedAt, TrashedAt: i.TrashedAt, by: i.by,
	}
	d := newDecoder(secrets)
	for tag, ok := d.next(); ok; tag, ok = d.next() {
		switch tag {
		case 1:
			p.PrivateKey = d.bytes()
		case 2:
			p.CredWithUV = d.bytes()
		case 3:
			p.CredWithoutUV = d.bytes()
		case 4:
			p.CredBlob = d.bytes()
		case 5:
			p.LargeBlob = d.bytes()
		case 6:
			p.Extra = d.bytes()
		default:
			d.fail()
		}
	}
	return p, d.err
}

// size is about how many bytes its record has.
func (p *Passkey) size() int {
	return len(p.RPID) + len(p.RPName) + len(p.CredentialID) + len(p.UserHandle) + len(p.UserName) + len(p.UserDisplayName) + len(p.Title) +
		len(p.PrivateKey) + len(p.CredWithUV) + len(p.CredWithoutUV) + len(p.CredBlob) + len(p.LargeBlob) + len(p.Extra) + recordOverhead
}

// clone detaches what a caller handed in from what the vault works on.
func (p *Passkey) clone() *Passkey {
	q := *p
	for _, f := range []*[]byte{&q.CredentialID, &q.UserHandle, &q.PrivateKey, &q.CredWithUV, &q.CredWithoutUV, &q.CredBlob,
		&q.LargeBlob, &q.Extra} {
		*f = bytes.Clone(*f)
	}
	return &q
}
