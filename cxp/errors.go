package cxp

import (
	"context"
	"errors"
	"fmt"
)

// What a caller may have to decide on. Every error of this package wraps one of these or one of the
// types below; test with errors.Is and errors.As.
var (
	// ErrSyntax: a message is no JSON of the expected shape.
	ErrSyntax = errors.New("not a valid CXP message")
	// ErrTooLarge: a bound of limits.go was crossed.
	ErrTooLarge = errors.New("larger than the profile allows")
	// ErrVersion: the peer speaks another CXP version or another profile.
	ErrVersion = errors.New("unsupported version or profile")
	// ErrNoSuite: none of the offered suites is one of ours.
	ErrNoSuite = errors.New("no offered HPKE suite is supported")
	// ErrMissingKey: the chosen offer carries no key.
	ErrMissingKey = errors.New("the importer's key is missing")
	// ErrBadKey: the chosen offer's key can't be decoded.
	ErrBadKey = errors.New("the importer's key is malformed")
	// ErrMode: the operation does not fit the message's mode (direct, indirect, self).
	ErrMode = errors.New("wrong response mode for this operation")

	// ErrNotConfirmed: in indirect mode nobody typed the other side's fingerprint groups.
	ErrNotConfirmed = errors.New("the fingerprint was not confirmed; ask for three groups first")
	// ErrFingerprint: the typed groups are not the expected ones.
	ErrFingerprint = errors.New("the groups typed do not match the fingerprint")

	// ErrRequestClosed: the request's keys were erased by a commit or a cancellation.
	ErrRequestClosed = errors.New("the request is closed; make a new one")
	// ErrRequestExpired: the request's keys outlived their time and were erased.
	ErrRequestExpired = errors.New("the request has expired; make a new one")
	// ErrClock: the request says it was made in the future.
	ErrClock = errors.New("the request was made in the future; check this machine's clock and make a new one")
	// ErrNoRequest: the store holds no request that this response answers.
	ErrNoRequest = errors.New("no open request fits; it was imported, cancelled, expired or made elsewhere")
	// ErrDirectKeys: keys of a direct request are never written down.
	ErrDirectKeys = errors.New("keys of a direct request live in memory only")

	// ErrOtherRequest: the response answers another request.
	ErrOtherRequest = errors.New("the response answers another request")
	// ErrSuiteNotOffered: the response uses a suite its request never offered.
	ErrSuiteNotOffered = errors.New("the response uses a suite that was not offered")
	// ErrPayload: the payload's zip or one of its entries breaks the profile.
	ErrPayload = errors.New("the payload is damaged or forged")
	// ErrDecrypt: an entry does not decrypt: it was changed, or is for another key.
	ErrDecrypt = errors.New("decryption failed: changed on the way, or meant for another key")
	// ErrIntegrity: an attached file is not the one its document describes.
	ErrIntegrity = errors.New("an attached file does not match its integrityHash")
	// ErrExporter: the response and its document name different exporters.
	ErrExporter = errors.New("the response and its document name different exporters")
	// ErrChanged: the response was modified between being scanned and being opened.
	ErrChanged = errors.New("the response changed while it was being read; start again")

	// ErrPassphrase: a backup does not open with this passphrase.
	ErrPassphrase = errors.New("wrong passphrase")
	// ErrKDF: a backup's key derivation is too weak, too costly, or differs between entries.
	ErrKDF = errors.New("unacceptable key derivation parameters")

	// ErrNoFile is what a FileSource returns for a file it does not have; the export goes on without it.
	ErrNoFile = errors.New("no such attached file")
)

// Code is an error code as it travels between peers (PROFILE.md §1, CXP B.6).
type Code string

// The seven codes of the draft.
const (
	CodeUserCanceled       Code = "user-canceled"
	CodeIncompatibleHPKE   Code = "incompatible-hpke-parameters"
	CodeMissingImporterKey Code = "missing-importer-key"
	CodeBadImporterKey     Code = "incorrect-importer-key-encoding"
	CodeUnsupportedVersion Code = "unsupported-version"
	CodeInvalidJSON        Code = "invalid-json"
	CodeForbiddenAction    Code = "forbidden-action"
)

// CodeOf gives the code to send to the peer for an error of this package. Errors that have no code
// of their own become forbidden-action: the peer learns that we refused, never why in detail.
func CodeOf(err error) Code {
	for _, m := range []struct {
		err  error
		code Code
	}{
		{ErrNoSuite, CodeIncompatibleHPKE},
		{ErrMissingKey, CodeMissingImporterKey},
		{ErrBadKey, CodeBadImporterKey},
		{ErrVersion, CodeUnsupportedVersion},
		{ErrSyntax, CodeInvalidJSON},
		{context.Canceled, CodeUserCanceled},
	} {
		if errors.Is(err, m.err) {
			return m.code
		}
	}
	return CodeForbiddenAction
}

// PeerError is an error response: the other side refused.
type PeerError struct {
	Code Code
}

// Error names the code.
func (e *PeerError) Error() string {
	return fmt.Sprintf("the other side answered %q", string(e.Code))
}

// DowngradeError says that a request which offered X-Wing got an answer without post-quantum
// protection. Show it; when the person agrees, open again with OpenOptions.AcceptClassical.
type DowngradeError struct {
	Suite Suite // the suite that was used
}

// Error names the suite.
func (e *DowngradeError) Error() string {
	return fmt.Sprintf("the response is not post-quantum (%s) although that was offered: the person must agree first", e.Suite)
}

// EntryError says which entry of a payload was refused, and wraps why.
type EntryError struct {
	Name string // the entry's name in the zip, made safe to show
	Err  error
}

// Error names the entry.
func (e *EntryError) Error() string { return fmt.Sprintf("entry %s: %v", e.Name, e.Err) }

// Unwrap gives the reason.
func (e *EntryError) Unwrap() error { return e.Err }
