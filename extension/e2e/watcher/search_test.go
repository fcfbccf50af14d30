//go:build linux

package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever way a secret is written down, and wherever in a file, it is found; and nothing else is.
func TestSearch(t *testing.T) {
	needle := make([]byte, 32)
	if _, err := rand.Read(needle); err != nil {
		t.Fatal(err)
	}
	other := make([]byte, 1<<20+4096) // more than is read at once
	if _, err := rand.Read(other); err != nil {
		t.Fatal(err)
	}
	s := newSearch([][]byte{[]byte("another needle, for the filter"), needle})
	inside := append([]byte("abc"), append(bytes.Clone(needle), "def"...)...)
	for name, written := range map[string][]byte{
		"raw": needle, "hex": []byte(hex.EncodeToString(needle)), "HEX": []byte(fmt.Sprintf("%X", needle)),
		"base64": []byte(base64.StdEncoding.EncodeToString(needle)), "base64url": []byte(base64.URLEncoding.EncodeToString(needle)),
		"base64 of something longer": []byte(base64.StdEncoding.EncodeToString(inside)), "one byte later": []byte(base64.RawURLEncoding.EncodeToString(inside[1:])),
		"two bytes later": []byte(base64.RawURLEncoding.EncodeToString(inside[2:])),
		"decimal":         []byte(strings.ReplaceAll(strings.Trim(fmt.Sprint(needle), "[]"), " ", ",")),
		"utf-16":          utf16(base64.RawURLEncoding.EncodeToString(needle)),
	} {
		for _, at := range []int{0, 7, 1<<20 - 5, len(other)} {
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, bytes.Join([][]byte{other[:at], written, other[at:]}, nil), 0o600); err != nil {
				t.Fatal(err)
			}
			if found, _, err := s.file(file); err != nil || len(found) == 0 || found[0].Needle != 1 {
				t.Errorf("%s at %d: %v, %v", name, at, found, err)
			}
		}
	}
	// Behind a hole, too.
	file := filepath.Join(t.TempDir(), "sparse")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(needle, 1<<30); err != nil {
		t.Fatal(err)
	}
	if found, looked, err := s.file(file); err != nil || len(found) != 1 || looked > 1<<20 {
		t.Errorf("behind a hole: %v after %d bytes, %v", found, looked, err)
	}
	if err := os.WriteFile(file, other, 0o600); err != nil {
		t.Fatal(err)
	}
	if found, looked, err := s.file(file); err != nil || len(found) != 0 || looked < int64(len(other)) {
		t.Errorf("in noise: %v after %d bytes, %v", found, looked, err)
	}
}
