package webauthn

import (
	"slices"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// A call's timeout (WebAuthn §5.1.3, "timeout"): the standard's default for calls that may take a dialog, and the
// range that a site's wish is brought into. The lower end leaves time to look at a window at all.
const (
	DefaultTimeout = 5 * time.Minute
	MinTimeout     = 10 * time.Second
	MaxTimeout     = 10 * time.Minute
)

// request is what both ceremonies' options and callers have in common.
type request struct {
	options   object
	caller    Caller // with the canonical origin
	origin    webOrigin
	challenge []byte
	timeout   time.Duration
}

// readRequest does the first steps of both ceremonies. mediation is checked first: calls without a window are left
// to the browser whatever else they say.
func readRequest(options []byte, mediation string, c Caller) (*request, error) {
	// "required" and "optional" are the same to us: we always ask.
	if !slices.Contains([]string{"", "optional", "required"}, mediation) {
		return nil, toBrowser(ReasonMediation, "conditional, silent or immediate")
	}
	o, err := parseObject(options)
	if err != nil {
		return nil, err
	}
	if !c.Delegated {
		return nil, toBrowser(ReasonPolicy, "the permissions policy does not let this document ask")
	}
	r := &request{options: o, timeout: readTimeout(o)}
	if r.origin, err = parseOrigin(c.Origin); err != nil {
		return nil, err
	}
	r.caller = Caller{Origin: r.origin.String(), Ancestors: c.Ancestors, Delegated: c.Delegated}
	var ok bool
	if r.challenge, ok = o.bytes("challenge", MaxChallenge); !ok {
		return nil, toBrowser(ReasonOptions, "challenge is no base64url or too long")
	}
	return r, nil
}

func (r *request) clientData(typ string) []byte {
	return clientDataJSON(typ, r.challenge, r.caller.Origin, r.caller.CrossOrigin(), r.caller.TopOrigin())
}

// rpID takes the RP ID from the object that may hold it; an absent one is the effective domain.
func (r *request) rpID(in object, member string) (string, error) {
	if !in.has(member) {
		return r.origin.host, nil
	}
	return r.origin.check(in.text(member))
}

func readTimeout(o object) time.Duration {
	ms, ok := number(o["timeout"])
	if !ok || ms < 0 {
		return DefaultTimeout
	}
	return min(max(time.Duration(min(ms, int64(MaxTimeout/time.Millisecond)))*time.Millisecond, MinTimeout), MaxTimeout)
}

func readVerification(o object) Verification {
	switch v := Verification(o.text("userVerification")); v {
	case VerificationRequired, VerificationDiscouraged:
		return v
	}
	return VerificationPreferred
}

// readUser reads PublicKeyCredentialUserEntityJSON (WebAuthn §5.1.9). Sites send null for the display name.
func readUser(o object) (User, error) {
	user := o.object("user")
	handle, ok := user.bytes("id", MaxChallenge)
	if !ok {
		return User{}, toBrowser(ReasonOptions, "user.id is no base64url")
	}
	if len(handle) == 0 || len(handle) > 64 { // WebAuthn §5.1.3 step 5
		return User{}, &protocol.DOMError{Name: "TypeError", Message: "user.id must be 1 to 64 bytes long."}
	}
	u := User{Handle: handle, Name: user.name("name"), DisplayName: user.name("displayName")}
	if !user.has("displayName") {
		u.DisplayName = u.Name
	}
	return u, nil
}

// readAlgorithm takes the first of pubKeyCredParams that we make keys for. Without any the standard's default holds,
// ES256 and RS256 (WebAuthn §5.1.3 step 10).
func readAlgorithm(o object) (int64, error) {
	params, given, err := o.list("pubKeyCredParams")
	if err != nil {
		return 0, err
	}
	if !given {
		return AlgES256, nil
	}
	for _, p := range params {
		if p.text("type") != "public-key" {
			continue
		}
		if alg, ok := number(p["alg"]); ok && slices.Contains(creatable(), alg) {
			return alg, nil
		}
	}
	return 0, toBrowser(ReasonAlgorithm, "none of pubKeyCredParams is ours")
}

// readDescriptors gives the credential IDs of a list of PublicKeyCredentialDescriptorJSON. Transports are ignored:
// sites list those of the authenticator that they imagine. An entry of another type or without a readable ID names no
// credential of ours. given says whether the site gave a list at all, since an unusable list is not an empty one.
func readDescriptors(o object, member string) (ids [][]byte, given bool, err error) {
	descriptors, given, err := o.list(member)
	if err != nil {
		return nil, given, err
	}
	for _, d := range descriptors {
		if d.has("type") && d.text("type") != "public-key" {
			continue
		}
		if id, ok := d.bytes("id", maxCredentialID); ok && len(id) > 0 {
			ids = append(ids, id)
		}
	}
	return ids, given, nil
}

// wantsRoaming: the site asks for an authenticator that we are not. Hints take precedence over the attachment (WebAuthn
// §5.8.7), the first one that is known over the later ones.
func wantsRoaming(o, selection object) bool {
	for _, hint := range o.texts("hints") {
		switch hint {
		case "client-device":
			return false
		case "security-key", "hybrid":
			return true
		}
	}
	return selection.text("authenticatorAttachment") == "cross-platform"
}

// wantsDiscoverable: every passkey is, unless the site discourages it in so many words. A site that says nothing is
// counted as discouraging by the standard, which also says that it must cope with a discoverable one (WebAuthn
// §5.4.6); and many of those rely on it, since platform authenticators make no others. credProps tells the truth.
func wantsDiscoverable(selection object) bool { return selection.text("residentKey") != "discouraged" }

// wantsSelfAttestation: attestation "direct" or "enterprise" (which, for lack of an arrangement with anybody's enterprise, is
// direct: WebAuthn §5.4.7), unless the site prefers format none (§5.4, attestationFormats).
func wantsSelfAttestation(o object) bool {
	if o.enum("attestation", "direct", "enterprise") == "" {
		return false
	}
	for _, format := range o.texts("attestationFormats") {
		switch format {
		case "packed":
			return true
		case "none":
			return false
		}
	}
	return true
}
