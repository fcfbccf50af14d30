package kdbx

import (
	"encoding/base32"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Fields in which programs keep one-time passwords.
const (
	keyOTP        = "otp" // KeePassXC, KeePassium, Strongbox: an otpauth URI; the plug-in KeeOtp: a query
	keySeed       = "TOTP Seed"
	keySettings   = "TOTP Settings"  // "30;6", "30;S" for Steam
	keyTimeOTP    = "TimeOtp-Secret" // KeePass 2.47 and newer; also -Hex, -Base32, -Base64
	keyTimePeriod = "TimeOtp-Period"
	keyTimeLength = "TimeOtp-Length"
	keyTimeAlg    = "TimeOtp-Algorithm"
	keyCounterOTP = "HmacOtp-Secret" // counts, for which CXF has nothing
	settingsSteam = "S"
)

// totp takes what the entry has of one-time passwords. Several programs keep several forms of one secret in one entry.
func (f *fields) totp() {
	var seen []string
	for _, text := range []string{f.otp(), f.seed(), f.timeOTP()} {
		if text == "" {
			continue
		}
		if c, err := cxf.ParseOTPAuth(text); err == nil {
			secret := ""
			if t, ok := c.(*cxf.TOTP); ok {
				secret = t.Secret
			}
			if secret != "" && contains(seen, secret) {
				continue
			}
			seen = append(seen, secret)
		}
		f.it.AddTOTP(text)
	}
	for _, x := range f.list {
		if strings.HasPrefix(x.key, keyCounterOTP) {
			f.it.Report(cxf.Notice, formats.CodeNoPlace, "", "has a one-time password that counts; it was kept as fields")
			return
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (f *fields) otp() string {
	text := strings.TrimSpace(f.take(keyOTP).value)
	if text == "" || strings.Contains(text, "://") || !strings.Contains(text, "key=") {
		return text
	}
	query, err := url.ParseQuery(text)
	if err != nil || query.Get("type") != "" && !strings.EqualFold(query.Get("type"), "totp") {
		return text // AddTOTP says that it is none, and keeps it
	}
	return otpauth(query.Get("key"), query.Get("step"), query.Get("size"), query.Get("otpHashMode"))
}

func (f *fields) seed() string {
	seed, settings := f.take(keySeed).value, f.take(keySettings).value
	if seed == "" {
		return ""
	}
	period, digits, _ := strings.Cut(settings, ";")
	digits, _, _ = strings.Cut(digits, ";") // a URL for the time may follow
	if strings.EqualFold(digits, settingsSteam) {
		return "steam://" + seed
	}
	return otpauth(seed, period, digits, "")
}

func (f *fields) timeOTP() string {
	secret := f.take(keyTimeOTP + "-Base32").value
	other := func(key string, decode func(string) ([]byte, error)) {
		x := f.take(key)
		if x.value == "" {
			return
		}
		raw, err := decode(strings.TrimSpace(x.value))
		switch {
		case err != nil:
			f.it.Report(cxf.Warning, cxf.CodeSecret, key, "cannot be read; it was kept as a hidden field")
			f.list = append(f.list, field{key: key, value: x.value, protected: true})
		case secret == "":
			secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
		}
	}
	other(keyTimeOTP, func(s string) ([]byte, error) { return []byte(s), nil })
	other(keyTimeOTP+"-Hex", hex.DecodeString)
	other(keyTimeOTP+"-Base64", formats.DecodeBase64)
	period, length, alg := f.take(keyTimePeriod).value, f.take(keyTimeLength).value, f.take(keyTimeAlg).value
	if secret == "" {
		return ""
	}
	return otpauth(secret, period, length, alg)
}

// otpauth puts a URI together; what is missing or no number gets its usual value from ParseOTPAuth.
func otpauth(secret, period, digits, algorithm string) string {
	v := url.Values{"secret": {strings.ReplaceAll(secret, " ", "")}}
	if _, err := strconv.Atoi(period); err == nil {
		v.Set("period", period)
	}
	if _, err := strconv.Atoi(digits); err == nil {
		v.Set("digits", digits)
	}
	if algorithm != "" {
		v.Set("algorithm", algorithm)
	}
	return "otpauth://totp/?" + v.Encode()
}
