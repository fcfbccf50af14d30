package cxp

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyferry/keyferry/cxp/cxf"
)

func TestAttackTruncatedJWE(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	good := goodPieces(t, p)[0]
	for cut := 0; cut < len(good.text); cut += 1 + cut/20 {
		refusedAny(t, p, piece{good.name, good.text[:cut]}, fmt.Sprintf("cut to %d bytes", cut))
	}
}

// refusedAny wants an index not to open, whatever the reason.
func refusedAny(t *testing.T, p *Pending, index piece, what string) {
	t.Helper()
	if _, err := readOut(t, p, response(XWingAES256GCM, archive(t, index))); err == nil {
		t.Errorf("%s: opened", what)
	}
}

// The header is authenticated to the bit, and so is everything else.
func TestAttackChangedHeaderByte(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	good := goodPieces(t, p)[0]
	header := bytes.IndexByte(good.text, '.')
	for at := 0; at < len(good.text); at++ {
		if at > header+50 && at%97 != 0 && at < len(good.text)-50 {
			continue // of keys and ciphertext a sample will do
		}
		for _, flip := range []byte{1, 0x20} {
			bad := bytes.Clone(good.text)
			bad[at] ^= flip
			refusedAny(t, p, piece{good.name, bad}, fmt.Sprintf("byte %d of %d", at, len(bad)))
		}
	}
	// The same header with its members in another order says the same, but is not what was sealed.
	reorder := func(h *jweHeader) {}
	e := forge(t, p.Request(), XWingAES256GCM, indexName, pack(t, document(t, simple(t))), reorder)
	raw, err := decodeUnpadded(e.text[:bytes.IndexByte(e.text, '.')])
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]string
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(members, json.Deterministic(true))
	if err != nil || bytes.Equal(sorted, raw) {
		t.Fatalf("not reordered: %v", err)
	}
	swapped := append([]byte(b64(string(sorted))), e.text[bytes.IndexByte(e.text, '.'):]...)
	refused(t, p, response(XWingAES256GCM, archive(t, piece{indexName, swapped})), ErrDecrypt)
}

func TestAttackWrongHeaders(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	text := func(s string) *string { return &s }
	for name, c := range map[string]struct {
		change func(*jweHeader)
		want   error
	}{
		"wrong path":            {func(h *jweHeader) { h.Path = "CXP-Export/other.jwe" }, ErrPayload},
		"empty path":            {func(h *jweHeader) { h.Path = "" }, ErrPayload},
		"wrong crq":             {func(h *jweHeader) { h.CRQ = text(b64(strings.Repeat("x", 32))) }, ErrOtherRequest},
		"short crq":             {func(h *jweHeader) { h.CRQ = text("AAAA") }, ErrPayload},
		"no crq":                {func(h *jweHeader) { h.CRQ = nil }, ErrPayload},
		"typ":                   {func(h *jweHeader) { h.Typ = "JWE" }, ErrPayload},
		"cty of a file":         {func(h *jweHeader) { h.Cty = typeFile }, ErrPayload},
		"no zip":                {func(h *jweHeader) { h.Zip = "" }, ErrPayload},
		"alg of another suite":  {func(h *jweHeader) { h.Alg = P256AES128GCM.Alg() }, ErrPayload},
		"alg none":              {func(h *jweHeader) { h.Alg = "none" }, ErrPayload},
		"alg dir":               {func(h *jweHeader) { h.Alg = algDirect }, ErrPayload},
		"alg in small letters":  {func(h *jweHeader) { h.Alg = strings.ToLower(h.Alg) }, ErrPayload},
		"enc of the other mode": {func(h *jweHeader) { h.Enc = text(encA256GCM) }, ErrPayload},
		"kdf of the other mode": {func(h *jweHeader) { h.KDF = jsontext.Value(`{}`) }, ErrPayload},
		"bid of the other mode": {func(h *jweHeader) { h.BID = text(b64(strings.Repeat("x", 16))) }, ErrPayload},
		"a whole dir header": {func(h *jweHeader) {
			h.Alg, h.CRQ, h.Enc, h.BID = algDirect, nil, text(encA256GCM), text(b64(strings.Repeat("x", 16)))
			h.KDF = jsontext.Value(fmt.Sprintf(`{"name":"argon2id","m":65536,"t":3,"p":1,"salt":%q}`, b64(strings.Repeat("s", 16))))
		}, ErrPayload},
	} {
		t.Run(name, func(t *testing.T) {
			e := forge(t, p.Request(), XWingAES256GCM, indexName, pack(t, document(t, simple(t))), c.change)
			refused(t, p, response(XWingAES256GCM, archive(t, e)), c.want)
		})
	}
	for name, header := range map[string]string{
		"unknown member":   `{"alg":%q,"typ":"cxp+jwe","zip":"DEF","cty":"cxf+json","path":"CXP-Export/index.jwe","crq":%q,"x":1}`,
		"critical member":  `{"alg":%q,"typ":"cxp+jwe","zip":"DEF","cty":"cxf+json","path":"CXP-Export/index.jwe","crq":%q,"crit":["x"]}`,
		"duplicate member": `{"alg":%q,"alg":"dir","typ":"cxp+jwe","zip":"DEF","cty":"cxf+json","path":"CXP-Export/index.jwe","crq":%q}`,
		"not JSON":         `%s %s`,
		"null members":     `{"alg":%q,"typ":"cxp+jwe","zip":"DEF","cty":"cxf+json","path":"CXP-Export/index.jwe","crq":%q,"enc":null,"kdf":null}`,
		"too long":         `{"alg":%q,"typ":"cxp+jwe","zip":"DEF","cty":"cxf+json","path":"CXP-Export/index.jwe","crq":%q}` + strings.Repeat(" ", maxHeaderText),
	} {
		t.Run(name, func(t *testing.T) {
			q := p.Request()
			aad := b64(fmt.Sprintf(header, XWingAES256GCM.Alg(), b64(string(q.digest[:]))))
			enc, err := XWingAES256GCM.encapsulate(zeros{}, q.offers[0].public, hpkeInfo(q.digest))
			if err != nil {
				t.Fatal(err)
			}
			ct, err := enc.sealer.Seal(pack(t, document(t, simple(t))), []byte(aad))
			if err != nil {
				t.Fatal(err)
			}
			refusedAny(t, p, piece{indexName, fmt.Appendf(nil, "%s.%s..%s.", aad, b64(string(enc.key)), b64(string(ct)))}, name)
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAttackOddSerialisations(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	good := string(goodPieces(t, p)[0].text)
	parts := strings.Split(good, ".")
	join := func(parts ...string) string { return strings.Join(parts, ".") }
	for name, bad := range map[string]string{
		"four parts":         join(parts[0], parts[1], parts[2], parts[3]),
		"six parts":          good + ".",
		"an iv":              join(parts[0], parts[1], "AAAAAAAAAAAAAAAA", parts[3], ""),
		"a tag":              good + "AAAAAAAAAAAAAAAAAAAAAA",
		"short key":          join(parts[0], parts[1][:100], "", parts[3], ""),
		"long key":           join(parts[0], parts[1]+"AAAA", "", parts[3], ""),
		"no key":             join(parts[0], "", "", parts[3], ""),
		"no ciphertext":      join(parts[0], parts[1], "", "", ""),
		"padded":             join(parts[0], parts[1], "", parts[3]+strings.Repeat("=", (4-len(parts[3])%4)%4+4), ""),
		"line break":         join(parts[0], parts[1], "", parts[3][:40]+"\n"+parts[3][40:], ""),
		"line break at end":  good + "\n",
		"leading space":      " " + good,
		"standard base64":    join(parts[0], parts[1], "", strings.NewReplacer("-", "+", "_", "/").Replace(parts[3]), ""),
		"JSON serialisation": `{"protected":"` + parts[0] + `"}`,
	} {
		refusedAny(t, p, piece{indexName, []byte(bad)}, name)
	}
}

// bomb deflates n zeros at the best ratio there is, about 1000 to 1.
func bomb(t testing.TB, n int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(w, zeros{}, n); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAttackInflateBomb(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	q := p.Request()
	t.Run("index too dense", func(t *testing.T) {
		raw := response(XWingAES256GCM, archive(t, forge(t, q, XWingAES256GCM, indexName, bomb(t, 64<<20), nil)))
		if n := allocated(func() { refused(t, p, raw, ErrTooLarge) }); n > 32<<20 {
			t.Errorf("%d MiB allocated", n>>20)
		}
	})
	t.Run("file too dense", func(t *testing.T) {
		content := strings.Repeat("\x00", 8<<20)
		h, _ := attached(t, map[string]string{"z": content})
		e := forge(t, q, XWingAES256GCM, fileName([]byte("z")), bomb(t, 8<<20), nil)
		refused(t, p, response(XWingAES256GCM, archive(t, indexEntry(t, q, XWingAES256GCM, h), e)), ErrTooLarge)
	})
	t.Run("data behind the stream", func(t *testing.T) {
		packed := append(pack(t, document(t, simple(t))), 0)
		refused(t, p, response(XWingAES256GCM, archive(t, forge(t, q, XWingAES256GCM, indexName, packed, nil))), ErrPayload)
	})
	t.Run("stream cut short", func(t *testing.T) {
		packed := pack(t, document(t, simple(t)))
		refused(t, p, response(XWingAES256GCM, archive(t, forge(t, q, XWingAES256GCM, indexName, packed[:len(packed)-3], nil))), ErrPayload)
	})
	t.Run("limits", func(t *testing.T) {
		stored := func(n int64) []byte { // a ratio of 1 needs no memory to make: stored blocks of zeros
			var out blocks
			for ; n > 0; n -= 65535 {
				size := min(n, 65535)
				last := byte(0)
				if size == n {
					last = 1
				}
				out.Write([]byte{last, byte(size), byte(size >> 8), ^byte(size), ^byte(size >> 8)})
				out.Write(make([]byte, size))
			}
			return out.join()
		}
		packed := stored(3 << 20)
		for _, c := range []struct {
			limit, before int64
			want          error
		}{
			{3 << 20, 0, nil}, {3<<20 - 1, 0, ErrTooLarge}, {3 << 20, MaxTotalSize - 3<<20, nil}, {3 << 20, MaxTotalSize - 3<<20 + 1, ErrTooLarge},
		} {
			total := c.before
			_, err := io.Copy(io.Discard, newInflater(packed, c.limit, &total))
			if (err != nil) != (c.want != nil) {
				t.Errorf("limit %d after %d: %v", c.limit, c.before, err)
			}
		}
	})
}

// What we write ourselves must never look like a bomb, even where it compresses beyond the bound.
func TestDenseContentIsWrittenSoThatItCanBeRead(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	content := strings.Repeat("\x00", 4<<20)
	h, files := attached(t, map[string]string{"zeros": content})
	h.Accounts[0].Items[0].Subtitle = strings.Repeat("a", 3<<20)
	raw, _ := answer(t, p.Request(), h, files)
	im, err := openBytes(t, p, raw)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	if err := drainInto(im, got); err != nil || got[b64("zeros")] != content {
		t.Errorf("%v", err)
	}
}

func TestAttackFileThatIsNotTheOneDescribed(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	h, _ := attached(t, map[string]string{"a": "alpha"})
	raw := response(XWingAES256GCM, archive(t, indexEntry(t, p.Request(), XWingAES256GCM, h), fileEntry(t, p.Request(), XWingAES256GCM, "a", "alphA")))
	refused(t, p, raw, ErrIntegrity)
}

func TestAttackDocumentIDsThatAreNoBase64URL(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	for _, id := range []string{"../../../etc/passwd", "a b", "", "+/+/", "YQ\n", strings.Repeat("A", 88), "\u202e"} {
		sum := sha256.Sum256([]byte("alpha"))
		doc := fmt.Sprintf(`{"version":{"major":1,"minor":0},"exporterRpId":"exporter.example","exporterDisplayName":"E","timestamp":1795305600,
			"accounts":[{"id":"YQ","username":"","email":"","collections":[],"items":[{"id":"YQ","title":"Files","credentials":[
			{"type":"file","id":%s,"name":"n","decryptedSize":5,"integrityHash":%q}]}]}]}`, quote(t, id), b64(string(sum[:])))
		index := forge(t, p.Request(), XWingAES256GCM, indexName, pack(t, []byte(doc)), nil)
		// No entry can bear such a name; one that tries is refused with the whole payload.
		evil := forge(t, p.Request(), XWingAES256GCM, filePrefix+id+entrySuffix, pack(t, []byte("alpha")), nil)
		refused(t, p, response(XWingAES256GCM, archive(t, index, evil)), ErrPayload)
		// Without its entry the credential alone is skipped.
		h, err := readOut(t, p, response(XWingAES256GCM, archive(t, index)))
		if err != nil || len(h.Accounts[0].Items) != 1 {
			t.Errorf("%q: %v", id, err)
		}
	}
	// Nor do we export any.
	for _, id := range []string{"../evil", strings.Repeat("A", 88)} {
		h, files := attached(t, map[string]string{"a": "alpha"})
		h.Accounts[0].Items[0].Credentials[0].(*cxf.File).ID = id
		e, err := NewExporter(p.Request(), ExportOptions{Document: h, Files: files, Confirmation: confirm(t, p.Request().Fingerprint())})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		res, err := e.WriteResponse(context.Background(), &out)
		if err == nil && res.Files != 0 {
			t.Errorf("%q was exported", id)
		}
	}
}

func quote(t testing.TB, s string) string {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
