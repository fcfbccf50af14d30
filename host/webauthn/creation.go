package webauthn

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"
)

// Verification is a UserVerificationRequirement (WebAuthn §5.8.6).
type Verification string

// The requirements. What a site leaves out, or writes wrongly, is VerificationPreferred, as the standard has it.
const (
	VerificationRequired    Verification = "required"
	VerificationPreferred   Verification = "preferred"
	VerificationDiscouraged Verification = "discouraged"
)

// User is the account that a passkey is made for (PublicKeyCredentialUserEntity, WebAuthn §5.4.3). Name and
// DisplayName are the site's words, valid UTF-8 of at most [MaxName] bytes, not cleaned for display.
type User struct {
	Handle            []byte // 1 to 64 bytes
	Name, DisplayName string
}

// Creation is a navigator.credentials.create() call that we can serve (WebAuthn §5.1.3 and §6.3.2). It is made by
// [NewCreation] and is not changed afterwards.
type Creation struct {
	RPID, RPName string
	User         User
	Algorithm    int64 // COSE, the first of the site's that is ours
	Verification Verification
	Discoverable bool // false only when the site discourages it (residentKey "discouraged")
	Timeout      time.Duration
	Deadline     time.Time // now + Timeout
	Exclude      [][]byte  // credential IDs
	Origin       string    // as in the client data
	TopOrigin    string    // "" unless CrossOrigin
	CrossOrigin  bool
	// ClientDataJSON is what the site gets and what attestation signs.
	ClientDataJSON []byte

	now        time.Time
	selfAttest bool
	extensions []byte // clientExtensionResults, JSON
}

// NewCreation reads a PublicKeyCredentialCreationOptionsJSON (WebAuthn §5.1.9) and decides whether the call is ours.
// mediation is CredentialCreationOptions.mediation as the page gave it, "" where it gave none.
//
// Errors: *[BrowserError] (leave it to the browser) or *protocol.DOMError (the page's answer).
func NewCreation(options json.RawMessage, mediation string, c Caller, now time.Time) (*Creation, error) {
	return nil, errors.New("webauthn: not written yet")
}

// Excluded reports whether the vault holds a passkey that the site's exclude list names. The caller asks the person
// all the same and only then answers with [ExcludedError], so that a page cannot probe for passkeys.
func (c *Creation) Excluded(ctx context.Context, v Vault) (bool, error) {
	return false, errors.New("webauthn: not written yet")
}

// Make generates the passkey and the RegistrationResponseJSON (WebAuthn §5.1.1) for it. The passkey is Pending and
// not stored: the caller stores it durably first and then answers. verified says whether the person was verified; with
// VerificationRequired and verified false it fails with NotAllowedError.
func (c *Creation) Make(ctx context.Context, rand io.Reader, verified bool) (*Passkey, json.RawMessage, error) {
	return nil, nil, errors.New("webauthn: not written yet")
}
