package webauthn

import (
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// maxOrigin bounds what parseOrigin looks at: a host name has at most 253 bytes, in percent-free Unicode a few more.
const maxOrigin = 1024

// webOrigin is a tuple origin (HTML §7.1) that can have passkeys: https, or http on the local machine.
type webOrigin struct {
	scheme string
	host   string // canonical: ASCII, lower case, no IP address; may end with a dot
	port   string // "" for the scheme's own
}

// String is the origin's serialisation (HTML §7.1.1), as client data carries it.
func (o webOrigin) String() string {
	if o.port == "" {
		return o.scheme + "://" + o.host
	}
	return o.scheme + "://" + o.host + ":" + o.port
}

// parseOrigin reads a serialised origin. A browser's own word needs no mending; upper case and Unicode are
// canonicalised all the same, so that nobody has to remember where a string came from.
func parseOrigin(s string) (webOrigin, error) {
	if len(s) > maxOrigin {
		return webOrigin{}, toBrowser(ReasonOrigin, "the origin is too long")
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return webOrigin{}, toBrowser(ReasonOrigin, "an opaque origin")
	}
	o := webOrigin{scheme: strings.ToLower(scheme)}
	if o.scheme != "https" && o.scheme != "http" {
		return webOrigin{}, toBrowser(ReasonOrigin, "neither https nor http")
	}
	if strings.HasPrefix(rest, "[") {
		return webOrigin{}, toBrowser(ReasonOrigin, "an IP address")
	}
	host, port, hasPort := strings.Cut(rest, ":")
	if hasPort {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || port[0] == '+' {
			return webOrigin{}, toBrowser(ReasonOrigin, "a port that is none")
		}
		if own := o.scheme == "https" && n == 443 || o.scheme == "http" && n == 80; !own {
			o.port = strconv.FormatUint(n, 10)
		}
	}
	var err error
	if o.host, err = canonicalHost(host); err != nil {
		return webOrigin{}, err
	}
	if o.scheme == "http" && !isLocal(o.host) {
		return webOrigin{}, toBrowser(ReasonOrigin, "http beyond the local machine")
	}
	return o, nil
}

// canonicalHost is the URL standard's host parser (URL §3.5) less what no real site has: percent signs and the
// punctuation that DNS names don't take go to the browser.
func canonicalHost(host string) (string, error) {
	if !isPlain(host) {
		// Lookup without the rules for registering names: real hosts have underscores and hyphens anywhere.
		profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.BidiRule())
		ascii, err := profile.ToASCII(host)
		if err != nil || !isPlainExceptPunycode(ascii) {
			return "", toBrowser(ReasonOrigin, "a host name that is none")
		}
		// What was encoded must be a name in its own right: of some bytes that are no UTF-8 the first pass makes one
		// that is not.
		if again, err := profile.ToASCII(ascii); err != nil || again != ascii {
			return "", toBrowser(ReasonOrigin, "a host name that is none")
		}
		host = ascii
	}
	name := strings.TrimSuffix(host, ".")
	if name == "" || len(name) > 253 || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") {
		return "", toBrowser(ReasonOrigin, "a host name that is none")
	}
	if endsInNumber(name) {
		return "", toBrowser(ReasonOrigin, "an IP address")
	}
	return host, nil
}

// isPlain: nothing to canonicalise.
func isPlain(host string) bool {
	return isPlainExceptPunycode(host) && !strings.Contains(host, "xn--")
}

func isPlainExceptPunycode(host string) bool {
	for i := range len(host) {
		c := host[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return true
}

// endsInNumber is the URL standard's "ends in a number checker": such a host is an IPv4 address or an error.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if _, err := strconv.ParseUint(last, 10, 64); err == nil || isDigits(last) {
		return true
	}
	hex, ok := strings.CutPrefix(last, "0x")
	return ok && strings.Trim(hex, "0123456789abcdef") == ""
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isLocal: a name that browsers resolve to the loopback address without asking anyone (Secure Contexts §3.1).
func isLocal(host string) bool {
	host = strings.TrimSuffix(host, ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
