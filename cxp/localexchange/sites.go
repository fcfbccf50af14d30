package localexchange

import (
	"errors"
	"net/url"
	"strings"

	json "github.com/go-json-experiment/json"
	"golang.org/x/net/idna"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// MaxExcludedSites is how many sites a registration may exclude.
const MaxExcludedSites = 1000

// Sites are domains, each of which stands for itself and all that is below it. Nil are none.
type Sites map[string]struct{}

// Excluded are the sites for which the app does not take logins (LOCAL.md §6).
func (r *Registration) Excluded() Sites {
	if len(r.ExcludedSites) == 0 {
		return nil
	}
	s := make(Sites, len(r.ExcludedSites))
	for _, domain := range r.ExcludedSites {
		s[domain] = struct{}{}
	}
	return s
}

// Has says whether a host, or an RP ID, is one of the domains or below one.
func (s Sites) Has(host string) bool {
	if len(s) == 0 {
		return false
	}
	for host = canonical(host); host != ""; _, host, _ = strings.Cut(host, ".") {
		if _, ok := s[host]; ok {
			return true
		}
	}
	return false
}

// Exclude says whether a credential is not to go to the app whose sites these are: a passkey whose RP ID is one of them, or
// anything else in an item that is for these sites and no other, by the URLs of its scope (LOCAL.md §6).
func (s Sites) Exclude(it *cxf.Item, c cxf.Credential) bool {
	if len(s) == 0 {
		return false
	}
	if rpID, ok := rpIDOf(c); ok {
		return s.Has(rpID)
	}
	if it.Scope == nil || len(it.Scope.URLs) == 0 {
		return false
	}
	for _, u := range it.Scope.URLs {
		if !s.Has(hostOf(u)) {
			return false
		}
	}
	return true
}

// rpIDOf is a passkey's RP ID. One of an algorithm that package cxf does not know goes as it came, and has an RP ID as well.
func rpIDOf(c cxf.Credential) (string, bool) {
	switch c := c.(type) {
	case *cxf.Passkey:
		return c.RPID, true
	case *cxf.Unknown:
		var k struct {
			RPID string `json:"rpId"`
		}
		if c.Type == cxf.TypePasskey && json.Unmarshal(c.Raw, &k) == nil && k.RPID != "" {
			return k.RPID, true
		}
	}
	return "", false
}

// hostOf is the host of a URL, or of what would be one with https:// before it; "" where there is none.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err == nil && u.Scheme == "" && u.Host == "" {
		u, err = url.Parse("https://" + text)
	}
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// maxHost is the longest host that is looked at, in bytes: a name has at most 253 in ASCII, and some more in Unicode. What an
// imported item calls a host may have any length.
const maxHost = 1024

// canonical is a host as registrations write domains: lower-case ASCII, without the root's dot; "" where it is none.
func canonical(host string) string {
	if len(host) > maxHost {
		return ""
	}
	plain := true
	for i := range len(host) {
		c := host[i]
		plain = plain && c < 0x80 && !(c >= 'A' && c <= 'Z')
	}
	if !plain { // as hosts are looked up: not all of them are names that could be registered
		profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false))
		ascii, err := profile.ToASCII(host)
		if err != nil {
			return ""
		}
		host = ascii
	}
	return strings.TrimSuffix(host, ".")
}

// errExcluded says what is wrong with a list of sites.
var errExcluded = errors.New("excludedSites are at most 1,000 domain names in lower-case ASCII")

func checkExcluded(domains []string) error {
	if len(domains) > MaxExcludedSites {
		return errExcluded
	}
	for _, d := range domains {
		if !isDomain(d) {
			return errExcluded
		}
	}
	return nil
}

// isDomain accepts names of at least two labels (RFC 1123 §2.1) that are no IPv4 address, and localhost. A single label
// would be all of a top-level domain.
func isDomain(d string) bool {
	if d == "localhost" {
		return true
	}
	labels := strings.Split(d, ".")
	if len(d) > 253 || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if len(l) == 0 || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(l, func(c rune) bool { return !inLabel(c) }) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return strings.Trim(last, "0123456789") != ""
}
