package vault

import (
	"bytes"
	"crypto/aes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What is read is what is written: no two encodings of one header.
func FuzzHeader(f *testing.F) {
	raw, err := os.ReadFile(goldenV1 + "/header")
	if err != nil {
		f.Fatal(err)
	}
	body := raw[14 : len(raw)-64]
	f.Add(body)
	f.Add([]byte{1, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeHeaderBody(b)
		if err != nil {
			return
		}
		if again := h.encode(nil); !bytes.Equal(again[14:len(again)-64], b) {
			t.Fatalf("%x comes back as %x", b, again[14:len(again)-64])
		}
		for i := range h.slots {
			_ = h.slots[i].check(costFloor)
		}
	})
}

// Whole files, with checksums in the way: nothing but what was made opens.
func FuzzHeaderFile(f *testing.F) {
	raw, err := os.ReadFile(goldenV1 + "/header")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeHeader(b)
		if err == nil && !bytes.Equal(b, raw) && headerAuthentic(b, make([]byte, keySize)) {
			t.Fatalf("a forged header passes: %+v", h)
		}
	})
}

func FuzzAnchor(f *testing.F) {
	key := bytes.Repeat([]byte{3}, keySize)
	a := anchor{vault: ID{1}, gen: 2, seq: 3, clean: true, commit: 4}
	f.Add(a.encode(key))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := decodeAnchor(b, key); err == nil && !bytes.Equal(got.encode(key), b) {
			t.Fatal("two encodings of one anchor")
		}
	})
}

// Every record decoder on anything: an error or something that encodes to the same bytes.
func FuzzRecords(f *testing.F) {
	p := samplePasskey(1, "example.com", []byte("key"))
	p.TrashedAt, p.Extra = time.UnixMilli(5), []byte("x")
	var info, secrets, item encoder
	p.encodeInfo(&info)
	p.encodeSecrets(&secrets)
	item.str(1, "Title")
	item.list(3, 2, func(int, *encoder) {})
	st := state{commit: 3, count: 2, open: []uint32{1, 2}}
	pg := page{value: "example.com", space: spaceRP, pages: 1, entries: []entry{{id: ID{1}, version: 2}}}
	for kind, b := range [][]byte{info.b, secrets.b, item.b, st.encode(), pg.encode(), encodeAudit([]AuditEvent{{Action: "used"}})} {
		f.Add(byte(kind), b)
	}
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		same := func(got []byte, err error) {
			t.Helper()
			if err == nil && !bytes.Equal(got, b) {
				t.Fatalf("%x comes back as %x", b, got)
			}
		}
		var e encoder
		switch kind % 8 {
		case 0:
			decodePasskeyInfo(ID{}, b) // two of its members say what the secrets are
		case 1:
			p, err := decodePasskey(ID{}, nil, b)
			if err == nil {
				p.encodeSecrets(&e)
			}
			same(e.b, err)
		case 2:
			decodeItem(ID{}, b)
		case 3:
			s, err := decodeState(b)
			if err == nil && s.sum != (multiset{}) {
				same(s.encode(), err)
			}
		case 4:
			p, err := decodePage(b)
			if err == nil {
				same(p.encode(), err)
			}
		case 5:
			l, err := decodeAudit(b)
			if err == nil && len(l) > 0 {
				same(encodeAudit(l), err)
			}
		case 6:
			if e, err := parseEnvelope(b); err == nil {
				ep := newEpochs(e.epoch, make([]byte, keySize))
				for part := range byte(2) {
					if _, err := ep.open(nil, recordKey{}, e, part); err == nil {
						t.Fatal("a forged envelope opens")
					}
				}
			}
		case 7:
			decodeBlob(ID{}, b)
			decodePiece(b)
			decodeSetting(b)
		}
	})
}

// Badger's files, damaged in any way: bounded and no panic.
func FuzzStoreFiles(f *testing.F) {
	for kind, pattern := range []string{"*.sst", "*.vlog", "KEYREGISTRY"} {
		files, err := filepath.Glob(goldenV1 + "/store-1/" + pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		b, err := os.ReadFile(files[0])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(kind), b[max(0, len(b)-8<<10):])
	}
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	keys := dataKeys{1: block}
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		path := filepath.Join(t.TempDir(), "000001.sst")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		emit := func(rawEntry) {}
		switch kind % 4 {
		case 0:
			scanTable(path, keys, emit)
			tableFoot(path)
		case 1:
			scanLog(path, keys, false, emit)
			scanLog(path, keys, true, emit)
		case 2:
			readRegistry(path, make([]byte, 32))
		case 3:
			scanBlock(b, emit)
		}
	})
}

func FuzzRecoveryPhrase(f *testing.F) {
	words, _ := NewRecoveryPhrase()
	for _, w := range words {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := append([]string(nil), words...)
		w[3] = s
		RecoveryPhrase(w)
		RecoveryPhrase([]string{s})
	})
}
