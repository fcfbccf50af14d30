package webauthn

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Assertion is a navigator.credentials.get() call that we may be able to serve (WebAuthn §5.1.4 and §6.3.3).
type Assertion struct {
	RPID         string
	Verification Verification
	Timeout      time.Duration
	Deadline     time.Time // now + Timeout
	Allow        [][]byte  // credential IDs; empty: any discoverable passkey of the RP ID
	Origin       string
	TopOrigin    string
	CrossOrigin  bool
	// ClientDataJSON is what the site gets and what the signature covers.
	ClientDataJSON []byte

	extensions []byte // clientExtensionResults, JSON
}

// NewAssertion reads a PublicKeyCredentialRequestOptionsJSON (WebAuthn §5.1.10) and decides whether the call is ours.
// Errors as with [NewCreation].
func NewAssertion(options json.RawMessage, mediation string, c Caller, now time.Time) (*Assertion, error) {
	return nil, errors.New("webauthn: not written yet")
}

// Matches returns the passkeys that can answer: those of the allow list where there is one (transports are ignored,
// sites get them wrong), else the discoverable ones of the RP ID. Best first: pending ones last, then the most recently
// used, then the newest. None is a *[BrowserError] with ReasonNoMatch.
func (a *Assertion) Matches(ctx context.Context, v Vault) ([]PasskeyInfo, error) {
	return nil, errors.New("webauthn: not written yet")
}

// Sign returns the AuthenticationResponseJSON (WebAuthn §5.1.1). p comes whole from the vault; its PrivateKey is
// erased on return, whatever happens. verified as with [Creation.Make].
func (a *Assertion) Sign(ctx context.Context, p *Passkey, verified bool) (json.RawMessage, error) {
	return nil, errors.New("webauthn: not written yet")
}
