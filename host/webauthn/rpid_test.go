package webauthn

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

type rpidVector struct {
	Origin string `json:"origin"`
	RPID   string `json:"rpId"`
	Accept bool   `json:"accept"`
}

func readVectors(tb testing.TB) []rpidVector {
	tb.Helper()
	data, err := os.ReadFile("testdata/rpid.json")
	if err != nil {
		tb.Fatal(err)
	}
	var vectors []rpidVector
	if err := json.Unmarshal(data, &vectors); err != nil {
		tb.Fatal(err)
	}
	return vectors
}

// The expected answers were given by native Chromium, and an end-to-end test asks it again.
func TestCheckRPIDAgreesWithChromium(t *testing.T) {
	vectors := readVectors(t)
	if len(vectors) < 80 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		got, err := CheckRPID(v.Origin, v.RPID)
		if (err == nil) != v.Accept {
			t.Errorf("CheckRPID(%q, %q) = %q, %v; Chromium accepts: %v", v.Origin, v.RPID, got, err, v.Accept)
		}
		if err == nil && got != v.RPID {
			t.Errorf("CheckRPID(%q, %q) changed the RP ID to %q", v.Origin, v.RPID, got)
		}
		var be *BrowserError
		if err != nil && (!errors.As(err, &be) || be.Reason != ReasonRPID && be.Reason != ReasonOrigin) {
			t.Errorf("CheckRPID(%q, %q): %v is no BrowserError about RP ID or origin", v.Origin, v.RPID, err)
		}
	}
}

// Strings that no browser gives as an origin, so that Chromium can't be asked.
func TestCheckRPIDRefusesWhatIsNoOrigin(t *testing.T) {
	for _, origin := range []string{
		"", "null", "https://", "https:///", "https://example.com/", "https://example.com/x", "https://user@example.com",
		"https://example.com:", "https://example.com:99999", "https://example.com:+1", "https://example.com:1:2", "https://example.com?x", "https://.example.com",
		"https://example.com..", "https://exa mple.com", "https://exa%6dple.com", "https://example.com\n", "https://example.com\x00",
		"chrome-extension://abcdefghijklmnop", "moz-extension://example.com", "file:///", "ftp://example.com", "wss://example.com",
		"https://xn--a", "https://xn--zz.example.com", "https://1.2.3.4.5", "https://0x7f000001", "https://example.0x", "https://127.1", "https://" + strings.Repeat("a.", 600) + "example.com",
	} {
		if got, err := CheckRPID(origin, "example.com"); err == nil {
			t.Errorf("CheckRPID(%q) = %q, want an error", origin, got)
		}
		if got, err := Domain(origin); err == nil {
			t.Errorf("Domain(%q) = %q, want an error", origin, got)
		}
		if got, ok := Site(origin); ok {
			t.Errorf("Site(%q) = %q, want none", origin, got)
		}
	}
	// Chromium's comparison lets a leading dot through; we don't serve such an RP ID.
	if _, err := CheckRPID("https://www.example.com", ".example.com"); err == nil {
		t.Error(".example.com accepted")
	}
}

func TestDomainAndSite(t *testing.T) {
	for _, c := range []struct{ origin, domain, site, display string }{
		{"https://Login.Example.CO.UK:8443", "login.example.co.uk", "example.co.uk", "example.co.uk"},
		{"https://www.example.com.", "www.example.com.", "example.com", "example.com"},
		{"https://user.github.io", "user.github.io", "user.github.io", "user.github.io"},
		{"https://github.io", "github.io", "github.io", "github.io"},
		{"http://localhost:8080", "localhost", "localhost", "localhost"},
		{"http://a.b.localhost", "a.b.localhost", "b.localhost", "b.localhost"},
		{"https://intranet", "intranet", "intranet", "intranet"},
		{"https://www.münchen.de", "www.xn--mnchen-3ya.de", "xn--mnchen-3ya.de", "münchen.de"},
		{"https://xn--80ak6aa92e.com", "xn--80ak6aa92e.com", "xn--80ak6aa92e.com", "xn--80ak6aa92e.com"}, // "apple" in Cyrillic
		{"https://例え.jp", "xn--r8jz45g.jp", "xn--r8jz45g.jp", "例え.jp"},
		{"https://xn--fiqs8s", "xn--fiqs8s", "xn--fiqs8s", "中国"},
	} {
		domain, err := Domain(c.origin)
		site, ok := Site(c.origin)
		if err != nil || domain != c.domain || !ok || site != c.site || DisplayDomain(site) != c.display {
			t.Errorf("%s: domain %q (%v), site %q (%v), display %q; want %+v", c.origin, domain, err, site, ok, DisplayDomain(site), c)
		}
	}
	for _, mixed := range []string{"xn--pypal-4ve.com", "xn--", "xn--!!!.com", "xn--googl-n0a\x00.com"} {
		if got := DisplayDomain(mixed); got != mixed {
			t.Errorf("DisplayDomain(%q) = %q, want it unchanged", mixed, got)
		}
	}
}

// Whatever comes in: no panic, and what is accepted is the host itself or a parent of it at a dot, never a public suffix
// that is not the host.
func FuzzCheckRPID(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(v.Origin, v.RPID)
	}
	f.Fuzz(func(t *testing.T, origin, rpID string) {
		got, err := CheckRPID(origin, rpID)
		site, ok := Site(origin)
		DisplayDomain(site)
		if err != nil {
			return
		}
		host, err := Domain(origin)
		if err != nil || !ok || got != rpID || got == "" {
			t.Fatalf("accepted %q for %q, but domain %q, %v, site %v", rpID, origin, host, err, ok)
		}
		bare := strings.TrimSuffix(host, ".")
		if got != host && got != bare && !strings.HasSuffix(host, "."+got) && !strings.HasSuffix(bare, "."+got) {
			t.Fatalf("accepted %q for host %q", got, host)
		}
		if again, err := Domain("https://" + host); err != nil || again != host {
			t.Fatalf("canonical host %q is not stable: %q, %v", host, again, err)
		}
	})
}
