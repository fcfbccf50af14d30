package cxp

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
)

func TestResponsesAreReadHoweverTheyAreSpelled(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	payload := archive(t, goodPieces(t, p)...)
	text := base64.RawURLEncoding.EncodeToString(payload)
	padded := base64.URLEncoding.EncodeToString(payload)
	suite := `"hpke":{"mode":"base","kem":25722,"kdf":1,"aead":2}`
	for name, raw := range map[string]string{
		"as we write it":    `{"version":0,` + suite + `,"archive":"deflate","exporter":"exporter.example","payload":"` + text + `"}`,
		"payload first":     `{"payload":"` + text + `","version":0,` + suite + `,"archive":"deflate","exporter":"exporter.example"}`,
		"padded":            `{"version":0,` + suite + `,"archive":"deflate","exporter":"exporter.example","payload":"` + padded + `"}`,
		"indented":          "\n{ \"version\" : 0 ,\r\n\t" + suite + ",\"archive\":\"deflate\",\n\"exporter\":\"exporter.example\", \"payload\"\t:\n\"" + text + "\"\n}\n\n",
		"unknown members":   `{"x":{"payload":"no","a":["}","\"",{"payload":[]}]},"version":0,` + suite + `,"archive":"deflate","exporter":"exporter.example","payload":"` + text + `","y":null}`,
		"escapes elsewhere": `{"\u0078":"\\\"","version":0,` + suite + `,"archive":"\u0064eflate","exporter":"exporter\u002eexample","payload":"` + text + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readOut(t, p, []byte(raw)); err != nil {
				t.Fatal(err)
			}
			resp, err := ScanResponse(context.Background(), iotest.OneByteReader(strings.NewReader(raw)), nil)
			if err != nil || resp.Size() != int64(len(raw)) || resp.Fingerprint() != FingerprintOf([]byte(raw)) {
				t.Errorf("one byte at a time: %v", err)
			}
		})
	}
}

func TestResponseIsRefused(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	good, _ := answer(t, p.Request(), simple(t), nil)
	g := string(good)
	for name, c := range map[string]struct {
		raw  string
		want error
	}{
		"nothing":                   {"", ErrSyntax},
		"text":                      {"hello", ErrSyntax},
		"an array":                  {"[" + g + "]", ErrSyntax},
		"trailing data":             {g + "{}", ErrSyntax},
		"cut in the payload":        {g[:len(g)-100], ErrSyntax},
		"cut before the last":       {g[:len(g)-1], ErrSyntax},
		"payload twice":             {`{"payload":"` + g[strings.Index(g, "UEsDB"):len(g)-1] + "," + g[1:], ErrSyntax},
		"payload twice, once short": {g[:len(g)-1] + `,"payload":"AAAA"}`, ErrSyntax},
		"payload with escapes":      {strings.Replace(g, "UEsDB", `\u0055EsDB`, 1), ErrPayload},
		"payload's name escaped":    {strings.Replace(g, `"payload"`, `"p\u0061yload"`, 1)[:400] + `"}`, ErrSyntax},
		"line break in payload":     {strings.Replace(g, "UEsDB", "UEsD\nB", 1), ErrPayload},
		"standard base64":           {strings.Replace(g, "UEsDB", "UE+/B", 1), ErrPayload},
		"padding within":            {strings.Replace(g, "UEsDB", "UEsDB===", 1), ErrPayload},
		"payload no string":         {edited(t, good, "payload", []string{"UEsDB"}), ErrSyntax},
		"empty payload":             {edited(t, good, "payload", ""), ErrPayload},
		"no payload":                {edited(t, good, "payload", nil), ErrSyntax},
		"no version":                {edited(t, good, "version", nil), ErrSyntax},
		"higher version":            {edited(t, good, "version", 1), ErrVersion},
		"lower version":             {edited(t, good, "version", -1), ErrVersion},
		"other archive":             {edited(t, good, "archive", "zstd"), ErrSyntax},
		"no exporter":               {edited(t, good, "exporter", nil), ErrSyntax},
		"long exporter":             {edited(t, good, "exporter", strings.Repeat("a", 256)), ErrSyntax},
		"no hpke":                   {edited(t, good, "hpke", nil), ErrPayload},
		"duplicate member":          {`{"version":0,` + g[1:], ErrSyntax},
		"invalid UTF-8":             {strings.Replace(g, "exporter.example", "exporter\xff", 1), ErrSyntax},
		"large envelope":            {`{"x":"` + strings.Repeat("x", MaxEnvelopeSize) + `",` + g[1:], ErrTooLarge},
		"deep nesting":              {`{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "," + g[1:], ErrSyntax},
	} {
		t.Run(name, func(t *testing.T) { refused(t, p, []byte(c.raw), c.want) })
	}
}

func edited(t testing.TB, raw []byte, member string, value any) string {
	t.Helper()
	return string(edit(t, raw, map[string]any{member: value}))
}

func TestErrorResponses(t *testing.T) {
	for _, code := range []Code{
		CodeUserCanceled, CodeIncompatibleHPKE, CodeMissingImporterKey, CodeBadImporterKey, CodeUnsupportedVersion, CodeInvalidJSON, CodeForbiddenAction,
	} {
		var out bytes.Buffer
		if err := WriteError(&out, code); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(`{"version":0,"error":%q}`, code); out.String() != want {
			t.Errorf("wrote %s", out.String())
		}
		_, err := ScanResponse(context.Background(), &out, nil)
		var peer *PeerError
		if !errors.As(err, &peer) || peer.Code != code {
			t.Errorf("%s came back as %v", code, err)
		}
	}
	for err, code := range map[error]Code{
		fmt.Errorf("x: %w", ErrNoSuite): CodeIncompatibleHPKE, ErrMissingKey: CodeMissingImporterKey, ErrBadKey: CodeBadImporterKey,
		ErrVersion: CodeUnsupportedVersion, ErrSyntax: CodeInvalidJSON, ErrNotConfirmed: CodeForbiddenAction, errors.New("any"): CodeForbiddenAction,
	} {
		if got := CodeOf(err); got != code {
			t.Errorf("%v is told as %s", err, got)
		}
	}
}

func TestScanShowsWhatCanBeKnownWithoutAKey(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	h, files := attached(t, map[string]string{"a": "alpha"})
	raw, _ := answer(t, p.Request(), h, files)
	var done, total int64
	resp, err := ScanResponse(context.Background(), bytes.NewReader(raw), func(d, n int64) { done, total = d, n })
	if err != nil {
		t.Fatal(err)
	}
	entries := resp.Entries()
	switch {
	case resp.Suite() != XWingAES256GCM, resp.Backup(), resp.Exporter().Text() != "exporter.example",
		resp.RequestDigest() != p.Request().Digest(), resp.Size() != int64(len(raw)), done != resp.Size(), total != 0,
		len(entries) != 2, entries[0].Name != indexName, entries[1].Name != fileName([]byte("a")), entries[1].Size == 0:
		t.Errorf("scanned %+v, progress %d/%d", resp, done, total)
	}
}
