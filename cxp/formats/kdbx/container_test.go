package kdbx

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/tobischo/gokeepasslib/v3"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// TestForeignContainers reads what another implementation writes: both versions, all ciphers and key derivations it has.
func TestForeignContainers(t *testing.T) {
	v3, v4 := gokeepasslib.WithDatabaseKDBXVersion3(), gokeepasslib.WithDatabaseKDBXVersion4()
	plain := func(db *gokeepasslib.Database) { db.Header.FileHeaders.CompressionFlags = 0 }
	for _, c := range []struct {
		name, variant string
		data          []byte
	}{
		{"3.1", "KDBX 3, AES-KDF", foreign(t, nil, v3)},
		{"3.1 not compressed", "KDBX 3, AES-KDF", foreign(t, plain, v3)},
		{"3.1 Twofish", "KDBX 3, AES-KDF", foreign(t, func(db *gokeepasslib.Database) {
			db.Header.FileHeaders.CipherID = gokeepasslib.CipherTwoFish
		}, v3)},
		{"4 Argon2d, ChaCha20", "KDBX 4, Argon2d", foreign(t, nil, v4)},
		{"4 not compressed", "KDBX 4, Argon2d", foreign(t, plain, v4)},
		{"4 AES-KDF, AES", "KDBX 4, AES-KDF", foreign(t, func(db *gokeepasslib.Database) {
			h := db.Header.FileHeaders
			h.CipherID, h.EncryptionIV = gokeepasslib.CipherAES, make([]byte, 16)
			h.KdfParameters.UUID, h.KdfParameters.Rounds, h.KdfParameters.Memory = gokeepasslib.KdfAES4, 1000, 0
			h.KdfParameters.Iterations, h.KdfParameters.Parallelism, h.KdfParameters.Version = 0, 0, 0
		}, v4)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, c.data, "pass")
			formatstest.Consistent(t, r)
			formatstest.Reports(t, r.Report)
			if r.Variant != c.variant {
				t.Errorf("variant %q", r.Variant)
			}
			account := r.Header.Accounts[0]
			if len(account.Items) != 3 || account.Collections[0].Title != "Inner" {
				t.Fatalf("%+v", account)
			}
			for i, it := range account.Items {
				login := formatstest.Only[*cxf.BasicAuth](t, &it)
				if it.Title != fmt.Sprint("Entry ", i) || login.Password.Text() != fmt.Sprint("pw ", i) || it.CreationAt == 0 {
					t.Errorf("%+v", it)
				}
				f := formatstest.Only[*cxf.File](t, &it)
				body, err := r.Files(t.Context(), *f)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(body); err != nil || string(got) != strings.Repeat("content ", i+1) {
					t.Errorf("file %q, %v", got, err)
				}
			}
			if _, err := (Format{}).Read(t.Context(), input(c.data, "wrong", nil)); !errors.Is(err, formats.ErrWrongPassword) {
				t.Errorf("wrong password: %v", err)
			}
		})
	}
}

// TestEveryCut reads a database cut short at every length, and with every byte changed: never a panic, never an item.
func TestEveryCut(t *testing.T) {
	for name, data := range map[string][]byte{
		"4":   database(t, entryOf("", keyTitle, "A", "!"+keyPassword, "pw"), "file"),
		"3.1": foreign(t, func(db *gokeepasslib.Database) { db.Header.FileHeaders.TransformRounds = 1 }, gokeepasslib.WithDatabaseKDBXVersion3()),
	} {
		password := map[string]string{"4": "x", "3.1": "pass"}[name]
		step := 1
		if name == "3.1" {
			step = 7
		}
		for n := 0; n < len(data); n += step {
			if r, err := (Format{}).Read(t.Context(), input(data[:n], password, nil)); err == nil {
				t.Fatalf("%s cut to %d of %d bytes: %d items", name, n, len(data), r.Report.Items)
			}
			if name == "3.1" {
				continue // what is not authenticated may be altered
			}
			changed := bytes.Clone(data)
			changed[n] ^= 0x10
			_, err := Format{}.Read(t.Context(), input(changed, password, nil))
			if err == nil && n < len(data)-4 {
				t.Fatalf("byte %d was changed unnoticed", n)
			}
			var version *formats.VersionError
			if err != nil && !errors.As(err, &version) && !errors.Is(err, formats.ErrDamaged) && !errors.Is(err, formats.ErrWrongPassword) &&
				!errors.Is(err, formats.ErrKDF) && !errors.Is(err, formats.ErrTooLarge) && !errors.Is(err, formats.ErrNotThis) {
				t.Fatalf("byte %d: %v is no typed error", n, err)
			}
		}
	}
}

// TestAlteredHeader3 changes a header of KDBX 3.1, which nothing but a hash in the XML vouches for.
func TestAlteredHeader3(t *testing.T) {
	data := foreign(t, nil, gokeepasslib.WithDatabaseKDBXVersion3())
	h, err := readHeader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	// A field that no reader knows, as a comment before the last.
	at := h.size() - 7
	altered := slices.Concat(data[:at], []byte{1, 2, 0, 'h', 'i'}, data[at:])
	if _, err := (Format{}).Read(t.Context(), input(altered, "pass", nil)); !errors.Is(err, formats.ErrDamaged) {
		t.Errorf("%v", err)
	}
}

// outer makes an outer header with changed fields.
func outer(change func(fields map[byte][]byte)) []byte {
	k := kdf{kind: kdfArgon2id, salt: make([]byte, 32), memory: 64 << 10, passes: 1, lanes: 1}
	raw := outerHeader(&k, make([]byte, 32), make([]byte, 12))
	h, err := readHeader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		panic(err)
	}
	change(h.fields)
	out := bytes.Clone(raw[:12])
	for _, id := range []byte{fieldCipher, fieldCompression, fieldMasterSeed, fieldIV, fieldKDF, fieldPublicCustom} {
		if v, ok := h.fields[id]; ok {
			out = binary.LittleEndian.AppendUint32(append(out, id), uint32(len(v)))
			out = append(out, v...)
		}
	}
	return append(out, fieldEnd, 0, 0, 0, 0)
}

func argon2Fields(uuid string, memory, passes uint64, lanes, version uint32) []byte {
	d := newDictionary()
	d.put(variantBytes, "$UUID", []byte(uuid))
	d.put(variantBytes, "S", make([]byte, 32))
	d.uint64("M", memory)
	d.uint64("I", passes)
	d.uint32("P", lanes)
	d.uint32("V", version)
	return d.done()
}

// TestHeaders are outer headers that are refused, before anybody is asked for a password and before anything is derived.
func TestHeaders(t *testing.T) {
	aes := newDictionary()
	aes.put(variantBytes, "$UUID", []byte(uuidAES4))
	aes.put(variantBytes, "S", make([]byte, 32))
	aes.uint64("R", 1<<63)
	set := func(id byte, v []byte) []byte { return outer(func(f map[byte][]byte) { f[id] = v }) }
	kdfOf := func(memory, passes uint64, lanes, version uint32) []byte {
		return set(fieldKDF, argon2Fields(uuidArgon2d, memory, passes, lanes, version))
	}
	signature := func(minor, major uint16, second uint32) []byte {
		out := binary.LittleEndian.AppendUint32(nil, signature1)
		out = binary.LittleEndian.AppendUint32(out, second)
		return binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(out, minor), major)
	}
	huge := append(signature(0, 4, signature2), fieldCipher, 0xFF, 0xFF, 0xFF, 0xFF)
	for _, c := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"no database", []byte("hello, hello, hello"), formats.ErrNotThis, "no KeePass database: the file is of another kind"},
		{"another signature", signature(0, 4, 7), formats.ErrNotThis, "no KeePass database: the file is of another kind"},
		{"too short", signature(0, 4, signature2)[:10], formats.ErrNotThis, "no KeePass database: the file is of another kind"},
		{"no fields", signature(0, 4, signature2), formats.ErrDamaged, "header: the file is damaged; export it again: it is cut short"},
		{"a field of 4 GiB", huge, formats.ErrTooLarge, "a header field of 4294967295 bytes: larger than Keyferry reads"},
		{"a field of 100 KiB", set(fieldCipher, make([]byte, 100<<10)), formats.ErrTooLarge, "a header field of 102400 bytes: larger than Keyferry reads"},
		{"no seed", outer(func(f map[byte][]byte) { delete(f, fieldMasterSeed) }), formats.ErrDamaged, "header: the file is damaged; export it again: field 4 is missing, or of a wrong length"},
		{"no key derivation", outer(func(f map[byte][]byte) { delete(f, fieldKDF) }), formats.ErrDamaged, "header: the file is damaged; export it again: field 11 is missing, or of a wrong length"},
		{"a short nonce", set(fieldIV, make([]byte, 3)), formats.ErrDamaged, "header: the file is damaged; export it again: the nonce is of a wrong length"},
		{"an unknown cipher", set(fieldCipher, make([]byte, 16)), formats.ErrDamaged, "encrypted with a cipher that Keyferry does not know; choose AES or ChaCha20 in the database's security settings: the file is damaged; export it again"},
		{"a dictionary cut short", set(fieldKDF, []byte{0, 1, 4, 255, 255, 255, 255}), formats.ErrDamaged, "header: the file is damaged; export it again: key derivation: cut short"},
		{"an unknown key derivation", set(fieldKDF, argon2Fields("0123456789abcdef", 1<<20, 1, 1, 0x13)), formats.ErrKDF, "a key derivation that Keyferry does not know; choose AES or Argon2 in the database's security settings: unacceptable key derivation parameters"},
		{"an older Argon2", kdfOf(1<<20, 1, 1, 0x10), formats.ErrKDF, "Argon2 version 0x10, where only 0x13 is read; save the database with a newer program: unacceptable key derivation parameters"},
		{"Argon2 with 1 TiB", kdfOf(1<<40, 1, 1, 0x13), formats.ErrKDF, "Argon2 with 1073741824 KiB, 1 passes and 1 lanes costs too much: unacceptable key derivation parameters"},
		{"Argon2 with all memory there is", kdfOf(1<<63, 1, 1, 0x13), formats.ErrKDF, "Argon2 with 2147483647 KiB, 1 passes and 1 lanes costs too much: unacceptable key derivation parameters"},
		{"Argon2 with many passes", kdfOf(1<<20, 1<<40, 1, 0x13), formats.ErrKDF, "Argon2 with 1024 KiB, 2147483647 passes and 1 lanes costs too much: unacceptable key derivation parameters"},
		{"Argon2 with many lanes", kdfOf(1<<20, 1, 1<<31, 0x13), formats.ErrKDF, "Argon2 with 1024 KiB, 1 passes and 2147483647 lanes does not exist: unacceptable key derivation parameters"},
		{"Argon2 with no passes", kdfOf(1<<20, 0, 1, 0x13), formats.ErrKDF, "Argon2 with 1024 KiB, 0 passes and 1 lanes does not exist: unacceptable key derivation parameters"},
		{"AES-KDF without end", set(fieldKDF, aes.done()), formats.ErrKDF, "AES-KDF with 9223372036854775808 rounds, where up to 600000000 are accepted; lower them in the database's security settings: unacceptable key derivation parameters"},
	} {
		in := input(c.data, "x", nil)
		in.Secret = func(context.Context, formats.Question) (formats.Secret, error) {
			t.Errorf("%s: asks for the password", c.name)
			return formats.Secret{}, io.EOF
		}
		if _, err := (Format{}).Read(t.Context(), in); !errors.Is(err, c.want) || err.Error() != c.says {
			t.Errorf("%s: %v, want %v", c.name, err, c.says)
		}
	}
	for _, c := range []struct {
		data  []byte
		found string
		newer bool
	}{
		{signature(0, 5, signature2), "5.0", true}, {signature(20, 2, signature2), "2.20", false},
		{signature(0, 3, signature1x), "1 (KDB)", false}, {signature(0, 3, signaturePre), "2 (before its release)", false},
	} {
		_, err := Format{}.Read(t.Context(), input(c.data, "x", nil))
		version := (*formats.VersionError)(nil)
		if !errors.As(err, &version) || version.Found != c.found || version.Newer != c.newer {
			t.Errorf("%q: %v", c.found, err)
		}
	}
}

// TestDetect recognises databases by their first bytes.
func TestDetect(t *testing.T) {
	for data, want := range map[string]formats.Confidence{
		string(database(t, "")): formats.Certain, "\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5rest": formats.Certain,
		"\x03\xd9\xa2\x9a": formats.No, "text": formats.No,
	} {
		p, err := formats.NewProbe(input([]byte(data), "", nil))
		if err != nil {
			t.Fatal(err)
		}
		if got := (Format{}).Detect(p); got != want {
			t.Errorf("%.8q: %v", data, got)
		}
	}
}

// TestSecrets asks nothing of nobody, and once of somebody.
func TestSecrets(t *testing.T) {
	data := database(t, "")
	in := input(data, "x", nil)
	in.Secret = nil
	if _, err := (Format{}).Read(t.Context(), in); !errors.Is(err, formats.ErrPasswordNeeded) {
		t.Errorf("nobody to ask: %v", err)
	}
	asked := 0
	password := []byte("x")
	in.Secret = func(_ context.Context, q formats.Question) (formats.Secret, error) {
		asked++
		if !q.KeyFile || q.Text == "" {
			t.Errorf("question %+v", q)
		}
		return formats.Secret{Password: password, HasPassword: true}, nil
	}
	if _, err := (Format{}).Read(t.Context(), in); err != nil || asked != 1 || !slices.Equal(password, []byte{0}) {
		t.Errorf("%v, asked %d times, the password is left as %q", err, asked, password)
	}
	// A damaged key file is as wrong as a wrong one.
	bad := []byte(`<KeyFile><Meta><Version>2.0</Version></Meta><Key><Data Hash="00000000">00</Data></Key></KeyFile>`)
	if _, err := (Format{}).Read(t.Context(), input(data, "x", bad)); !errors.Is(err, formats.ErrWrongPassword) {
		t.Errorf("a damaged key file: %v", err)
	}
}
