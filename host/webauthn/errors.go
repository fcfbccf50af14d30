package webauthn

import (
	"errors"

	"github.com/keyferry/keyferry/host/protocol"
)

// The reasons why a call goes to the browser; they are what protocol.WebAuthnResult.Reason carries.
const (
	ReasonRPID       = "rp-id"      // we would refuse the RP ID (the browser may know a related origin)
	ReasonNoMatch    = "no-match"   // no passkey here for this call
	ReasonMediation  = "mediation"  // conditional, silent, immediate
	ReasonExtension  = "extension"  // an extension that must be served and that we do not serve
	ReasonOrigin     = "origin"     // not a web origin that has passkeys: opaque, an IP address, http
	ReasonPolicy     = "policy"     // the document's permissions policy does not allow the call
	ReasonAlgorithm  = "algorithm"  // none of the algorithms asked for is ours
	ReasonAttachment = "attachment" // a roaming authenticator is wanted
	ReasonOptions    = "options"    // options that we cannot read; the browser has the exact error
)

// BrowserError says that a call goes to the browser, untouched. Detail is for logs and developers; it holds nothing
// that a page chose beyond names of members.
type BrowserError struct {
	Reason string
	Detail string
}

// Error implements error.
func (e *BrowserError) Error() string {
	if e.Detail == "" {
		return "left to the browser (" + e.Reason + ")"
	}
	return "left to the browser (" + e.Reason + "): " + e.Detail
}

// Is makes errors.Is compare by Reason alone.
func (e *BrowserError) Is(target error) bool {
	t, ok := target.(*BrowserError)
	return ok && t.Reason == e.Reason
}

func toBrowser(reason, detail string) *BrowserError {
	return &BrowserError{Reason: reason, Detail: detail}
}

// Errors about a passkey that the caller handed in; neither can happen with what [Assertion.Matches] returned.
var (
	// ErrWrongPasskey: the passkey is not one that this assertion may be signed with.
	ErrWrongPasskey = errors.New("webauthn: this passkey does not answer this request; take one that Matches returned")
	// ErrKey: the stored private key cannot be read or is not of the algorithm that stands beside it.
	ErrKey = errors.New("webauthn: the stored private key cannot be used")
)

// NotAllowedError is the answer for a no, a timeout and a missing verification: one text for all, since a page must
// not learn which (WebAuthn §14.5.1).
func NotAllowedError() *protocol.DOMError {
	return &protocol.DOMError{Name: "NotAllowedError", Message: "The operation either timed out or was not allowed."}
}

// ExcludedError is the answer, after the person's consent, when the exclude list names a passkey that is in the
// vault (WebAuthn §5.1.3, step "InvalidStateError").
func ExcludedError() *protocol.DOMError {
	return &protocol.DOMError{Name: "InvalidStateError", Message: "A passkey for this account is already in Keyferry."}
}
