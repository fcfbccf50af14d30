package vault

import (
	"errors"
	"fmt"
	"strings"
)

// What a caller may have to decide on. Every error of this package wraps one of these or is one of the types below;
// test with errors.Is and errors.As.
var (
	// ErrNoVault: the folder holds no vault.
	ErrNoVault = errors.New("there is no vault here; create one first")
	// ErrVaultExists: Create found a vault (or the rest of one) in the folder.
	ErrVaultExists = errors.New("there is a vault here already; open it or choose another folder")
	// ErrWrongSecret: no key slot opens with this secret.
	ErrWrongSecret = errors.New("wrong passphrase or recovery phrase")
	// ErrNotFound: no such passkey, item, blob, slot or setting.
	ErrNotFound = errors.New("not found in the vault")
	// ErrExists: something with this identity is stored already (see ExistsError).
	ErrExists = errors.New("already in the vault")
	// ErrReadOnly: the vault was opened for reading only, since it is damaged or the caller asked for that.
	ErrReadOnly = errors.New("the vault is open for reading only")
	// ErrDiskFull: there is not enough room to write safely. Nothing was changed.
	ErrDiskFull = errors.New("not enough disk space for the vault; free some and try again")
	// ErrClosed: the vault was closed.
	ErrClosed = errors.New("the vault is closed")
	// ErrTooLarge: a field or body is over its limit.
	ErrTooLarge = errors.New("too large for the vault")
	// ErrInvalid: the record given can't be stored as it is (a required member is missing or malformed).
	ErrInvalid = errors.New("not a valid record")
	// ErrNewer: the vault, or a record in it, was written by a newer Keyferry.
	ErrNewer = errors.New("written by a newer keyferry; update this one")
	// ErrLastSlot: removing this slot would leave no way to open the vault.
	ErrLastSlot = errors.New("this is the last way into the vault; add another one first")
	// ErrStageDone: the stage was committed or discarded.
	ErrStageDone = errors.New("the stage is closed; start a new one")
	// ErrPermissions: the vault's folder belongs to somebody else or can't be made private.
	ErrPermissions = errors.New("the vault's folder is not private to this user")
	// ErrWeakCost: a key slot asks for less Argon2id work than is safe.
	ErrWeakCost = errors.New("the key slot's argon2id cost is below the floor")
	// ErrKeyring: the login keyring can't be used.
	ErrKeyring = errors.New("the login keyring can't be used")
)

// InUseError: another process holds the vault. PID is 0 when it can't be told.
type InUseError struct{ PID int }

func (e *InUseError) Error() string {
	if e.PID == 0 {
		return "the vault is in use by another process"
	}
	return fmt.Sprintf("the vault is in use by process %d", e.PID)
}

// ExistsError says which entry stands in the way. It matches ErrExists.
type ExistsError struct {
	ID      ID
	Trashed bool // the entry lies in the trash: restore it, or empty the trash first
}

func (e *ExistsError) Error() string {
	if e.Trashed {
		return "already in the vault's trash; restore it or empty the trash first"
	}
	return ErrExists.Error()
}

// Is makes errors.Is(err, ErrExists) true.
func (e *ExistsError) Is(target error) bool { return target == ErrExists }

// DamagedError: something in the vault's files is not what was written. What still authenticates stays readable
// (open with Options.ReadOnlyIfDamaged); Salvage moves it into a fresh vault.
type DamagedError struct {
	Findings []Finding
}

// Finding is one thing that is damaged. Place names it for people ("passkey of example.com", "header", "anchor");
// Problem says what is wrong with it. Neither holds a secret.
type Finding struct {
	Place   string
	ID      ID     // of the record, where one is known
	RPID    string // of the relying party, where one is known
	Problem string
}

func (f Finding) String() string { return f.Place + ": " + f.Problem }

func (e *DamagedError) Error() string {
	if len(e.Findings) == 0 {
		return "the vault is damaged; run `keyferry doctor vault`"
	}
	var b strings.Builder
	b.WriteString("the vault is damaged (")
	for i, f := range e.Findings {
		if i == 3 {
			fmt.Fprintf(&b, "; and %d more", len(e.Findings)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.String())
	}
	b.WriteString("); run `keyferry doctor vault`")
	return b.String()
}

func damaged(place, problem string) *DamagedError {
	return &DamagedError{Findings: []Finding{{Place: place, Problem: problem}}}
}
