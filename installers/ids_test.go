package installers

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
)

// extensionKey is one entry of the extension's manifest source.
type extensionKey struct {
	ChromeKey string `json:"chromeKey"`
	ChromeID  string `json:"chromeId"`
	FirefoxID string `json:"firefoxId"`
}

func readKeys(t *testing.T) map[string]extensionKey {
	t.Helper()
	raw, err := os.ReadFile("../extension/manifest/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]extensionKey
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}

// The ids that the host lets in are the ids that the manifests' keys give the extensions: the first 16 bytes of
// SHA-256 of the key, in hexadecimal with a to p for 0 to f.
func TestIDsFollowFromManifestKeys(t *testing.T) {
	for name, key := range readKeys(t) {
		der, err := base64.StdEncoding.DecodeString(key.ChromeKey)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x509.ParsePKIXPublicKey(der); err != nil {
			t.Errorf("%s: the manifest key is no public key: %v", name, err)
		}
		sum := sha256.Sum256(der)
		var id []byte
		for _, b := range sum[:16] {
			id = append(id, 'a'+b>>4, 'a'+b&15)
		}
		if key.ChromeID != string(id) {
			t.Errorf("%s: keys.json says %s, its key makes %s", name, key.ChromeID, id)
		}
	}
	own, other := readKeys(t)["release"], readKeys(t)["test"]
	if testBuild {
		own, other = other, own
	}
	ours := Ours()
	for caller, want := range map[string]bool{
		"chrome-extension://" + own.ChromeID + "/": true,
		own.FirefoxID: true,
		"chrome-extension://" + other.ChromeID + "/": false,
		other.FirefoxID:                             false,
		"chrome-extension://" + own.ChromeID:        false,
		"chrome-extension://" + own.ChromeID + "/x": false,
		"chrome-extension://" + own.ChromeID + "//": false,
		own.ChromeID:                       false,
		"":                                 false,
		"moz-extension://" + own.FirefoxID: false,
		"chrome-extension://" + own.FirefoxID + "/":      false,
		"Chrome-Extension://" + own.ChromeID + "/":       false,
		"chrome-extension://" + own.ChromeID + "/\x00":   false,
		" chrome-extension://" + own.ChromeID + "/":      false,
		"chrome-extension://*/":                          false,
		"chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaa": false,
	} {
		if got := ours.Knows(caller); got != want {
			t.Errorf("Knows(%q) = %v, want %v", caller, got, want)
		}
	}
}

func TestWithTellsIDsApart(t *testing.T) {
	e := Ours().With("abcdefghijklmnopabcdefghijklmnop", "other@example.org")
	for _, caller := range []string{"chrome-extension://abcdefghijklmnopabcdefghijklmnop/", "other@example.org"} {
		if !e.Knows(caller) {
			t.Errorf("%q is not known", caller)
		}
		if Ours().Knows(caller) {
			t.Errorf("With changed our own table: %q is known", caller)
		}
	}
}
