package webauthn

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
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

// credentialIDSize is the length of new credential IDs in bytes: random, so that they say nothing and never collide.
const credentialIDSize = 32

// NewCreation reads a PublicKeyCredentialCreationOptionsJSON (WebAuthn §5.1.9) and decides whether the call is ours.
// mediation is CredentialCreationOptions.mediation as the page gave it, "" where it gave none.
//
// Errors: *[BrowserError] (leave it to the browser) or *protocol.DOMError (the page's answer).
func NewCreation(options json.RawMessage, mediation string, c Caller, now time.Time) (*Creation, error) {
	r, err := readRequest(options, mediation, c)
	if err != nil {
		return nil, err
	}
	o, rp, selection := r.options, r.options.object("rp"), r.options.object("authenticatorSelection")
	if rp == nil {
		return nil, toBrowser(ReasonOptions, "rp is missing")
	}
	if wantsRoaming(o, selection) {
		return nil, toBrowser(ReasonAttachment, "a roaming authenticator is wanted")
	}
	cr := &Creation{
		RPName: rp.name("name"), Verification: readVerification(selection), Discoverable: wantsDiscoverable(selection),
		Timeout: r.timeout, Deadline: now.Add(r.timeout), Origin: r.caller.Origin, CrossOrigin: r.caller.CrossOrigin(), TopOrigin: r.caller.TopOrigin(),
		ClientDataJSON: r.clientData(typeCreate), now: now, selfAttest: wantsSelfAttestation(o),
	}
	if cr.User, err = readUser(o); err != nil {
		return nil, err
	}
	if cr.RPID, err = r.rpID(rp, "id"); err != nil {
		return nil, err
	}
	if cr.Algorithm, err = readAlgorithm(o); err != nil {
		return nil, err
	}
	if cr.Exclude, _, err = readDescriptors(o, "excludeCredentials"); err != nil {
		return nil, err
	}
	if cr.extensions, err = creationExtensions(o.object("extensions"), cr.Discoverable); err != nil {
		return nil, err
	}
	return cr, nil
}

// Excluded reports whether the vault holds a passkey that the site's exclude list names. The caller asks the person
// all the same and only then answers with [ExcludedError], so that a page cannot probe for passkeys.
func (c *Creation) Excluded(ctx context.Context, v Vault) (bool, error) {
	if len(c.Exclude) == 0 {
		return false, nil
	}
	found, err := lookUp(ctx, v, c.RPID, c.Exclude)
	if err != nil {
		return false, fmt.Errorf("looking for excluded passkeys: %w", err)
	}
	return len(found) > 0, nil
}

// Make generates the passkey and the RegistrationResponseJSON (WebAuthn §5.1.1) for it. The passkey is Pending and
// not stored: the caller stores it durably first and then answers. verified says whether the person was verified; with
// VerificationRequired and verified false it fails with NotAllowedError. rand gives the credential ID; keys are
// always made of the system's randomness. Call the passkey's Clear when it is stored.
func (c *Creation) Make(ctx context.Context, rand io.Reader, verified bool) (*Passkey, json.RawMessage, error) {
	if c.Verification == VerificationRequired && !verified {
		return nil, nil, NotAllowedError()
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	id := make([]byte, credentialIDSize)
	if _, err := io.ReadFull(rand, id); err != nil {
		return nil, nil, fmt.Errorf("making a credential ID: %w", err)
	}
	k, pkcs8, err := generate(c.Algorithm)
	if err != nil {
		return nil, nil, err
	}
	defer k.erase()
	credential, err := c.respond(k, id, verified)
	if err != nil {
		clear(pkcs8)
		return nil, nil, err
	}
	return &Passkey{
		RPID: c.RPID, RPName: c.RPName, CredentialID: id, UserHandle: c.User.Handle, UserName: c.User.Name,
		UserDisplayName: c.User.DisplayName, Algorithm: c.Algorithm, PrivateKey: pkcs8, BackupEligible: true, BackupState: true,
		Discoverable: c.Discoverable, Pending: true, CreatedAt: c.now, ModifiedAt: c.now,
	}, credential, nil
}

// respond builds authenticator data, attestation and the answer (WebAuthn §6.3.2 from step 11, §5.1.3 from step 27).
func (c *Creation) respond(k *key, id []byte, verified bool) (json.RawMessage, error) {
	public, err := k.public()
	if err != nil {
		return nil, err
	}
	cose, err := coseKey(k.alg, public)
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("encoding the public key: %w", err)
	}
	authData := appendAuthData(nil, c.RPID, flags(verified, true, true)|flagAT, 0)
	authData = appendAttested(authData, id, cose)
	attestation, err := attest(k, c.selfAttest, authData, c.ClientDataJSON)
	if err != nil {
		return nil, err
	}
	r := registration{
		credentialID: id, clientDataJSON: c.ClientDataJSON, authData: authData, attestation: attestation,
		publicKey: spki, algorithm: k.alg, extensions: c.extensions,
	}
	return r.json(), nil
}
