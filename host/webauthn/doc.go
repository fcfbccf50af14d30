// Package webauthn is the ceremonies of Web Authentication Level 3 (https://www.w3.org/TR/webauthn-3/) as an
// authenticator and the client in front of it perform them: from the options that a page gave and the origin that the
// browser vouches for, to the credential that the page gets.
//
// A newcomer's guide, in the order in which a call passes through:
//
//   - [Caller] is who asks, as the browser told it (caller.go).
//   - options.go reads the page's options. Sites get them wrong in known ways; lenient.go forgives those, and only those.
//   - [CheckRPID] decides origin against RP ID (origin.go, rpid.go); [Site] and [DisplayDomain] say what to show.
//   - extensions.go decides what each client extension means for us and what the site is told about it.
//   - clientdata.go builds clientDataJSON byte for byte as §5.8.1.1 says.
//   - [Creation] (creation.go) makes a passkey: keygen.go generates it, cose.go and authdata.go encode it, attestation.go signs.
//   - [Assertion] (assertion.go) finds passkeys (vault.go) and signs with one: pkcs8.go reads its key, key.go signs.
//   - response.go writes the JSON that the page gets.
//
// Nothing here asks a person, opens a window or writes to the vault: the agent does, between the steps. The order is
//
//	c, err := webauthn.NewCreation(options, mediation, caller, now)
//	excluded, err := c.Excluded(ctx, vault)      // true: after the person's yes answer with [ExcludedError]
//	// … consent, verification …
//	p, credential, err := c.Make(ctx, rand.Reader, verified)
//	// … store p (it is Pending), then answer with credential …
//
// and for a sign-in [NewAssertion], [Assertion.Matches], consent, [Assertion.Sign].
//
// [KeyAlgorithm] and [CheckKey] are for imports: which algorithm a key is for, and whether it can be used at all.
//
// Two kinds of refusal, told apart by errors.As: [*BrowserError] means that the call is none of ours and goes to the
// browser untouched; [*protocol.DOMError] is what the page gets. Any other error is a fault of ours or of the vault.
// When in doubt the call goes to the browser: it knows the standard's own error better than we do, and another
// authenticator may be able to do what we cannot.
package webauthn
