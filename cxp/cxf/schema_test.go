package cxf

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The schema of CXF 1.0 (the CDDL of the standard), as a second, independent
// statement of it: what the strict writer emits is held against this table, not
// against the descriptions that the writer itself works from.
//
// A member's rule is a kind, with "?" in front where it is optional:
// text, b64, uint, bool, [kind] for arrays, EF for EditableField, or the name
// of another object here.
var schema = map[string]map[string]string{
	"Header": {"version": "Version", "exporterRpId": "text", "exporterDisplayName": "text",
		"timestamp": "uint", "accounts": "[Account]"},
	"Version": {"major": "uint", "minor": "uint"},
	"Account": {"id": "id", "username": "text", "email": "text", "fullName": "?text",
		"collections": "[Collection]", "items": "[Item]", "extensions": "?[Extension]"},
	"Collection": {"id": "id", "creationAt": "?uint", "modifiedAt": "?uint", "title": "text", "subtitle": "?text",
		"items": "[LinkedItem]", "subCollections": "?[Collection]", "extensions": "?[Extension]"},
	"LinkedItem": {"item": "id", "account": "?id"},
	"Item": {"id": "id", "creationAt": "?uint", "modifiedAt": "?uint", "title": "text", "subtitle": "?text",
		"favorite": "?bool", "scope": "?CredentialScope", "credentials": "[Credential]", "tags": "?[text]", "extensions": "?[Extension]"},
	"CredentialScope": {"urls": "[text]", "androidApps": "[AndroidAppId]"},
	"AndroidAppId":    {"bundleId": "text", "certificate": "?Certificate", "name": "?text"},
	"Certificate":     {"fingerprint": "b64", "hashAlg": "text"},
	"EF":              {"id": "?id", "fieldType": "text", "value": "text", "label": "?text", "extensions": "?[Extension]"},
	"Extension":       {"name": "text"},
	"shared":          {"name": "text", "accessors": "[Accessor]"},
	"Accessor":        {"type": "text", "accountId": "text", "name": "text", "permissions": "[text]"},
	"Fido2Extensions": {"hmacCredentials": "?HMAC", "credBlob": "?b64", "largeBlob": "?LargeBlob", "payments": "?bool"},
	"HMAC":            {"algorithm": "text", "credWithUV": "b64", "credWithoutUV": "b64"},
	"LargeBlob":       {"uncompressedSize": "uint", "data": "b64"},
}

var credentialSchema = map[string]map[string]string{
	"address":            optionalFields("streetAddress postalCode city territory country tel"),
	"api-key":            optionalFields("key username keyType url validFrom expiryDate"),
	"basic-auth":         optionalFields("username password"),
	"credit-card":        optionalFields("number fullName cardType verificationNumber pin expiryDate validFrom"),
	"wifi":               optionalFields("ssid networkSecurityType passphrase hidden"),
	"passport":           optionalFields("issuingCountry passportType passportNumber nationalIdentificationNumber nationality fullName birthDate birthPlace sex issueDate expiryDate issuingAuthority"),
	"person-name":        optionalFields("title given givenInformal given2 surnamePrefix surname surname2 credentials generation"),
	"note":               {"content": "EF"},
	"custom-fields":      {"id": "?id", "label": "?text", "fields": "[EF]", "extensions": "?[Extension]"},
	"drivers-license":    optionalFields("fullName birthDate issueDate expiryDate issuingAuthority territory country licenseNumber licenseClass"),
	"identity-document":  optionalFields("issuingCountry documentNumber identificationNumber nationality fullName birthDate birthPlace sex issueDate expiryDate issuingAuthority"),
	"file":               {"id": "id", "name": "text", "decryptedSize": "uint", "integrityHash": "b64"},
	"generated-password": {"password": "text"},
	"item-reference":     {"reference": "LinkedItem"},
	"passkey": {"credentialId": "b64", "rpId": "text", "username": "text", "userDisplayName": "text",
		"userHandle": "b64", "key": "b64", "fido2Extensions": "?Fido2Extensions"},
	"ssh-key": {"keyType": "text", "privateKey": "b64", "keyComment": "?text", "creationDate": "?EF", "expiryDate": "?EF", "keyGenerationSource": "?EF"},
	"totp":    {"secret": "text", "period": "uint", "digits": "uint", "username": "?text", "algorithm": "text", "issuer": "?text"},
}

func optionalFields(names string) map[string]string {
	out := map[string]string{}
	for _, n := range strings.Fields(names) {
		out[n] = "?EF"
	}
	return out
}

// conforms fails the test unless the document satisfies the schema.
func conforms(t testing.TB, document []byte) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(document)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	for _, complaint := range violations("document", "Header", v) {
		t.Errorf("against the schema: %s", complaint)
	}
}

func violations(at, kind string, v any) []string {
	kind = strings.TrimPrefix(kind, "?")
	if inner, ok := strings.CutPrefix(kind, "["); ok {
		list, ok := v.([]any)
		if !ok {
			return []string{at + " is no array"}
		}
		var out []string
		for i, e := range list {
			out = append(out, violations(fmt.Sprintf("%s[%d]", at, i), strings.TrimSuffix(inner, "]"), e)...)
		}
		return out
	}
	ok := true
	switch kind {
	case "text":
		_, ok = v.(string)
	case "bool":
		_, ok = v.(bool)
	case "uint":
		n, isNumber := v.(json.Number)
		ok = isNumber && len(n) > 0 && strings.Trim(string(n), "0123456789") == ""
	case "b64", "id":
		text, isText := v.(string)
		b, err := base64.RawURLEncoding.Strict().DecodeString(text)
		ok = isText && err == nil && !strings.ContainsAny(text, "\r\n") && (kind != "id" || len(b) > 0 && len(b) <= 64)
	default:
		return objectViolations(at, kind, v)
	}
	if !ok {
		return []string{fmt.Sprintf("%s is no %s: %v", at, kind, v)}
	}
	return nil
}

func objectViolations(at, kind string, v any) []string {
	object, ok := v.(map[string]any)
	if !ok {
		return []string{at + " is no object"}
	}
	rules := schema[kind]
	switch kind {
	case "Credential":
		name, isText := object["type"].(string)
		if !isText {
			return []string{at + " has no type"}
		}
		rules = credentialSchema[name] // none for unknown types
	case "Extension":
		if object["name"] == "shared" {
			rules = schema["shared"]
		}
	}
	var out []string
	for name, rule := range rules {
		member, there := object[name]
		if !there {
			if !strings.HasPrefix(rule, "?") {
				out = append(out, at+" lacks "+name)
			}
			continue
		}
		if list, isList := member.([]any); isList && len(list) == 0 && strings.HasPrefix(rule, "?[") {
			out = append(out, at+"."+name+" is optional and empty")
		}
		out = append(out, violations(at+"."+name, rule, member)...)
	}
	return out
}

// uniqueIDs fails the test where an identifier occurs twice in an account (CXF §1.3).
func uniqueIDs(t testing.TB, document []byte) {
	t.Helper()
	var h struct{ Accounts []map[string]any }
	d := json.NewDecoder(strings.NewReader(string(document)))
	d.UseNumber()
	if err := d.Decode(&h); err != nil {
		t.Fatal(err)
	}
	for _, account := range h.Accounts {
		var seen []string
		var walk func(v any, inside string)
		walk = func(v any, inside string) {
			switch v := v.(type) {
			case []any:
				for _, e := range v {
					walk(e, inside)
				}
			case map[string]any:
				// A file's id names a file, and what extensions hold is their own business.
				if id, ok := v["id"].(string); ok && v["type"] != "file" && known(v, inside) {
					if slices.Contains(seen, id) {
						t.Errorf("the id %q occurs twice", id)
					}
					seen = append(seen, id)
				}
				for name, e := range v {
					walk(e, name)
				}
			}
		}
		for _, name := range []string{"collections", "items"} {
			walk(account[name], name)
		}
	}
}

// known tells objects whose id the standard defines from unknown ones.
func known(object map[string]any, inside string) bool {
	_, field := object["fieldType"]
	return field || slices.Contains([]string{"items", "collections", "subCollections"}, inside) || object["type"] == "custom-fields"
}
