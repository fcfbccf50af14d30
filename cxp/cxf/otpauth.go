package cxf

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// ErrTOTP: a text is no secret of a time-based one-time password.
var ErrTOTP = errors.New("this is no time-based one-time password")

// ParseOTPAuth reads what other managers keep one-time passwords as: an otpauth
// URI, as QR codes show them; a steam URI; or the bare Base32 secret. It returns a
// *[TOTP], or an *[Unknown] for an algorithm that CXF does not know, Steam's for
// one. Errors wrap [ErrTOTP] and do not quote the text, which is a secret.
func ParseOTPAuth(text string) (Credential, error) {
	text = strings.TrimSpace(text)
	scheme, rest, isURI := strings.Cut(text, "://")
	switch {
	case !isURI:
		return newTOTP(&TOTP{Secret: text})
	case strings.EqualFold(scheme, "steam"):
		return newTOTP(&TOTP{Secret: strings.TrimSuffix(rest, "/"), Digits: 5, Algorithm: "steam"})
	case !strings.EqualFold(scheme, "otpauth"):
		return nil, fmt.Errorf("%w: it is a URI of another kind", ErrTOTP)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not a URI", ErrTOTP)
	}
	if !strings.EqualFold(u.Host, "totp") {
		return nil, fmt.Errorf("%w: it counts, or is of another kind", ErrTOTP)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("%w: its parameters are damaged", ErrTOTP)
	}
	t := &TOTP{Secret: query.Get("secret"), Issuer: query.Get("issuer")}
	issuer, account, both := strings.Cut(strings.TrimPrefix(u.Path, "/"), ":")
	if t.Username = strings.TrimSpace(account); !both {
		t.Username = issuer
	} else if t.Issuer == "" {
		t.Issuer = issuer
	}
	if t.Period, err = parameter(query, "period", 1<<16-1); err != nil {
		return nil, err
	}
	if t.Digits, err = parameter(query, "digits", 10); err != nil {
		return nil, err
	}
	t.Algorithm = strings.TrimPrefix(strings.ReplaceAll(strings.ToLower(query.Get("algorithm")), "-", ""), "hmac")
	if strings.EqualFold(query.Get("encoder"), "steam") {
		t.Algorithm = "steam"
	}
	return newTOTP(t)
}

// parameter reads a number from 1 to limit; 0 where it is not there.
func parameter(query url.Values, name string, limit uint64) (uint16, error) {
	text := query.Get(name)
	if text == "" {
		return 0, nil
	}
	v, err := strconv.ParseUint(text, 10, 16)
	if err != nil || v == 0 || v > limit {
		return 0, fmt.Errorf("%w: its %s is impossible", ErrTOTP, name)
	}
	return uint16(v), nil
}

// newTOTP puts in the defaults and brings the secret into its canonical form.
func newTOTP(t *TOTP) (Credential, error) {
	secret, ok := canonicalBase32(t.Secret)
	if !ok {
		return nil, fmt.Errorf("%w: its secret is not Base32", ErrTOTP)
	}
	t.Secret = secret
	if t.Period == 0 {
		t.Period = defaultPeriod
	}
	if t.Digits == 0 {
		t.Digits = defaultDigits
	}
	if t.Algorithm == "" {
		t.Algorithm = defaultAlgorithm
	}
	for _, known := range otpAlgorithms() {
		if t.Algorithm == known {
			return t, nil
		}
	}
	return &Unknown{Type: TypeTOTP, Raw: encodeCredential(t)}, nil
}

// OTPAuth writes the URI that [ParseOTPAuth] reads. It holds the secret.
func (t *TOTP) OTPAuth() string {
	query := url.Values{"secret": {t.Secret}}
	if t.Issuer != "" {
		query.Set("issuer", t.Issuer)
	}
	if t.Period != 0 && t.Period != defaultPeriod {
		query.Set("period", strconv.Itoa(int(t.Period)))
	}
	if t.Digits != 0 && t.Digits != defaultDigits {
		query.Set("digits", strconv.Itoa(int(t.Digits)))
	}
	if t.Algorithm != "" && t.Algorithm != defaultAlgorithm {
		query.Set("algorithm", strings.ToUpper(t.Algorithm))
	}
	label := url.PathEscape(t.Username)
	if t.Issuer != "" {
		label = url.PathEscape(t.Issuer) + ":" + label
	}
	// Readers expect %20 for a space; url.Values writes a plus sign.
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}
