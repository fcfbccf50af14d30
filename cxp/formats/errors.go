package formats

import (
	"errors"
	"fmt"
)

// What a caller may have to decide on. Errors that end reading or writing wrap one of these, or are one of the types
// below. None carries a secret.
var (
	// ErrPasswordNeeded: the file is encrypted and there was nobody to ask.
	ErrPasswordNeeded = errors.New("the file is encrypted; its password is needed")
	// ErrWrongPassword: the file does not open with this password, or key file.
	ErrWrongPassword = errors.New("wrong password")
	// ErrNotThis: the file is not of the format that it was read as.
	ErrNotThis = errors.New("the file is of another kind")
	// ErrDamaged: the file is of the format, but cut short, altered, or put together wrongly.
	ErrDamaged = errors.New("the file is damaged; export it again")
	// ErrTooLarge: a bound of limits.go was crossed.
	ErrTooLarge = errors.New("larger than Keyferry reads")
	// ErrKDF: the costs of the key derivation are out of bounds.
	ErrKDF = errors.New("unacceptable key derivation parameters")
	// ErrNoFile is what a [FileSource] returns for a file it does not have.
	ErrNoFile = errors.New("no such attached file")
	// ErrNoPassphrase: a format that always encrypts was to be written without a passphrase.
	ErrNoPassphrase = errors.New("a passphrase is needed to write this file; choose one")
)

// UnknownError: no format recognises the file.
type UnknownError struct {
	// Looks is what the file seems to be: "a PDF document", "an empty file"; "" where nothing is known.
	Looks string
	// CXP: it is a request or a response of the Credential Exchange Protocol, for package cxp to read.
	CXP bool
}

// Error says what to do.
func (e *UnknownError) Error() string {
	switch {
	case e.CXP:
		return "this is " + e.Looks + "; it is not an export of a password manager"
	case e.Looks != "":
		return "this is " + e.Looks + ", not an export of a password manager that Keyferry knows"
	}
	return "this is no export of a password manager that Keyferry knows"
}

// VersionError: the file is of a version of its format that is not read.
type VersionError struct {
	Format string // the name for people
	Found  string // as the file says it
	Newer  bool   // newer than what is read, else older
}

// Error says what to do.
func (e *VersionError) Error() string {
	if e.Newer {
		return fmt.Sprintf("the file is of %s version %s, newer than Keyferry knows; update Keyferry, or export in an older format", e.Format, e.Found)
	}
	return fmt.Sprintf("the file is of %s version %s, older than Keyferry reads; update the program it comes from and export again", e.Format, e.Found)
}

// RestrictedError: the file can be opened by one account or program only.
type RestrictedError struct {
	Format string // the name for people
	// WayOut says how to get a file that can be read.
	WayOut string
}

// Error says what to do.
func (e *RestrictedError) Error() string {
	return fmt.Sprintf("only the %s account it was exported from can open this file: %s", e.Format, e.WayOut)
}

// Damaged makes an error that wraps [ErrDamaged] and says where; cause must not hold a secret.
func Damaged(where string, cause error) error {
	if cause == nil {
		return fmt.Errorf("%s: %w", where, ErrDamaged)
	}
	return fmt.Errorf("%s: %w: %w", where, ErrDamaged, cause)
}
