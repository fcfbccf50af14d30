package kdbx

import (
	"bytes"
	"errors"
	"testing"

	"github.com/tobischo/gokeepasslib/v3"

	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// FuzzFile reads anything as a database. It never panics, and an error is one that a caller can decide on. Costs of key
// derivations that would be paid are those of the seeds, or the fuzzer would only wait.
func FuzzFile(f *testing.F) {
	f.Add(database(f, entryOf("", keyTitle, "A", "!"+keyPassword, "pw"), "file"))
	f.Add(foreign(f, func(db *gokeepasslib.Database) { db.Header.FileHeaders.TransformRounds = 1 }, gokeepasslib.WithDatabaseKDBXVersion3()))
	f.Add(outer(func(map[byte][]byte) {}))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := readHeader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			typed(t, err)
			return
		}
		if h.kdf.rounds > 1000 || h.kdf.memory*max(h.kdf.passes, 1) > 4<<20 {
			return
		}
		r, err := Format{}.Read(t.Context(), input(data, "x", nil))
		if err != nil {
			typed(t, err)
			return
		}
		formatstest.Consistent(t, r)
	})
}

func typed(t *testing.T, err error) {
	t.Helper()
	version := (*formats.VersionError)(nil)
	for _, e := range []error{formats.ErrNotThis, formats.ErrDamaged, formats.ErrTooLarge, formats.ErrKDF, formats.ErrWrongPassword} {
		if errors.Is(err, e) {
			return
		}
	}
	if !errors.As(err, &version) {
		t.Errorf("not typed: %v", err)
	}
}

// FuzzContent reads anything as the decrypted payload, which somebody who knows the password may have made.
func FuzzContent(f *testing.F) {
	p := newFixture(f)
	for _, entries := range []string{
		entryOf("<Tags>a;b</Tags>", p.attributes("!"+attrPRF, b64(make([]byte, 32)), attrEligible, "1", attrIDOld, "AAAA")...),
		entryOf(`<Binary><Key>a</Key><Value Ref="0"/></Binary><Binary><Key>b</Key><Value Compressed="True">H4sI</Value></Binary>`, keyTitle, "A", "otp", "key=JBSWY3DPEHPK3PXP&step=30"),
		entryOf("<History>"+entryOf("", "!k", "v")+"</History><Times><ExpiryTime>AAAAAAAAAAA=</ExpiryTime></Times>", "TOTP Seed", "AAAA", "TOTP Settings", "30;S"),
		entryOf("", "KP2A_URL", "https://a.example", "KP2A_URL_1", "b.example", "AndroidApp", "com.example", "AndroidApp Signature", "AA:BB"),
		`<Group><UUID>` + uuidText([16]byte{9}) + `</UUID><Name>Bin</Name><Entry/></Group><Group><Notes>n</Notes><Entry/></Group>`,
	} {
		f.Add(append(innerFields("content"), wrap(entries)...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b := formats.NewBuilder(t.Context(), Format{}, input(nil, "", nil))
		p := &payload{r: &limited{bytes.NewReader(data), formats.MaxDocument}, files: newStore()}
		if err := p.innerHeader(); err != nil {
			typed(t, err)
			return
		}
		r := &reader{b: b, x: newXML(p.r, p.stream), files: p.files}
		if err := r.document(); err != nil {
			typed(t, err)
			return
		}
		result, err := b.Finish()
		if err != nil {
			t.Fatal(err)
		}
		formatstest.Consistent(t, result)
		// What was read can be written and is read again.
		var out bytes.Buffer
		d := &formats.Document{Header: result.Header, Files: result.Files}
		if _, err := (Format{}).Write(t.Context(), &out, d, formats.WriteOptions{Passphrase: []byte("x"), KDF: cheap}); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Format{}.Read(t.Context(), input(out.Bytes(), "x", nil))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		was, is := formatstest.Passkeys(result), formatstest.Passkeys(again)
		if len(was) != len(is) {
			t.Fatalf("%d passkeys became %d", len(was), len(is))
		}
		for i := range was {
			if !was[i].SameCeremony(is[i]) {
				t.Fatalf("passkey %d became another", i+1)
			}
		}
	})
}

// FuzzKeyFile reads anything as a key file.
func FuzzKeyFile(f *testing.F) {
	f.Add([]byte("<KeyFile><Meta><Version>1.00</Version></Meta><Key><Data>AAAA</Data></Key></KeyFile>"))
	f.Add([]byte(`<KeyFile><Meta><Version>2.0</Version></Meta><Key><Data Hash="E3B0C442"></Data></Key></KeyFile>`))
	f.Add(bytes.Repeat([]byte("0a"), 32))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := keyFile(data); err != nil && !errors.Is(err, formats.ErrWrongPassword) {
			t.Errorf("not typed: %v", err)
		}
	})
}
