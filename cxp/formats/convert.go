package formats

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// TextField makes a field of plain text, nil for "".
func TextField(value string) *cxf.EditableField { return typed(cxf.FieldString, value) }

// ConcealedField makes a hidden field, nil for "".
func ConcealedField(value string) *cxf.EditableField { return typed(cxf.FieldConcealedString, value) }

func typed(t cxf.FieldType, value string) *cxf.EditableField {
	if value == "" {
		return nil
	}
	return cxf.Field(t, value)
}

// DateField makes a date of YYYY-MM-DD; what is none stays text. nil for "".
func DateField(value string) *cxf.EditableField {
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return TextField(value)
	}
	return cxf.Field(cxf.FieldDate, value)
}

// CountryField makes a country code (ISO 3166-1 alpha-2) of two letters; what is none stays text. nil for "".
func CountryField(value string) *cxf.EditableField {
	if len(value) != 2 || strings.Trim(strings.ToUpper(value), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return TextField(value)
	}
	return cxf.Field(cxf.FieldCountryCode, strings.ToUpper(value))
}

// Login makes a user name and password, nil where there is neither.
func Login(username, password string) *cxf.BasicAuth {
	if username == "" && password == "" {
		return nil
	}
	return &cxf.BasicAuth{Username: TextField(username), Password: ConcealedField(password)}
}

// OnePRF holds the PRF secret of managers that keep one for both cases, with and without user verification; nil for none.
func OnePRF(secret []byte) *cxf.Fido2Extensions {
	if len(secret) == 0 {
		return nil
	}
	return &cxf.Fido2Extensions{HMACCredentials: &cxf.Fido2HMACCredentials{
		Algorithm: cxf.HMACSHA256, CredWithUV: secret, CredWithoutUV: append([]byte(nil), secret...),
	}}
}

const androidScheme = "androidapp://"

// AddSites adds the addresses an item is for to its scope: URLs, bare hosts, and androidapp: addresses. What is no address
// (a pattern, say) becomes a field and is reported.
func (it *ItemBuilder) AddSites(addresses ...string) {
	var odd []cxf.EditableField
	for _, a := range addresses {
		a = strings.TrimSpace(a)
		if a == "" {
			continue
		}
		if it.Scope == nil {
			it.Scope = &cxf.CredentialScope{}
		}
		if app, ok := strings.CutPrefix(a, androidScheme); ok && app != "" {
			it.Scope.AndroidApps = append(it.Scope.AndroidApps, cxf.AndroidAppID{BundleID: app})
		} else if u, ok := AbsoluteURL(a); ok {
			it.Scope.URLs = append(it.Scope.URLs, u)
		} else {
			it.Report(cxf.Notice, CodeNoPlace, "address", "is no address that is known; it was kept as a field")
			odd = append(odd, cxf.EditableField{Type: cxf.FieldString, Label: "Address", Value: a})
		}
	}
	if s := it.Scope; s != nil && len(s.URLs) == 0 && len(s.AndroidApps) == 0 {
		it.Scope = nil
	}
	it.AddFields("", odd)
}

// AddRules keeps addresses at which an item is never to be filled in, and patterns of addresses, as fields: CXF has neither, and
// to take them for sites of the item would offer it where it must not be.
func (it *ItemBuilder) AddRules(never, patterns []string) {
	var out []cxf.EditableField
	for _, rule := range []struct {
		label, message string
		list           []string
	}{
		{"Never at", "says where never to fill it in; it was kept as a field", never},
		{"Address", "is a pattern; it was kept as a field", patterns},
	} {
		for _, a := range rule.list {
			if a = strings.TrimSpace(a); a != "" {
				it.Report(cxf.Notice, CodeNoPlace, "address", rule.message)
				out = append(out, cxf.EditableField{Type: cxf.FieldString, Label: rule.label, Value: a})
			}
		}
	}
	it.AddFields("", out)
}

// Sites is the inverse of AddSites: the addresses of a scope as text.
func Sites(s *cxf.CredentialScope) []string {
	if s == nil {
		return nil
	}
	out := append([]string(nil), s.URLs...)
	for _, app := range s.AndroidApps {
		if app.BundleID != "" {
			out = append(out, androidScheme+app.BundleID)
		}
	}
	return out
}

// AbsoluteURL makes an absolute URL out of what people write for one; ok is false for what is none.
func AbsoluteURL(text string) (string, bool) {
	if strings.ContainsAny(text, " \t\r\n<>\"`^|{}\\") {
		return "", false
	}
	if !strings.Contains(text, "://") {
		host, _, _ := strings.Cut(text, "/")
		if name, port, ok := strings.Cut(host, ":"); ok {
			if _, err := strconv.ParseUint(port, 10, 16); err != nil {
				return "", false
			}
			host = name
		}
		if !strings.Contains(host, ".") && !strings.EqualFold(host, "localhost") {
			return "", false
		}
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "", false
	}
	return text, true
}

// Unix turns a time into UNIX seconds, 0 for none and for what cannot be meant.
func Unix(t time.Time) int64 {
	if s := t.Unix(); !t.IsZero() && s > 0 && t.Year() < 10000 {
		return s
	}
	return 0
}

// ParseTime reads ISO 8601 as managers write it, 0 for anything else.
func ParseTime(text string) int64 {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return Unix(t)
		}
	}
	return 0
}

// FormatTime writes UNIX seconds as ISO 8601 in UTC.
func FormatTime(unix int64) string {
	return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05.000Z")
}

// DecodeBase64 reads base64 in either alphabet, with and without padding.
func DecodeBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(strings.TrimSpace(text), "="))
	out, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("is no base64") // the cause would quote a part of it
	}
	return out, nil
}

// DecodePEM returns the PKCS#8 private key in PEM text.
func DecodePEM(text string) ([]byte, error) {
	block, rest := pem.Decode([]byte(strings.TrimSpace(text) + "\n"))
	switch {
	case block == nil:
		return nil, errors.New("is no PEM text")
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return nil, errors.New("is encrypted with a password of its own")
	case block.Type != "PRIVATE KEY":
		return nil, errors.New("is no PKCS#8 private key")
	case len(strings.TrimSpace(string(rest))) > 0:
		return nil, errors.New("is followed by something else")
	}
	return block.Bytes, nil
}

// PKCS8 brings an EC key in its older form (RFC 5915) into that of PKCS#8; anything else stays what it is.
func PKCS8(der []byte) []byte {
	key, err := x509.ParseECPrivateKey(der)
	if err != nil {
		return der
	}
	out, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return der
	}
	return out
}

// EncodePEM writes PKCS#8 as PEM text.
func EncodePEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// YearMonth makes the year-month of a card's expiry date from what managers keep; "" where either is missing or impossible.
func YearMonth(year, month string) string {
	y, err := strconv.Atoi(strings.TrimSpace(year))
	m, err2 := strconv.Atoi(strings.TrimSpace(month))
	if err != nil || err2 != nil || m < 1 || m > 12 || y < 0 || y > 9999 {
		return ""
	}
	if y < 100 {
		y += 2000
	}
	return (time.Date(y, time.Month(m), 1, 0, 0, 0, 0, time.UTC)).Format("2006-01")
}
