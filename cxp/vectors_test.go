package cxp

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var update = flag.Bool("update", false, "write testdata/vectors anew")

// vectors is testdata/vectors/vectors.json: every value between request and response, in hexadecimal
// unless it is text. PROFILE.md §7 explains them.
type vectors struct {
	Profile     string         `json:"profile"`
	Challenge   string         `json:"challenge"`
	Digest      string         `json:"requestDigest"`
	Fingerprint string         `json:"requestFingerprint"`
	Info        string         `json:"info"`
	Suites      []vectorSuite  `json:"suites"`
	Backup      vectorBackup   `json:"backup"`
	Typing      []vectorTyping `json:"typing"`
}

type vectorSuite struct {
	Alg         string        `json:"alg"`
	KEM         uint16        `json:"kem"`
	KDF         uint16        `json:"kdf"`
	AEAD        uint16        `json:"aead"`
	Private     string        `json:"privateKey"`
	Public      string        `json:"publicKey"`
	Entries     []vectorEntry `json:"entries"`
	Response    string        `json:"responseFile"`
	Fingerprint string        `json:"responseFingerprint"`
}

type vectorEntry struct {
	Name         string `json:"name"`
	Header       string `json:"header"`
	AAD          string `json:"aad"`
	Randomness   string `json:"encapsulationRandomness"`
	Enc          string `json:"enc"`
	SharedSecret string `json:"sharedSecret"`
	ScheduleCtx  string `json:"keyScheduleContext"`
	Secret       string `json:"secret"`
	Key          string `json:"key"`
	Nonce        string `json:"nonce"`
	Deflated     string `json:"deflated"`
	Ciphertext   string `json:"ciphertext"`
	JWE          string `json:"jwe"`
}

type vectorBackup struct {
	Passphrase string              `json:"passphrase"`
	Salt       string              `json:"salt"`
	Bid        string              `json:"bid"`
	KDF        jsontext.Value      `json:"kdf"`
	Key        string              `json:"key"`
	Entries    []vectorBackupEntry `json:"entries"`
	File       string              `json:"backupFile"`
}

type vectorBackupEntry struct {
	Name       string `json:"name"`
	Header     string `json:"header"`
	AAD        string `json:"aad"`
	IV         string `json:"iv"`
	Deflated   string `json:"deflated"`
	Ciphertext string `json:"ciphertext"`
	Tag        string `json:"tag"`
	JWE        string `json:"jwe"`
}

type vectorTyping struct {
	Typed    string `json:"typed"`
	Position [3]int `json:"groups"`
	Accepted bool   `json:"accepted"`
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func loadVectors(t testing.TB) *vectors {
	t.Helper()
	var v vectors
	if err := json.Unmarshal(readFile(t, "vectors", "vectors.json"), &v, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return &v
}

// The published vectors are what this code makes today.
func TestVectorsAreCurrent(t *testing.T) {
	var old *vectors
	if !*update {
		old = loadVectors(t)
	}
	for name, content := range makeVectors(t, old) {
		path := filepath.Join("testdata", "vectors", name)
		if *update {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if !bytes.Equal(readFile(t, "vectors", name), content) {
			t.Errorf("%s differs; if that is meant, run go test -run TestVectorsAreCurrent -update, and change the profile's label", path)
		}
	}
}

// A stranger who reads only the published files gets the document out.
func TestVectorsOpen(t *testing.T) {
	v := loadVectors(t)
	request, err := ParseRequest(readFile(t, "vectors", "request.json"))
	if err != nil {
		t.Fatal(err)
	}
	digest := request.Digest()
	if hex.EncodeToString(digest[:]) != v.Digest || request.Fingerprint().String() != v.Fingerprint {
		t.Error("digest or fingerprint of the request")
	}
	keys := map[Suite][]byte{}
	for i, s := range Suites() {
		keys[s] = unhex(t, v.Suites[i].Private)
	}
	p, err := newPending(request, keys, time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	for _, vs := range v.Suites {
		raw := readFile(t, "vectors", vs.Response)
		if FingerprintOf(raw).String() != vs.Fingerprint {
			t.Errorf("%s: fingerprint", vs.Alg)
		}
		im, err := openBytes(t, p, raw)
		if err != nil {
			t.Fatalf("%s: %v", vs.Alg, err)
		}
		files := map[string]string{}
		if err := drainInto(im, files); err != nil || len(files) != len(vectorFiles) {
			t.Errorf("%s: files %v, %v", vs.Alg, files, err)
		}
		for _, f := range vectorFiles {
			if files[b64(f.id)] != f.content {
				t.Errorf("%s: file %s", vs.Alg, f.id)
			}
		}
	}
	if _, err := restore(t, readFile(t, "vectors", v.Backup.File), []byte(v.Backup.Passphrase), nil); err != nil {
		t.Errorf("backup: %v", err)
	}
	for _, typing := range v.Typing {
		c := &Challenge{fingerprint: request.Fingerprint(), positions: typing.Position}
		if _, err := c.Answer(typing.Typed); (err == nil) != typing.Accepted {
			t.Errorf("typing %q: %v", typing.Typed, err)
		}
	}
}

// What PROFILE.md prints is what the vectors say.
func TestProfileQuotesTheVectors(t *testing.T) {
	raw, err := os.ReadFile("PROFILE.md")
	if err != nil {
		t.Fatal(err)
	}
	v := loadVectors(t)
	s := v.Suites[1]
	e := s.Entries[1]
	for name, value := range map[string]string{
		"digest": v.Digest, "fingerprint": v.Fingerprint, "info": v.Info, "private key": s.Private, "public key": s.Public,
		"entry": e.Name, "header": e.Header, "enc": e.Enc, "shared secret": e.SharedSecret, "context": e.ScheduleCtx, "secret": e.Secret,
		"key": e.Key, "nonce": e.Nonce, "deflated": e.Deflated, "ciphertext": e.Ciphertext, "passphrase": v.Backup.Passphrase,
		"salt": v.Backup.Salt, "backup key": v.Backup.Key, "bid": v.Backup.Bid, "iv": v.Backup.Entries[0].IV, "tag": v.Backup.Entries[0].Tag,
	} {
		if !bytes.Contains(raw, []byte(value)) {
			t.Errorf("PROFILE.md does not print the %s %s", name, value)
		}
	}
	// The limits it promises are the ones that hold.
	for _, limit := range []string{"64 KiB", "256 MiB", "64 MiB", "1 GiB", "100,000 entries", "200 times", "15 minutes", "24 hours"} {
		if !bytes.Contains(raw, []byte(limit)) {
			t.Errorf("PROFILE.md does not state %s", limit)
		}
	}
}
