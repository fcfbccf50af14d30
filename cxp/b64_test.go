package cxp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestBase64URLStreams(t *testing.T) {
	content := make([]byte, 40_000)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 2, 3, 4, 5, 6143, 6144, 6145, 6146, 8191, 8192, 8193, 24_575, 24_576, 40_000} {
		plain, padded := base64.RawURLEncoding.EncodeToString(content[:n]), base64.URLEncoding.EncodeToString(content[:n])
		for name, read := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader, "bytes": iotest.OneByteReader, "early end": iotest.DataErrReader,
		} {
			for _, text := range []string{plain, padded} {
				got, err := io.ReadAll(newB64Reader(read(strings.NewReader(text)), true))
				if err != nil || !bytes.Equal(got, content[:n]) {
					t.Fatalf("%d bytes in %s: %v", n, name, err)
				}
			}
			_, err := io.ReadAll(newB64Reader(read(strings.NewReader(padded)), false))
			if (err == nil) != (padded == plain) {
				t.Fatalf("%d bytes in %s: padding where none may be: %v", n, name, err)
			}
		}
	}
}

func TestBase64URLIsStrict(t *testing.T) {
	for _, text := range []string{
		"A", "AB=", "AB===", "ABC==", "ABCD=", "ABCD====", "=", "====", "AB==AB==", "AB=C", "A\nBC", "ABCD\n", "AB\r\n", "AB+/", "AB CD", "AB.C", "AB\x00C",
		"Ab", "ABC", // bits set that no byte uses: a second spelling of the same bytes
	} {
		for name, read := range map[string]io.Reader{"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text))} {
			if got, err := io.ReadAll(newB64Reader(read, true)); err == nil {
				t.Errorf("%q in %s reads as %x", text, name, got)
			}
		}
		if got, err := decodeB64(text); err == nil {
			t.Errorf("%q decodes to %x", text, got)
		}
	}
}

func TestBase64URLWriterWritesWhateverThePieces(t *testing.T) {
	content := make([]byte, 60_000)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 2, 3, 4, 24_575, 24_576, 24_577, 49_153, 60_000} {
		want := base64.RawURLEncoding.EncodeToString(content[:n])
		for _, piece := range []int{1, 2, 3, 5, 1024, 24_576, 60_000} {
			var out strings.Builder
			w := newB64Writer(&out)
			for left := content[:n]; len(left) > 0; left = left[min(piece, len(left)):] {
				if k, err := w.Write(left[:min(piece, len(left))]); err != nil || k != min(piece, len(left)) {
					t.Fatal(k, err)
				}
			}
			if err := w.Close(); err != nil || out.String() != want {
				t.Fatalf("%d bytes in pieces of %d come out differently (%v)", n, piece, err)
			}
		}
	}
}
