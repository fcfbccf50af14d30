package cxp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// One test per attack on the exchange as a whole. Attacks on the archive are in attack_zip_test.go,
// those on single entries in attack_entry_test.go, those on backups in attack_backup_test.go.

const classical = X25519ChaCha20Poly1305

func simple(t testing.TB) *cxf.Header {
	h, _ := attached(t, nil)
	return h
}

// refused wants the response not to open, for a reason, and the request to stay open.
func refused(t *testing.T, p *Pending, raw []byte, want error) {
	t.Helper()
	_, err := readOut(t, p, raw)
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if err := p.Err(); err != nil {
		t.Fatalf("the attack closed the request: %v", err)
	}
}

// An attacker between the two replaces the request by his own. The person types the groups from the
// importer's screen, and the exporter holds them against what it received.
func TestAttackSubstitutedImporterKey(t *testing.T) {
	honest, evil := newRequest(t, RequestOptions{}).Request(), newRequest(t, RequestOptions{}).Request()
	challenge, err := evil.Fingerprint().Ask() // the exporter only has the attacker's request
	if err != nil {
		t.Fatal(err)
	}
	seen := honest.Fingerprint().Groups()
	var typed []string
	for _, n := range challenge.Positions() {
		typed = append(typed, seen[n-1])
	}
	if _, err := challenge.Answer(typed...); !errors.Is(err, ErrFingerprint) {
		t.Fatalf("got %v", err)
	}
	for name, c := range map[string]*Confirmation{"none": nil, "of another request": confirm(t, honest.Fingerprint())} {
		if _, err := NewExporter(evil, ExportOptions{Document: simple(t), Confirmation: c}); !errors.Is(err, ErrNotConfirmed) {
			t.Errorf("confirmation %s: %v", name, err)
		}
	}
}

// Anybody who saw the request can answer it. The importer's person types the groups of the response
// that the exporter showed.
func TestAttackSubstitutedResponse(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	honest, _ := answer(t, p.Request(), simple(t), nil)
	evil, _ := answer(t, p.Request(), simple(t), nil)
	resp, err := ScanResponse(context.Background(), bytes.NewReader(evil), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*Confirmation{"none": nil, "of the honest response": confirm(t, FingerprintOf(honest))} {
		if _, err := p.Open(context.Background(), bytes.NewReader(evil), resp, OpenOptions{Confirmation: c}); !errors.Is(err, ErrNotConfirmed) {
			t.Errorf("confirmation %s: %v", name, err)
		}
	}
	// Confirmed and then exchanged on the disk.
	resp, err = ScanResponse(context.Background(), bytes.NewReader(honest), nil)
	if err != nil {
		t.Fatal(err)
	}
	im, err := p.Open(context.Background(), bytes.NewReader(evil), resp, OpenOptions{Confirmation: confirm(t, FingerprintOf(honest))})
	if err == nil {
		err = im.Drain()
	}
	if !errors.Is(err, ErrChanged) || im.Verified() {
		t.Errorf("exchanged after the confirmation: %v", err)
	}
}

func TestAttackReplayedResponse(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	raw, _ := answer(t, p.Request(), simple(t), nil)
	if _, err := readOut(t, p, raw); err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := readOut(t, p, raw); !errors.Is(err, ErrRequestClosed) {
		t.Errorf("after the import committed: %v", err)
	}
	refused(t, newRequest(t, RequestOptions{}), raw, ErrOtherRequest) // nor in answer to the next one
}

func TestAttackResponseAfterTheImportCommitted(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	first, _ := answer(t, p.Request(), simple(t), nil)
	late, _ := answer(t, p.Request(), simple(t), nil)
	open, err := openBytes(t, p, late) // opened before, read on after
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readOut(t, p, first); err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := openBytes(t, p, late); !errors.Is(err, ErrRequestClosed) {
		t.Errorf("got %v", err)
	}
	if err := open.Drain(); err != nil {
		t.Errorf("what was decrypted before needs no key: %v", err)
	}
}

func TestAttackResponseForAnotherRequest(t *testing.T) {
	mine, other := newRequest(t, RequestOptions{}), newRequest(t, RequestOptions{})
	raw, _ := answer(t, other.Request(), simple(t), nil)
	refused(t, mine, raw, ErrOtherRequest)
	// Re-labelled, it still is sealed to other keys.
	relabel := func(h *jweHeader) {
		digest := b64(string(mine.request.digest[:]))
		h.CRQ = &digest
	}
	e := forge(t, other.Request(), XWingAES256GCM, indexName, pack(t, document(t, simple(t))), relabel)
	refused(t, mine, response(XWingAES256GCM, archive(t, e)), ErrDecrypt)
}

// A file's entry is bound to the request like the index, also where a transport shows no crq beforehand.
func TestAttackEntryForAnotherRequest(t *testing.T) {
	p := newRequest(t, RequestOptions{Mode: Direct})
	h, _ := attached(t, map[string]string{"a": "alpha"})
	other := b64(strings.Repeat("x", 32))
	relabel := func(h *jweHeader) { h.CRQ = &other }
	index := indexEntry(t, p.Request(), XWingAES256GCM, h)
	file := forge(t, p.Request(), XWingAES256GCM, fileName([]byte("a")), pack(t, []byte("alpha")), relabel)
	refused(t, p, response(XWingAES256GCM, archive(t, index, file)), ErrOtherRequest)
	envelope := []byte(`{"version":0,"hpke":{"mode":"base","kem":25722,"kdf":1,"aead":2},"archive":"deflate","exporter":"exporter.example","payload":""}`)
	index = forge(t, p.Request(), XWingAES256GCM, indexName, pack(t, document(t, h)), relabel)
	if _, err := p.OpenParts(context.Background(), envelope, bytes.NewReader(archive(t, index)), OpenOptions{}); !errors.Is(err, ErrOtherRequest) {
		t.Errorf("got %v", err)
	}
}

func TestAttackSuiteDowngrade(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	// Without X-Wing it is another request, with another fingerprint.
	weaker, err := ParseRequest(edit(t, p.Request().Bytes(), map[string]any{"hpke": offers(t, p.Request())[1:]}))
	if err != nil {
		t.Fatal(err)
	}
	if weaker.Fingerprint().Equal(p.Request().Fingerprint()) {
		t.Fatal("the fingerprint does not cover the offers")
	}
	raw, _ := answer(t, weaker, simple(t), nil)
	refused(t, p, raw, ErrOtherRequest)

	// A suite of ours that this request never offered.
	only := newRequest(t, RequestOptions{Suites: []Suite{XWingAES256GCM, P256AES256GCM}})
	q := *only.Request()
	q.offers = p.Request().offers
	raw = response(classical, archive(t, indexEntry(t, &q, classical, simple(t))))
	refused(t, only, raw, ErrSuiteNotOffered)

	// The response says X-Wing and its entries are sealed otherwise.
	raw = response(XWingAES256GCM, archive(t, indexEntry(t, p.Request(), classical, simple(t))))
	refused(t, p, raw, ErrPayload)
}

func TestAttackClassicalAnswerToAnXWingOffer(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	raw := response(classical, archive(t, indexEntry(t, p.Request(), classical, simple(t))))
	resp, err := ScanResponse(context.Background(), bytes.NewReader(raw), nil)
	if err != nil {
		t.Fatal(err)
	}
	o := OpenOptions{Confirmation: confirm(t, resp.Fingerprint())}
	_, err = p.Open(context.Background(), bytes.NewReader(raw), resp, o)
	var downgrade *DowngradeError
	if !errors.As(err, &downgrade) || downgrade.Suite != classical {
		t.Fatalf("got %v", err)
	}
	o.AcceptClassical = true
	im, err := p.Open(context.Background(), bytes.NewReader(raw), resp, o)
	if err != nil {
		t.Fatalf("after the person's yes: %v", err)
	}
	if err := im.Drain(); err != nil {
		t.Fatal(err)
	}
	// Where X-Wing was never offered, nothing is asked.
	p = newRequest(t, RequestOptions{Suites: []Suite{classical}})
	raw, _ = answer(t, p.Request(), simple(t), nil)
	if resp, err = ScanResponse(context.Background(), bytes.NewReader(raw), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Open(context.Background(), bytes.NewReader(raw), resp, OpenOptions{Confirmation: confirm(t, resp.Fingerprint())}); err != nil {
		t.Fatal(err)
	}
}

func TestAttackUnknownAndReservedSuiteNumbersInAResponse(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	good, _ := answer(t, p.Request(), simple(t), nil)
	numbers := []any{0, 1, 2, 3, 0x10, 0x11, 0x12, 0x20, 0x21, 0x30, 0x647a, 0xffff, 65536, -1, int64(1) << 62}
	for range 500 {
		suite := map[string]any{"mode": "base"}
		for _, member := range []string{"kem", "kdf", "aead"} {
			suite[member] = numbers[rand.IntN(len(numbers))]
		}
		if suite["kem"] == 0x647a && suite["kdf"] == 1 && suite["aead"] == 2 {
			continue
		}
		if _, err := readOut(t, p, edit(t, good, map[string]any{"hpke": suite})); err == nil {
			t.Fatalf("opened as %v", suite)
		}
	}
	for _, mode := range []string{"psk", "auth", "auth-psk", "", "BASE"} {
		raw := edit(t, good, map[string]any{"hpke": map[string]any{"mode": mode, "kem": 0x647a, "kdf": 1, "aead": 2}})
		refused(t, p, raw, ErrSuiteNotOffered)
	}
}

func TestAttackFirstBogusResponseDoesNotBurnTheKey(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	honest, _ := answer(t, p.Request(), simple(t), nil)
	bogus := simple(t)
	bogus.Accounts[0].Items[0].Title = "bogus"
	forged, _ := answer(t, p.Request(), bogus, nil) // decrypts perfectly
	for range 3 {
		if _, err := readOut(t, p, forged); err != nil {
			t.Fatal(err)
		}
		refused(t, p, bytes.Replace(forged, []byte(`"payload":"UEsDB`), []byte(`"payload":"UEsDC`), 1), ErrPayload)
	}
	h, err := readOut(t, p, honest)
	if err != nil || h.Accounts[0].Items[0].Title != "Files" {
		t.Fatalf("the honest response came too late: %v", err)
	}
}

func TestAttackExporterNamesDiffer(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	raw, _ := answer(t, p.Request(), simple(t), nil)
	refused(t, p, edit(t, raw, map[string]any{"exporter": "trusted.example"}), ErrExporter)
}

func TestAttackClockInTheFuture(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	doc := bytes.Replace(document(t, simple(t)), []byte("1795305600"), fmt.Append(nil, time.Now().Add(48*time.Hour).Unix()), 1)
	raw := response(XWingAES256GCM, archive(t, forge(t, p.Request(), XWingAES256GCM, indexName, pack(t, doc), nil)))
	im, err := openBytes(t, p, raw)
	if err != nil {
		t.Fatal(err) // said, not refused: the exporter's clock decides nothing
	}
	if !im.Report().Has(cxf.CodeTimeRange) || im.Document().Timestamp != 0 {
		t.Errorf("a document from the future goes unnoticed: %v", im.Report().Strings())
	}
	if p.Expires().After(time.Now().Add(IndirectLifetime)) {
		t.Error("a document's time moved the request's")
	}
}

// What a peer writes must not reach a screen or a log through our errors.
func TestAttackTextInErrors(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	good, _ := answer(t, p.Request(), simple(t), nil)
	evil := "\x1b[31mEVIL\u202e"
	for name, raw := range map[string][]byte{
		"error code": edit(t, good, map[string]any{"error": evil}),
		"archive":    edit(t, good, map[string]any{"archive": evil}),
		"version":    edit(t, good, map[string]any{"version": evil}),
		"entry":      response(XWingAES256GCM, archive(t, indexEntry(t, p.Request(), XWingAES256GCM, simple(t)), piece{filePrefix + evil, nil})),
		"payload":    edit(t, good, map[string]any{"payload": evil}),
		"exporter":   edit(t, good, map[string]any{"exporter": evil}),
	} {
		_, err := readOut(t, p, raw)
		if err == nil || strings.Contains(err.Error(), "EVIL") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
