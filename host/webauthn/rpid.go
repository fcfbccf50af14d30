package webauthn

import "errors"

// CheckRPID decides whether a document of this origin may use this RP ID ("is a registrable domain suffix of or is
// equal to", HTML §7.5, with WebAuthn §5.1.3). An empty rpID stands for the origin's own domain. It returns the
// effective RP ID or a *[BrowserError].
func CheckRPID(origin, rpID string) (string, error) {
	return "", errors.New("webauthn: not written yet")
}

// Site returns the registrable domain of an origin (or the whole host where there is none: "localhost", a public
// suffix), in ASCII and lower case: the key for "never on this site" and, through [DisplayDomain], what a person is
// shown. ok is false for an origin that can have no passkeys.
func Site(origin string) (registrable string, ok bool) {
	return "", false
}

// DisplayDomain returns a domain as a person should read it: in Unicode where no label of it can be mistaken for
// another, else as it is.
func DisplayDomain(ascii string) string {
	return ascii
}
