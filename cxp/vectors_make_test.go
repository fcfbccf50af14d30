package cxp

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/circl/hpke"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/crypto/argon2"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// How the published vectors are made. What they look like is in vectors_test.go.

// stream is the vectors' randomness: SHA-256 of a label and a counter, over and over. It records what
// was drawn.
type stream struct {
	label string
	n     uint64
	left  []byte
	drawn []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		if len(s.left) == 0 {
			block := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("cxp-0/kf1 test vector: "+s.label), s.n))
			s.left = block[:]
			s.n++
		}
		c := copy(p[n:], s.left)
		s.left = s.left[c:]
		n += c
	}
	s.drawn = append(s.drawn, p...)
	return len(p), nil
}

func (s *stream) take() []byte {
	d := s.drawn
	s.drawn = nil
	return d
}

const vectorTime = 1_795_305_600

var vectorFiles = []struct{ id, content string }{{"file-1", "attached to an item\n"}, {"file-2", ""}}

// vectorDocument is the document that the vectors carry.
func vectorDocument(t testing.TB) *cxf.Header {
	t.Helper()
	h, _, err := cxf.Read(bytes.NewReader(readFile(t, "vectors", "document.cxf.json")), nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// vectorRequest makes the request, always the same.
func vectorRequest(t testing.TB, rnd *stream) *Pending {
	t.Helper()
	p, err := NewRequest(RequestOptions{
		Mode: Indirect, Importer: "importer.example", DisplayName: "Test Importer",
		CredentialTypes: []string{"passkey", "basic-auth", "file"}, KnownExtensions: []string{"shared"},
		Now: func() time.Time { return time.Unix(vectorTime, 0) }, rand: rnd,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// makeVectors makes all files of testdata/vectors but the document. DEFLATE has many right outputs,
// so deflated texts are taken from the old vectors where there are any.
func makeVectors(t *testing.T, old *vectors) map[string][]byte {
	t.Helper()
	rnd := &stream{label: "request"}
	p := vectorRequest(t, rnd)
	q := p.request
	drawn := rnd.take()
	v := &vectors{
		Profile: ProfileLabel, Challenge: hex.EncodeToString(drawn[:32]), Digest: hex.EncodeToString(q.digest[:]),
		Fingerprint: q.Fingerprint().String(), Info: hex.EncodeToString(hpkeInfo(q.digest)),
		Typing: vectorTypings(q.Fingerprint()),
	}
	files := map[string][]byte{"request.json": q.Bytes()}
	h := vectorDocument(t)
	contents := [][]byte{readFile(t, "vectors", "document.cxf.json")}
	names := []string{indexName}
	for _, f := range vectorFiles {
		contents = append(contents, []byte(f.content))
		names = append(names, fileName([]byte(f.id)))
	}
	var deflated [][]byte
	for i, c := range contents {
		packed := pack(t, c)
		if old != nil && !*update {
			packed = unhex(t, old.Suites[0].Entries[i].Deflated)
		}
		if back, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed))); err != nil || !bytes.Equal(back, c) {
			t.Fatalf("deflated text of %s is not its content: %v", names[i], err)
		}
		deflated = append(deflated, packed)
	}

	for i, s := range Suites() {
		kem, kdf, aead := s.IDs()
		vs := vectorSuite{
			Alg: s.Alg(), KEM: kem, KDF: kdf, AEAD: aead,
			Private: hex.EncodeToString(p.keys[s]), Public: hex.EncodeToString(q.offers[i].public),
			Response: "response-" + s.Alg() + ".json",
		}
		rnd := &stream{label: s.Alg()}
		e, err := newExporter(&hpkeSealer{s, q.offers[i].public, q.digest, rnd}, s, ExportOptions{Document: h})
		if err != nil {
			t.Fatal(err)
		}
		var archived bytes.Buffer
		z := zip.NewWriter(&archived)
		for n := range names {
			if err := e.add(z, names[n], bytes.Clone(deflated[n])); err != nil {
				t.Fatal(err)
			}
			vs.Entries = append(vs.Entries, vectorEntryOf(t, s, p.keys[s], names[n], deflated[n], rnd.take(), archived.Bytes, z, q.digest))
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		raw := bytes.Replace(e.Envelope(), []byte(`"payload":""`), []byte(`"payload":"`+b64(archived.String())+`"`), 1)
		vs.Fingerprint = FingerprintOf(raw).String()
		files[vs.Response] = raw
		v.Suites = append(v.Suites, vs)
	}
	v.Backup = makeBackupVectors(t, h, names, deflated, files)
	out, err := json.Marshal(v, jsontext.WithIndent("  "))
	if err != nil {
		t.Fatal(err)
	}
	files["vectors.json"] = append(out, '\n')
	return files
}

// vectorEntryOf takes an entry just written apart, and computes its HPKE values by RFC 9180's own
// equations, independently of the library that sealed it.
func vectorEntryOf(t *testing.T, s Suite, private []byte, name string, deflated, randomness []byte, archived func() []byte, z *zip.Writer, digest [32]byte) vectorEntry {
	t.Helper()
	if err := z.Flush(); err != nil {
		t.Fatal(err)
	}
	raw := archived()
	text := raw[bytes.LastIndex(raw, []byte(name))+len(name):]
	parts := strings.Split(string(text), ".")
	enc, ct := unb64(t, parts[1]), unb64(t, parts[3])
	in, _ := s.info()
	sk, err := in.kem.Scheme().UnmarshalBinaryPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := in.kem.Scheme().Decapsulate(sk, enc)
	if err != nil {
		t.Fatal(err)
	}
	e := vectorEntry{
		Name: name, AAD: parts[0], Header: string(unb64(t, parts[0])), Randomness: hex.EncodeToString(randomness),
		Enc: hex.EncodeToString(enc), SharedSecret: hex.EncodeToString(shared), Deflated: hex.EncodeToString(deflated),
		Ciphertext: hex.EncodeToString(ct), JWE: string(text),
	}
	keySchedule(t, s, shared, hpkeInfo(digest), &e)
	aead, err := in.aead.New(unhex(t, e.Key))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := aead.Open(nil, unhex(t, e.Nonce), ct, []byte(parts[0])); err != nil || !bytes.Equal(plain, deflated) {
		t.Fatalf("%s: the key schedule of RFC 9180 does not lead to the ciphertext: %v", name, err)
	}
	return e
}

// keySchedule is RFC 9180 §5.1 for base mode.
func keySchedule(t *testing.T, s Suite, shared, info []byte, e *vectorEntry) {
	t.Helper()
	kem, kdf, aead := s.IDs()
	suiteID := []byte("HPKE")
	for _, id := range []uint16{kem, kdf, aead} {
		suiteID = binary.BigEndian.AppendUint16(suiteID, id)
	}
	extract := func(salt []byte, label string, ikm []byte) []byte {
		out, err := hkdf.Extract(sha256.New, bytes.Join([][]byte{[]byte("HPKE-v1"), suiteID, []byte(label), ikm}, nil), salt)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	expand := func(prk []byte, label string, info []byte, n uint16) []byte {
		labeled := bytes.Join([][]byte{binary.BigEndian.AppendUint16(nil, n), []byte("HPKE-v1"), suiteID, []byte(label), info}, nil)
		out, err := hkdf.Expand(sha256.New, prk, string(labeled), int(n))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ctx := append([]byte{0}, extract(nil, "psk_id_hash", nil)...)
	ctx = append(ctx, extract(nil, "info_hash", info)...)
	secret := extract(shared, "secret", nil)
	e.ScheduleCtx = hex.EncodeToString(ctx)
	e.Secret = hex.EncodeToString(secret)
	e.Key = hex.EncodeToString(expand(secret, "key", ctx, uint16(hpke.AEAD(aead).KeySize())))
	e.Nonce = hex.EncodeToString(expand(secret, "base_nonce", ctx, 12))
}

func makeBackupVectors(t *testing.T, h *cxf.Header, names []string, deflated [][]byte, files map[string][]byte) vectorBackup {
	t.Helper()
	rnd := &stream{label: "backup"}
	params, err := newBackupParams(cheap, rnd)
	if err != nil {
		t.Fatal(err)
	}
	rnd.take()
	aead, err := params.kdf.derive(passphrase, params.salt)
	if err != nil {
		t.Fatal(err)
	}
	key := argon2.IDKey(passphrase, params.salt, cheap.Time, cheap.Memory, cheap.Threads, 32)
	v := vectorBackup{
		Passphrase: string(passphrase), Salt: hex.EncodeToString(params.salt), Bid: hex.EncodeToString(unb64(t, params.bid)),
		KDF: jsontext.Value(params.raw), Key: hex.EncodeToString(key), File: "backup.json",
	}
	e, err := newExporter(&backupSealer{aead, []byte(params.raw), params.bid, rnd}, 0, ExportOptions{Document: h})
	if err != nil {
		t.Fatal(err)
	}
	var archived bytes.Buffer
	z := zip.NewWriter(&archived)
	for n, name := range names {
		if err := e.add(z, name, bytes.Clone(deflated[n])); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
		text := archived.String()[strings.LastIndex(archived.String(), name)+len(name):]
		parts := strings.Split(text, ".")
		v.Entries = append(v.Entries, vectorBackupEntry{
			Name: name, Header: string(unb64(t, parts[0])), AAD: parts[0], IV: hex.EncodeToString(rnd.take()), Deflated: hex.EncodeToString(deflated[n]),
			Ciphertext: hex.EncodeToString(unb64(t, parts[3])), Tag: hex.EncodeToString(unb64(t, parts[4])), JWE: text,
		})
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	files[v.File] = bytes.Replace(e.Envelope(), []byte(`"payload":""`), []byte(`"payload":"`+b64(archived.String())+`"`), 1)
	return v
}

// vectorTypings shows what an exporter accepts when groups 1, 4 and 6 are asked for.
func vectorTypings(f Fingerprint) []vectorTyping {
	g := f.Groups()
	at := [3]int{1, 4, 6}
	right := g[0] + " " + g[3] + " " + g[5]
	return []vectorTyping{
		{right, at, true},
		{strings.ToLower(strings.ReplaceAll(right, " ", "-")), at, true},
		{strings.NewReplacer("0", "O", "1", "l", " ", "").Replace(right), at, true},
		{g[3] + " " + g[0] + " " + g[5], at, false},
		{right[:len(right)-1], at, false},
		{f.String(), at, false},
	}
}
