package webauthn

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
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
	r, err := readRequest(options, mediation, c)
	if err != nil {
		return nil, err
	}
	a := &Assertion{
		Verification: readVerification(r.options), Timeout: r.timeout, Deadline: now.Add(r.timeout),
		Origin: r.caller.Origin, CrossOrigin: r.caller.CrossOrigin(), TopOrigin: r.caller.TopOrigin(), ClientDataJSON: r.clientData(typeGet),
	}
	if a.RPID, err = r.rpID(r.options, "rpId"); err != nil {
		return nil, err
	}
	var given bool
	if a.Allow, given, err = readDescriptors(r.options, "allowCredentials"); err != nil {
		return nil, err
	}
	if given && len(a.Allow) == 0 { // not the same as no list, which would offer every passkey
		return nil, toBrowser(ReasonNoMatch, "nothing in allowCredentials can be ours")
	}
	if a.extensions, err = requestExtensions(r.options.object("extensions"), len(a.Allow)); err != nil {
		return nil, err
	}
	return a, nil
}

// Matches returns the passkeys that can answer: those of the allow list where there is one (transports are ignored,
// sites get them wrong), else the discoverable ones of the RP ID. Best first: pending ones last, then the most recently
// used, then the newest. None is a *[BrowserError] with ReasonNoMatch; a *vault.DamagedError says that there may have been
// one. Sign takes the one that the person chose, read whole from the vault.
func (a *Assertion) Matches(ctx context.Context, v Vault) ([]PasskeyInfo, error) {
	var matches []PasskeyInfo
	var err error
	if len(a.Allow) > 0 {
		matches, err = lookUp(ctx, v, a.RPID, a.Allow)
	} else {
		matches, err = pick(ctx, v, a.RPID, func(p *PasskeyInfo) bool { return p.Discoverable })
	}
	if err != nil {
		return nil, fmt.Errorf("looking for passkeys: %w", err)
	}
	if len(matches) == 0 {
		return nil, toBrowser(ReasonNoMatch, "")
	}
	slices.SortFunc(matches, bestFirst)
	return matches, nil
}

func bestFirst(a, b PasskeyInfo) int {
	if a.Pending != b.Pending {
		if a.Pending {
			return 1
		}
		return -1
	}
	return cmp.Or(b.UsedAt.Compare(a.UsedAt), b.CreatedAt.Compare(a.CreatedAt), bytes.Compare(a.CredentialID, b.CredentialID))
}

// Sign returns the AuthenticationResponseJSON (WebAuthn §5.1.1). p comes whole from the vault; its secrets are
// erased on return, whatever happens. verified as with [Creation.Make].
func (a *Assertion) Sign(ctx context.Context, p *Passkey, verified bool) (json.RawMessage, error) {
	defer p.Clear()
	if a.Verification == VerificationRequired && !verified {
		return nil, NotAllowedError()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !a.answers(p) {
		return nil, ErrWrongPasskey
	}
	k, err := parseKey(p.Algorithm, p.PrivateKey)
	if err != nil {
		return nil, err
	}
	defer k.erase()
	hash := sha256.Sum256(a.ClientDataJSON)
	message := make([]byte, 0, authDataSize+len(hash))
	message = appendAuthData(message, a.RPID, flags(verified, p.BackupEligible, p.BackupState), p.SignCount)
	sig, err := k.sign(append(message, hash[:]...))
	if err != nil {
		return nil, err
	}
	r := authentication{
		credentialID: p.CredentialID, clientDataJSON: a.ClientDataJSON, authData: message,
		signature: sig, userHandle: p.UserHandle, extensions: a.extensions,
	}
	return r.json(), nil
}

// answers checks what Matches checked, so that a mistake of the caller's signs nothing.
func (a *Assertion) answers(p *Passkey) bool {
	if p.RPID != a.RPID || !p.TrashedAt.IsZero() {
		return false
	}
	if len(a.Allow) == 0 {
		return p.Discoverable
	}
	return slices.ContainsFunc(a.Allow, func(id []byte) bool { return bytes.Equal(id, p.CredentialID) })
}
