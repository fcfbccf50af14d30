package cxf

import (
	"strings"
	"time"
)

// fieldTypes are the field types of the standard.
var fieldTypes = [...]FieldType{
	FieldString, FieldConcealedString, FieldEmail, FieldNumber, FieldBoolean, FieldDate, FieldYearMonth,
	FieldWIFINetworkSecurityType, FieldCountryCode, FieldSubdivisionCode,
}

func (t FieldType) known() bool {
	for _, k := range fieldTypes {
		if k == t {
			return true
		}
	}
	return false
}

// knownFieldType makes a field type without a copy of those we know.
func knownFieldType(text []byte) FieldType {
	for _, k := range fieldTypes {
		if string(k) == string(text) {
			return k
		}
	}
	return FieldType(text)
}

// check says why a value does not fit its type (CXF §3.4.3), "" if it does.
// An empty value fits every type: nothing has been filled in.
func (t FieldType) check(value string) string {
	if value == "" {
		return ""
	}
	switch t {
	case FieldNumber:
		if !isNumber(value) {
			return "is not a number"
		}
	case FieldBoolean:
		if value != "true" && value != "false" {
			return "is neither true nor false"
		}
	case FieldDate:
		if _, err := time.Parse("2006-01-02", value); err != nil {
			return "is not a date of the form YYYY-MM-DD"
		}
	case FieldYearMonth:
		if _, err := time.Parse("2006-01", value); err != nil {
			return "is not a month of the form YYYY-MM"
		}
	case FieldCountryCode:
		if !isCountry(value) {
			return "is not an ISO 3166-1 country code such as US"
		}
	case FieldSubdivisionCode:
		if !isSubdivision(value) {
			return "is not an ISO 3166-2 code such as US-CA"
		}
	case FieldWIFINetworkSecurityType:
		switch value {
		case "unsecured", "wpa-personal", "wpa2-personal", "wpa3-personal", "wep":
		default:
			return "is not a kind of Wi-Fi security that the standard knows"
		}
	}
	return ""
}

// mustFit says whether the standard demands that values fit the type. It leaves
// Wi-Fi security open, and numbers and e-mail addresses are described only.
func (t FieldType) mustFit() bool {
	switch t {
	case FieldBoolean, FieldDate, FieldYearMonth, FieldCountryCode, FieldSubdivisionCode, FieldNumber:
		return true
	}
	return false
}

// isNumber reports whether text is a number in decimal digits.
func isNumber(text string) bool {
	text = strings.TrimLeft(text, "+-")
	whole, fraction, point := strings.Cut(text, ".")
	return (whole != "" || fraction != "") && isDigits(whole) && isDigits(fraction) && (!point || fraction != "")
}

func isDigits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// countries are the officially assigned ISO 3166-1 alpha-2 codes.
const countries = " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ" +
	" CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR" +
	" GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP" +
	" KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ" +
	" NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW" +
	" SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ" +
	" UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "

func isCountry(code string) bool {
	return len(code) == 2 && isUpperOrDigit(code) && strings.Contains(countries, " "+code+" ")
}

// isSubdivision checks the form of an ISO 3166-2 code and its country; the
// subdivisions themselves change every year.
func isSubdivision(code string) bool {
	country, part, ok := strings.Cut(code, "-")
	return ok && isCountry(country) && len(part) >= 1 && len(part) <= 3 && isUpperOrDigit(part)
}

func isUpperOrDigit(text string) bool {
	for _, c := range []byte(text) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// validDocumentCode checks the form of an ICAO 9303-4 document code: P, and
// perhaps a second letter.
func validDocumentCode(code string) bool {
	return code == "P" || len(code) == 2 && code[0] == 'P' && (code[1] == '<' || code[1] >= 'A' && code[1] <= 'Z')
}

// validSSHKeyType reports whether a name is an IANA SSH public key algorithm name
// that belongs to keys (RFC 4253, 5656, 8332, 8709).
func validSSHKeyType(name string) bool {
	switch name {
	case "ssh-dss", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512", "ssh-ed25519", "ssh-ed448",
		"spki-sign-rsa", "spki-sign-dss", "pgp-sign-rsa", "pgp-sign-dss", "null",
		"x509v3-ssh-dss", "x509v3-ssh-rsa", "x509v3-rsa2048-sha256":
		return true
	}
	for _, prefix := range []string{"ecdsa-sha2-", "x509v3-ecdsa-sha2-"} {
		if curve, ok := strings.CutPrefix(name, prefix); ok {
			return strings.HasPrefix(curve, "nistp") && isDigits(curve[5:]) && len(curve) == 8 || strings.HasPrefix(curve, "1.") && isDigits(strings.ReplaceAll(curve, ".", ""))
		}
	}
	return false
}
