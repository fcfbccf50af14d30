package cxp

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// edit changes members of a JSON object; a nil value removes one.
func edit(t testing.TB, raw []byte, changes map[string]any) []byte {
	t.Helper()
	members := map[string]jsontext.Value{}
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	for name, value := range changes {
		if value == nil {
			delete(members, name)
			continue
		}
		v, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		members[name] = v
	}
	out, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func offers(t testing.TB, q *Request) []map[string]any {
	t.Helper()
	var m struct{ HPKE []map[string]any }
	if err := json.Unmarshal(q.Bytes(), &m, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	return m.HPKE
}

func TestRequestSaysWhatWasAskedFor(t *testing.T) {
	p := newRequest(t, RequestOptions{
		Mode: Direct, Importer: "importer.example", DisplayName: "Importer",
		CredentialTypes: []string{"passkey", "totp"}, KnownExtensions: []string{"shared"},
	})
	q, err := ReadRequest(context.Background(), bytes.NewReader(p.Request().Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	types, all := q.CredentialTypes()
	switch {
	case q.Mode() != Direct, q.Importer().Text() != "importer.example", q.DisplayName().Text() != "Importer",
		all, !slices.Equal(types, []string{"passkey", "totp"}), !slices.Equal(q.KnownExtensions(), []string{"shared"}),
		!slices.Equal(q.Suites(), Suites()), q.Fingerprint() != p.Request().Fingerprint():
		t.Fatalf("read back %+v", q)
	}
	if s, err := q.Suite(); s != XWingAES256GCM || err != nil {
		t.Errorf("chose %v, %v", s, err)
	}
	other := newRequest(t, RequestOptions{})
	if other.Request().Digest() == newRequest(t, RequestOptions{}).Request().Digest() {
		t.Error("two requests are equal")
	}
	if types, all := other.Request().CredentialTypes(); !all || types != nil {
		t.Errorf("an unrestricted request asks for %v, %v", types, all)
	}
	none := newRequest(t, RequestOptions{CredentialTypes: []string{}})
	if types, all := none.Request().CredentialTypes(); all || len(types) != 0 {
		t.Errorf("a request for no type asks for %v, %v", types, all)
	}
}

func TestRequestIsRefused(t *testing.T) {
	good := newRequest(t, RequestOptions{}).Request()
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"not JSON":            {[]byte("hello"), ErrSyntax},
		"cut short":           {good.Bytes()[:200], ErrSyntax},
		"trailing data":       {append(bytes.Clone(good.Bytes()), '{', '}'), ErrSyntax},
		"duplicate member":    {append([]byte(`{"mode":"direct",`), good.Bytes()[1:]...), ErrSyntax},
		"invalid UTF-8":       {bytes.Replace(good.Bytes(), []byte("importer.example"), []byte("importer\xff.example"), 1), ErrSyntax},
		"byte order mark":     {append([]byte("\xef\xbb\xbf"), good.Bytes()...), ErrSyntax},
		"a page of spaces":    {append(bytes.Clone(good.Bytes()), bytes.Repeat([]byte(" "), MaxRequestSize)...), ErrTooLarge},
		"no version":          {edit(t, good.Bytes(), map[string]any{"version": nil}), ErrSyntax},
		"higher version":      {edit(t, good.Bytes(), map[string]any{"version": 1}), ErrVersion},
		"fractional version":  {edit(t, good.Bytes(), map[string]any{"version": 0.5}), ErrSyntax},
		"no profile":          {edit(t, good.Bytes(), map[string]any{"profile": nil}), ErrVersion},
		"other profile":       {edit(t, good.Bytes(), map[string]any{"profile": "cxp-0/kf2"}), ErrVersion},
		"no challenge":        {edit(t, good.Bytes(), map[string]any{"challenge": nil}), ErrSyntax},
		"short challenge":     {edit(t, good.Bytes(), map[string]any{"challenge": "AAAA"}), ErrSyntax},
		"unknown mode":        {edit(t, good.Bytes(), map[string]any{"mode": "carrier-pigeon"}), ErrSyntax},
		"no importer":         {edit(t, good.Bytes(), map[string]any{"importer": ""}), ErrSyntax},
		"long importer":       {edit(t, good.Bytes(), map[string]any{"importer": strings.Repeat("a", 256)}), ErrSyntax},
		"no deflate":          {edit(t, good.Bytes(), map[string]any{"archive": []string{"zstd"}}), ErrNoSuite},
		"no offers":           {edit(t, good.Bytes(), map[string]any{"hpke": []any{}}), ErrNoSuite},
		"offers of one thing": {edit(t, good.Bytes(), map[string]any{"hpke": "all"}), ErrSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ReadRequest(context.Background(), bytes.NewReader(c.raw)); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestRequestToleratesWhatItNeedNotKnow(t *testing.T) {
	good := newRequest(t, RequestOptions{}).Request()
	challenge := strings.Repeat("A", 43) + "=" // padded
	raw := edit(t, good.Bytes(), map[string]any{"archive": []string{"zstd", "deflate"}, "future": map[string]any{"x": 1}, "challenge": challenge})
	if _, err := ParseRequest(raw); err != nil {
		t.Fatal(err)
	}
}

// Unknown and reserved suite numbers are skipped; circl, which panics on some, never sees them.
func TestUnknownSuitesAreSkipped(t *testing.T) {
	good := newRequest(t, RequestOptions{}).Request()
	known := offers(t, good)
	odd := []any{
		"text", nil, 7, []any{}, map[string]any{},
		map[string]any{"mode": "base", "kem": 0, "kdf": 0, "aead": 0},
		map[string]any{"mode": "base", "kem": 0x30, "kdf": 1, "aead": 1, "key": map[string]any{}}, // circl has it, the profile does not
		map[string]any{"mode": "base", "kem": 32, "kdf": 1, "aead": 0xffff},                       // export-only
		map[string]any{"mode": "base", "kem": 65536 + 32, "kdf": 1, "aead": 3},
		map[string]any{"mode": "base", "kem": -1, "kdf": 1, "aead": 3},
		map[string]any{"mode": "base", "kem": 1e300, "kdf": 1, "aead": 3},
		map[string]any{"mode": "base", "kem": "32", "kdf": 1, "aead": 3},
		map[string]any{"mode": "psk", "kem": 32, "kdf": 1, "aead": 3},
		map[string]any{"mode": "auth", "kem": 32, "kdf": 1, "aead": 3},
		map[string]any{"mode": "", "kem": 32, "kdf": 1, "aead": 3},
	}
	for kem := range 300 {
		odd = append(odd, map[string]any{"mode": "base", "kem": kem, "kdf": kem % 7, "aead": 99})
	}
	q, err := ParseRequest(edit(t, good.Bytes(), map[string]any{"hpke": odd}))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := q.Suite(); !errors.Is(err, ErrNoSuite) || CodeOf(err) != CodeIncompatibleHPKE {
		t.Fatalf("chose %v, %v", s, err)
	}
	q, err = ParseRequest(edit(t, good.Bytes(), map[string]any{"hpke": append(odd, known[2])}))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := q.Suite(); s != X25519AES128GCM || err != nil {
		t.Fatalf("chose %v, %v", s, err)
	}
}

// The first supported offer decides: a bad key under it must not send us on to a weaker one.
func TestBadKeysAreNamedNotSkipped(t *testing.T) {
	good := newRequest(t, RequestOptions{}).Request()
	for name, c := range map[string]struct {
		offer int
		key   any
		want  error
		code  Code
	}{
		"absent":                     {0, nil, ErrMissingKey, CodeMissingImporterKey},
		"no object":                  {0, "key", ErrBadKey, CodeBadImporterKey},
		"key of another suite":       {0, map[string]any{"kty": "OKP", "crv": "X25519", "x": strings.Repeat("A", 43)}, ErrBadKey, CodeBadImporterKey},
		"X-Wing too short":           {0, map[string]any{"kty": "AKP", "alg": "X-Wing", "pub": "AAAA"}, ErrBadKey, CodeBadImporterKey},
		"X-Wing out of range":        {0, map[string]any{"kty": "AKP", "alg": "X-Wing", "pub": strings.Repeat("_", 1621) + "8"}, ErrBadKey, CodeBadImporterKey},
		"X25519 not base64url":       {1, map[string]any{"kty": "OKP", "crv": "X25519", "x": strings.Repeat("+", 43)}, ErrBadKey, CodeBadImporterKey},
		"X25519 of 31 bytes":         {1, map[string]any{"kty": "OKP", "crv": "X25519", "x": strings.Repeat("A", 42)}, ErrBadKey, CodeBadImporterKey},
		"P-256 point off the curve":  {3, map[string]any{"kty": "EC", "crv": "P-256", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}, ErrBadKey, CodeBadImporterKey},
		"P-256 without y":            {3, map[string]any{"kty": "EC", "crv": "P-256", "x": strings.Repeat("A", 43)}, ErrBadKey, CodeBadImporterKey},
		"P-256 offered as secp256k1": {3, map[string]any{"kty": "EC", "crv": "secp256k1", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}, ErrBadKey, CodeBadImporterKey},
	} {
		t.Run(name, func(t *testing.T) {
			all := offers(t, good)[c.offer:]
			if c.key == nil {
				delete(all[0], "key")
			} else {
				all[0]["key"] = c.key
			}
			q, err := ParseRequest(edit(t, good.Bytes(), map[string]any{"hpke": all}))
			if err != nil {
				t.Fatal(err)
			}
			if s, err := q.Suite(); !errors.Is(err, c.want) || CodeOf(err) != c.code {
				t.Fatalf("chose %v, %v", s, err)
			}
		})
	}
}

// An all-zero X25519 key decodes; HPKE refuses it at the first use.
func TestZeroX25519KeyIsRefused(t *testing.T) {
	good := newRequest(t, RequestOptions{Mode: Direct}).Request()
	all := offers(t, good)[1:2]
	all[0]["key"] = map[string]any{"kty": "OKP", "crv": "X25519", "x": strings.Repeat("A", 43)}
	q, err := ParseRequest(edit(t, good.Bytes(), map[string]any{"hpke": all}))
	if err != nil {
		t.Fatal(err)
	}
	h, _ := attached(t, nil)
	e, err := NewExporter(q, ExportOptions{Document: h})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := e.WriteResponse(context.Background(), &out); !errors.Is(err, ErrBadKey) {
		t.Fatalf("got %v", err)
	}
}

func TestNewRequestChecksItsOptions(t *testing.T) {
	for name, c := range map[string]struct {
		o    RequestOptions
		want error
	}{
		"self":          {RequestOptions{Mode: Self, Importer: "a"}, ErrMode},
		"no mode":       {RequestOptions{Importer: "a"}, ErrMode},
		"no importer":   {RequestOptions{Mode: Direct}, ErrSyntax},
		"suite twice":   {RequestOptions{Mode: Direct, Importer: "a", Suites: []Suite{P256AES128GCM, P256AES128GCM}}, ErrSyntax},
		"unknown suite": {RequestOptions{Mode: Direct, Importer: "a", Suites: []Suite{99}}, ErrNoSuite},
		"too much text": {RequestOptions{Mode: Direct, Importer: "a", DisplayName: strings.Repeat("a", MaxRequestSize)}, ErrTooLarge},
	} {
		if _, err := NewRequest(c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}
