package cxp

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
)

var (
	cheap      = KDF{Memory: minMemory, Time: minTime, Threads: 2}
	passphrase = []byte("correct horse battery staple")
)

func backup(t testing.TB, h *cxf.Header, files FileSource) []byte {
	t.Helper()
	var out bytes.Buffer
	res, err := WriteBackup(context.Background(), &out, passphrase, BackupOptions{Document: h, Files: files, KDF: cheap})
	if err != nil {
		t.Fatal(err)
	}
	if !res.Fingerprint.Equal(FingerprintOf(out.Bytes())) {
		t.Error("the result's fingerprint is not the file's")
	}
	return out.Bytes()
}

func restore(t testing.TB, raw, pass []byte, files map[string]string) (*cxf.Header, error) {
	t.Helper()
	resp, err := ScanResponse(context.Background(), bytes.NewReader(raw), nil)
	if err != nil {
		return nil, err
	}
	im, err := OpenBackup(context.Background(), bytes.NewReader(raw), resp, pass, OpenOptions{})
	if err != nil {
		return nil, err
	}
	return im.Document(), drainInto(im, files)
}

func TestBackupRestores(t *testing.T) {
	want := map[string]string{"a": "alpha", "b": strings.Repeat("beta", 100_000)}
	h, files := attached(t, want)
	raw := backup(t, h, files)
	if bytes.Contains(raw, []byte("hpke")) {
		t.Error("a backup has no hpke member")
	}
	resp, err := ScanResponse(context.Background(), bytes.NewReader(raw), nil)
	if err != nil {
		t.Fatal(err)
	}
	if kdf, ok := resp.KDF(); !ok || kdf != cheap || !resp.Backup() || resp.Suite() != 0 {
		t.Errorf("scanned %+v", resp)
	}
	got := map[string]string{}
	doc, err := restore(t, raw, passphrase, got)
	if err != nil {
		t.Fatal(err)
	}
	if doc.Accounts[0].Items[0].Title != "Files" || got[b64("a")] != want["a"] || got[b64("b")] != want["b"] {
		t.Error("restored differently")
	}
}

func TestWrongPassphraseHasItsOwnError(t *testing.T) {
	raw := backup(t, simple(t), nil)
	if _, err := restore(t, raw, []byte("incorrect horse"), nil); !errors.Is(err, ErrPassphrase) || errors.Is(err, ErrDecrypt) {
		t.Errorf("got %v", err)
	}
	if _, err := WriteBackup(context.Background(), &bytes.Buffer{}, nil, BackupOptions{Document: simple(t)}); !errors.Is(err, ErrPassphrase) {
		t.Errorf("sealed under no passphrase: %v", err)
	}
}

// forgedBackup seals entries as the owner would, after change had its way with a header. The key is
// always derived with honest parameters: an attacker who changes them can't do more.
type forgedBackup struct {
	sealer *backupSealer
	params *backupParams
}

func newForgedBackup(t testing.TB) *forgedBackup {
	t.Helper()
	params, err := newBackupParams(cheap, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := params.kdf.derive(passphrase, params.salt)
	if err != nil {
		t.Fatal(err)
	}
	return &forgedBackup{&backupSealer{aead: aead, kdf: []byte(params.raw), bid: params.bid, rand: rand.Reader}, params}
}

func (f *forgedBackup) entry(t testing.TB, name string, content []byte, change func(*jweHeader)) piece {
	t.Helper()
	enc := encA256GCM
	h := jweHeader{Alg: algDirect, Enc: &enc, KDF: jsontext.Value(f.params.raw), Typ: typeJWE, Zip: zipDeflate, Cty: entryType(name), Path: name, BID: &f.params.bid}
	if change != nil {
		change(&h)
	}
	// The encoder would tidy kdf up, so it goes in as text.
	kdf := string(h.KDF)
	h.KDF = jsontext.Value(`"@"`)
	raw, err := json.Marshal(&h)
	if err != nil {
		t.Fatal(err)
	}
	aad := b64(strings.Replace(string(raw), `"@"`, kdf, 1))
	iv := make([]byte, ivSize)
	sealed := f.sealer.aead.Seal(nil, iv, pack(t, content), []byte(aad))
	cut := len(sealed) - tagSize
	return piece{name, fmt.Appendf(nil, "%s..%s.%s.%s", aad, b64(string(iv)), b64(string(sealed[:cut])), b64(string(sealed[cut:])))}
}

func backupOf(archive []byte) []byte {
	return fmt.Appendf(nil, `{"version":0,"archive":"deflate","exporter":"exporter.example","payload":"%s"}`, b64(string(archive)))
}

func withKDF(text string) func(*jweHeader) {
	return func(h *jweHeader) { h.KDF = jsontext.Value(text) }
}

func TestAttackArgon2Parameters(t *testing.T) {
	f := newForgedBackup(t)
	salt := b64(strings.Repeat("s", 16))
	for name, kdf := range map[string]string{
		"4 TiB of memory":    fmt.Sprintf(`{"name":"argon2id","m":4294967295,"t":3,"p":1,"salt":%q}`, salt),
		"just over 1 GiB":    fmt.Sprintf(`{"name":"argon2id","m":1048577,"t":3,"p":1,"salt":%q}`, salt),
		"memory that wraps":  fmt.Sprintf(`{"name":"argon2id","m":4295032832,"t":3,"p":1,"salt":%q}`, salt),
		"a year of passes":   fmt.Sprintf(`{"name":"argon2id","m":65536,"t":1000000,"p":1,"salt":%q}`, salt),
		"17 passes":          fmt.Sprintf(`{"name":"argon2id","m":65536,"t":17,"p":1,"salt":%q}`, salt),
		"17 lanes":           fmt.Sprintf(`{"name":"argon2id","m":65536,"t":3,"p":17,"salt":%q}`, salt),
		"lanes that wrap":    fmt.Sprintf(`{"name":"argon2id","m":65536,"t":3,"p":257,"salt":%q}`, salt),
		"no lanes":           fmt.Sprintf(`{"name":"argon2id","m":65536,"t":3,"p":0,"salt":%q}`, salt),
		"negative memory":    fmt.Sprintf(`{"name":"argon2id","m":-65536,"t":3,"p":1,"salt":%q}`, salt),
		"too little memory":  fmt.Sprintf(`{"name":"argon2id","m":65535,"t":3,"p":1,"salt":%q}`, salt),
		"too few passes":     fmt.Sprintf(`{"name":"argon2id","m":65536,"t":2,"p":1,"salt":%q}`, salt),
		"memory in exponent": fmt.Sprintf(`{"name":"argon2id","m":1e300,"t":3,"p":1,"salt":%q}`, salt),
		"short salt":         `{"name":"argon2id","m":65536,"t":3,"p":1,"salt":"AAAA"}`,
		"endless salt":       fmt.Sprintf(`{"name":"argon2id","m":65536,"t":3,"p":1,"salt":%q}`, b64(strings.Repeat("s", 1000))),
		"other name":         fmt.Sprintf(`{"name":"argon2i","m":65536,"t":3,"p":1,"salt":%q}`, salt),
		"another member":     fmt.Sprintf(`{"name":"argon2id","m":65536,"t":3,"p":1,"salt":%q,"x":1}`, salt),
		"twice":              fmt.Sprintf(`{"name":"argon2id","m":65536,"m":65537,"t":3,"p":1,"salt":%q}`, salt),
		"null":               `null`,
		"text":               `"argon2id"`,
	} {
		t.Run(name, func(t *testing.T) {
			raw := backupOf(archive(t, f.entry(t, indexName, document(t, simple(t)), withKDF(kdf))))
			var err error
			n := allocated(func() { _, err = restore(t, raw, passphrase, nil) })
			if err == nil || n > 8<<20 {
				t.Errorf("%v after %d bytes", err, n)
			}
			if name != "twice" && name != "null" && !errors.Is(err, ErrKDF) {
				t.Errorf("got %v", err)
			}
		})
	}
	// More than half of what is free is refused, whatever the absolute bound.
	if err := cheap.checkMemory(func() (uint64, error) { return 127 << 20, nil }); !errors.Is(err, ErrKDF) {
		t.Errorf("64 of 127 MiB: %v", err)
	}
	if err := cheap.checkMemory(func() (uint64, error) { return 128 << 20, nil }); err != nil {
		t.Errorf("64 of 128 MiB: %v", err)
	}
	if n, err := freeMemory(); err != nil || n < 1<<20 {
		t.Errorf("free memory: %d, %v", n, err)
	}
}

// Entries of two backups under one passphrase, or of one backup under cheaper parameters, don't mix.
func TestAttackBackupEntriesThatDiffer(t *testing.T) {
	f := newForgedBackup(t)
	h, _ := attached(t, map[string]string{"a": "alpha"})
	index := f.entry(t, indexName, document(t, h), nil)
	name := fileName([]byte("a"))
	bid := b64(strings.Repeat("b", 16))
	for what, change := range map[string]func(*jweHeader){
		"bid":             func(h *jweHeader) { h.BID = &bid },
		"kdf":             withKDF(strings.Replace(f.params.raw, `"p":2`, `"p":1`, 1)),
		"spelling of kdf": withKDF(strings.Replace(f.params.raw, `"p":2,`, `"p":2, `, 1)),
		"salt":            withKDF(strings.Replace(f.params.raw, `"salt":"`, `"salt":"A`, 1)),
		"order of kdf":    withKDF(strings.Replace(strings.Replace(f.params.raw, `"t":3,`, ``, 1), `{`, `{"t":3,`, 1)),
	} {
		t.Run(what, func(t *testing.T) {
			raw := backupOf(archive(t, index, f.entry(t, name, []byte("alpha"), change)))
			if _, err := restore(t, raw, passphrase, nil); !errors.Is(err, ErrKDF) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := restore(t, backupOf(archive(t, index, f.entry(t, name, []byte("alpha"), nil))), passphrase, nil); err != nil {
		t.Fatalf("the honest backup: %v", err)
	}
	// Another file of the same backup under this name.
	other := f.entry(t, fileName([]byte("b")), []byte("alpha"), nil)
	if _, err := restore(t, backupOf(archive(t, index, piece{name, other.text})), passphrase, nil); !errors.Is(err, ErrPayload) {
		t.Errorf("swapped: %v", err)
	}
}

func TestAttackBackupPartsOfTheWrongSize(t *testing.T) {
	f := newForgedBackup(t)
	parts := strings.Split(string(f.entry(t, indexName, document(t, simple(t)), nil).text), ".")
	for name, bad := range map[string][]string{
		"a key":         {parts[0], "AAAA", parts[2], parts[3], parts[4]},
		"no iv":         {parts[0], "", "", parts[3], parts[4]},
		"iv of 9 bytes": {parts[0], "", parts[2][:12], parts[3], parts[4]},
		"iv too long":   {parts[0], "", parts[2] + "AAAA", parts[3], parts[4]},
		"no tag":        {parts[0], "", parts[2], parts[3], ""},
		"short tag":     {parts[0], "", parts[2], parts[3], parts[4][:16]},
		"tag too long":  {parts[0], "", parts[2], parts[3], strings.Repeat("A", 40)},
	} {
		raw := backupOf(archive(t, piece{indexName, []byte(strings.Join(bad, "."))}))
		if _, err := restore(t, raw, passphrase, nil); !errors.Is(err, ErrPayload) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// dir is accepted only where the person chose to restore, HPKE only where a request is answered.
func TestAttackAlgConfusionBetweenModes(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	f := newForgedBackup(t)
	h, _ := attached(t, map[string]string{"a": "alpha"})
	dirIndex, dirFile := f.entry(t, indexName, document(t, h), nil), f.entry(t, fileName([]byte("a")), []byte("alpha"), nil)
	hpkeIndex, hpkeFile := indexEntry(t, p.Request(), XWingAES256GCM, h), fileEntry(t, p.Request(), XWingAES256GCM, "a", "alpha")

	refused(t, p, backupOf(archive(t, dirIndex, dirFile)), ErrMode)                     // a backup where an answer was awaited
	refused(t, p, response(XWingAES256GCM, archive(t, dirIndex, dirFile)), ErrPayload)  // the same, dressed as an answer
	refused(t, p, response(XWingAES256GCM, archive(t, hpkeIndex, dirFile)), ErrPayload) // one entry of a backup
	for name, raw := range map[string][]byte{
		"an answer":              response(XWingAES256GCM, archive(t, hpkeIndex, hpkeFile)),
		"an answer in disguise":  backupOf(archive(t, hpkeIndex, hpkeFile)),
		"one entry of an answer": backupOf(archive(t, dirIndex, hpkeFile)),
	} {
		if _, err := restore(t, raw, passphrase, nil); err == nil {
			t.Errorf("%s was restored", name)
		}
	}
	// A direct transport says what it delivers in its envelope.
	direct := newRequest(t, RequestOptions{Mode: Direct})
	envelope := []byte(`{"version":0,"archive":"deflate","exporter":"exporter.example","payload":""}`)
	if _, err := direct.OpenParts(context.Background(), envelope, bytes.NewReader(archive(t, dirIndex, dirFile)), OpenOptions{}); !errors.Is(err, ErrMode) {
		t.Errorf("got %v", err)
	}
}
