package webauthn

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// CheckRPID decides whether a document of this origin may use this RP ID: "is a registrable domain suffix of or is
// equal to" (HTML §7.5, used by WebAuthn §5.1.3 step 8 and §5.1.4.1 step 6) over the public suffix list, ICANN and
// private parts alike. It returns the RP ID or a *[BrowserError] with ReasonOrigin or ReasonRPID.
//
// The RP ID is compared byte for byte with the canonical host, as Chromium does: no folding of case, no IDNA, no
// ports. A browser that is more lenient gets the call and decides for itself. Equality is enough for any domain,
// public suffixes and single labels among them. testdata/rpid.json is checked against native Chromium.
func CheckRPID(origin, rpID string) (string, error) {
	o, err := parseOrigin(origin)
	if err != nil {
		return "", err
	}
	return o.check(rpID)
}

// Domain is an origin's effective domain, which is the RP ID of a call that names none. Errors as with [CheckRPID].
func Domain(origin string) (string, error) {
	o, err := parseOrigin(origin)
	if err != nil {
		return "", err
	}
	return o.host, nil
}

// Site returns the registrable domain of an origin (or the whole host where there is none: "localhost", a public
// suffix), in ASCII and lower case: the key for "never on this site" and, through [DisplayDomain], what a person is
// shown. ok is false for an origin that can have no passkeys.
func Site(origin string) (registrable string, ok bool) {
	o, err := parseOrigin(origin)
	if err != nil {
		return "", false
	}
	if domain := registrableDomain(o.host); domain != "" {
		return domain, true
	}
	return strings.TrimSuffix(o.host, "."), true
}

func (o webOrigin) check(rpID string) (string, error) {
	if rpID == o.host {
		return rpID, nil
	}
	if !isSubdomain(o.host, rpID) {
		return "", toBrowser(ReasonRPID, "the RP ID is not the origin's domain or a parent of it")
	}
	// Between the host and its registrable domain, that one included: anything above is shared by strangers. This is
	// stricter than asking whether the RP ID itself is a public suffix: amazonaws.com is none, and yet nothing that
	// bucket.s3.amazonaws.com may claim, since s3.amazonaws.com is one.
	domain := registrableDomain(o.host)
	if domain == "" || !isSubdomain(rpID, domain) {
		return "", toBrowser(ReasonRPID, "the RP ID is a public suffix, or above one")
	}
	return rpID, nil
}

// isSubdomain: host ends with domain at a label boundary. The root's dot at the end of host is overlooked when domain
// has none, but not the other way round.
func isSubdomain(host, domain string) bool {
	if domain == "" || domain[0] == '.' {
		return false
	}
	if !strings.HasSuffix(domain, ".") {
		host = strings.TrimSuffix(host, ".")
	}
	rest, ok := strings.CutSuffix(host, domain)
	return ok && (rest == "" || strings.HasSuffix(rest, "."))
}

// registrableDomain is the public suffix with one more label (URL §3.3), without the root's dot; "" where host is a
// public suffix itself. A top-level domain that the list does not know counts as a public suffix.
func registrableDomain(host string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimSuffix(host, "."))
	if err != nil {
		return ""
	}
	return domain
}
