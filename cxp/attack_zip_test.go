package cxp

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// goodPieces is an index with two attached files, and their entries.
func goodPieces(t testing.TB, p *Pending) []piece {
	t.Helper()
	h, _ := attached(t, map[string]string{"a": "alpha", "b": "beta"})
	q := p.Request()
	return []piece{
		indexEntry(t, q, XWingAES256GCM, h),
		fileEntry(t, q, XWingAES256GCM, "a", "alpha"),
		fileEntry(t, q, XWingAES256GCM, "b", "beta"),
	}
}

func TestAttackEntriesThatDontBelong(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	q := p.Request()
	good := goodPieces(t, p)
	index, a, b := good[0], good[1], good[2]
	named := func(name string) piece { return piece{name, a.text} }
	sealedAs := func(name string) piece {
		return forge(t, q, XWingAES256GCM, name, pack(t, []byte("alpha")), nil)
	}
	for name, pieces := range map[string][]piece{
		"nothing":                       {},
		"no index":                      {a, b},
		"index not first":               {a, index, b},
		"index twice":                   {index, index},
		"index named in capitals":       {{strings.ToUpper(indexName), index.text}},
		"swapped":                       {index, {a.name, b.text}, {b.name, a.text}},
		"swapped with the index":        {{indexName, a.text}, {a.name, index.text}},
		"duplicate":                     {index, a, a},
		"extra":                         {index, a, b, fileEntry(t, q, XWingAES256GCM, "c", "gamma")},
		"extra folder":                  {index, {"CXP-Export/", nil}},
		"documents folder":              {index, {filePrefix, nil}},
		"elsewhere":                     {index, sealedAs("CXP-Export/other.jwe")},
		"path traversal":                {index, sealedAs(filePrefix + "../../evil.jwe")},
		"absolute path":                 {index, sealedAs("/etc/cron.d/evil.jwe")},
		"backslashes":                   {index, sealedAs(filePrefix + `..\..\evil.jwe`)},
		"drive letter":                  {index, sealedAs(`C:\evil.jwe`)},
		"id with a dot":                 {index, sealedAs(filePrefix + "YQ.x.jwe")},
		"id that is not base64url":      {index, sealedAs(filePrefix + "a+b/.jwe")},
		"id with padding":               {index, sealedAs(filePrefix + "YQ==.jwe")},
		"id in a second spelling":       {index, a, sealedAs(filePrefix + "YR.jwe")},
		"id with a line break":          {index, sealedAs(filePrefix + "Y\nQ.jwe")},
		"id of 65 bytes":                {index, sealedAs(fileName(make([]byte, 65)))},
		"empty id":                      {index, sealedAs(filePrefix + ".jwe")},
		"no suffix":                     {index, named(filePrefix + "YQ")},
		"other suffix":                  {index, named(filePrefix + "YQ.JWE")},
		"name with a NUL":               {index, named(filePrefix + "YQ.jwe\x00.txt")},
		"name of 300 bytes":             {index, named(filePrefix + strings.Repeat("A", 300) + ".jwe")},
		"name with bidi":                {index, named(filePrefix + "\u202eYQ.jwe")},
		"file sealed as another's name": {index, {a.name, sealedAs(b.name).text}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, p, response(XWingAES256GCM, archive(t, pieces...)), ErrPayload)
		})
	}
	if _, err := readOut(t, p, response(XWingAES256GCM, archive(t, good...))); err != nil {
		t.Fatalf("the honest archive: %v", err)
	}
}

// A file credential without its entry is reported and skipped, it alone.
func TestMissingEntryIsReported(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	good := goodPieces(t, p)
	im, err := openBytes(t, p, response(XWingAES256GCM, archive(t, good[0], good[2])))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	if err := drainInto(im, files); err != nil {
		t.Fatal(err)
	}
	missing := im.Missing()
	if !im.Verified() || len(missing) != 1 || missing[0].File.ID != b64("a") || files[b64("b")] != "beta" {
		t.Errorf("missing %v, files %v", missing, files)
	}
}

// Where directory and entries could disagree, two readers would see two archives.
func TestAttackArchiveThatDisagreesWithItself(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	good := archive(t, goodPieces(t, p)...)
	le := binary.LittleEndian
	end := len(good) - 22
	dir := int(le.Uint32(good[end+16:]))
	change := func(at int, value byte) []byte {
		bad := bytes.Clone(good)
		bad[at] ^= value
		return bad
	}
	for name, bad := range map[string][]byte{
		"empty":                     {},
		"only an end":               good[end:],
		"cut in the directory":      good[:dir+20],
		"cut before the end":        good[:end],
		"cut in an entry":           good[:200],
		"data before":               append([]byte("MZ"), good...),
		"data behind":               append(bytes.Clone(good), 0),
		"second archive behind":     append(bytes.Clone(good), good...),
		"gap before the directory":  append(append(bytes.Clone(good[:dir]), 0, 0, 0, 0), good[dir:]...),
		"checksum in the entry":     change(14, 1),
		"sizes in the entry":        change(18, 1),
		"name in the entry":         change(30, 1),
		"deflate in the entry":      change(8, 8),
		"encrypted entry":           change(6, 1),
		"name in the directory":     change(dir+46, 1),
		"checksum in the directory": change(dir+16, 1),
		"size in the directory":     change(dir+20, 1),
		"offset in the directory":   change(dir+42, 1),
		"deflate in the directory":  change(dir+10, 8),
		"flags in the directory":    change(dir+8, 1),
		"disk in the directory":     change(dir+34, 1),
		"count in the end":          change(end+8, 1),
		"total in the end":          change(end+10, 1),
		"all ones in the end":       append(append(bytes.Clone(good[:end+8]), 0xff, 0xff, 0xff, 0xff), good[end+12:]...),
		"directory's size":          change(end+12, 1),
		"directory's place":         change(end+16, 1),
		"disk number":               change(end+4, 1),
		"comment":                   append(change(end+20, 2), 'h', 'i'),
		"comment without text":      change(end+20, 2),
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, p, response(XWingAES256GCM, bad), ErrPayload)
		})
	}
	t.Run("a checksum wrong in both places", func(t *testing.T) {
		bad := change(14, 1)
		bad[dir+16] ^= 1
		refused(t, p, response(XWingAES256GCM, bad), ErrPayload)
	})
	t.Run("encrypted in both places", func(t *testing.T) {
		bad := change(6, 1)
		bad[dir+8] ^= 1
		refused(t, p, response(XWingAES256GCM, bad), ErrPayload)
	})
	// Every single byte of the archive counts, but for what no reader looks at: versions, times, attributes.
	for at := range good {
		if _, err := readOut(t, p, response(XWingAES256GCM, change(at, 0x40))); err == nil && !irrelevant(good, at) {
			t.Errorf("a changed byte at %d of %d goes unnoticed", at, len(good))
		}
	}
}

// irrelevant says whether a byte is a version, a time or an attribute.
func irrelevant(raw []byte, at int) bool {
	for sig, fields := range map[string][][2]int{
		"PK\x03\x04": {{4, 6}, {10, 14}},
		"PK\x01\x02": {{4, 8}, {12, 16}, {36, 42}},
	} {
		for from := 0; ; {
			i := bytes.Index(raw[from:], []byte(sig))
			if i < 0 {
				break
			}
			for _, f := range fields {
				if at >= from+i+f[0] && at < from+i+f[1] {
					return true
				}
			}
			from += i + 4
		}
	}
	return false
}

// Archives of other tools: sizes behind the entry, times and other extra fields, UTF-8 flags.
func TestArchivesOfOtherTools(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	for name, header := range map[string]zip.FileHeader{
		"data descriptors": {Method: zip.Store},
		"extra fields":     {Method: zip.Store, Extra: []byte{0x55, 0x54, 5, 0, 1, 1, 2, 3, 4}},
		"UTF-8 flag":       {Method: zip.Store, Flags: flagUTF8},
		"entry comment":    {Method: zip.Store, Comment: "made elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w := zip.NewWriter(&out)
			for _, piece := range goodPieces(t, p) {
				h := header
				h.Name = piece.name
				e, err := w.CreateHeader(&h)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := e.Write(piece.text); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := readOut(t, p, response(XWingAES256GCM, out.Bytes())); err != nil {
				t.Fatal(err)
			}
			raw := out.Bytes()
			if at := bytes.Index(raw, []byte("PK\x07\x08")); at > 0 {
				raw[at+9] ^= 1
				refused(t, p, response(XWingAES256GCM, raw), ErrPayload)
			}
		})
	}
}

// Ours must be an archive to everybody else.
func TestOurArchiveIsAnArchive(t *testing.T) {
	p := newRequest(t, RequestOptions{Mode: Direct})
	h, files := attached(t, map[string]string{"a": "alpha", "b": "beta"})
	e, err := NewExporter(p.Request(), ExportOptions{Document: h, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := e.WritePayload(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.File) != 3 || r.File[0].Name != indexName {
		t.Fatalf("entries: %v", r.File)
	}
	for _, f := range r.File {
		c, err := f.Open()
		if err != nil || f.Method != zip.Store || f.Flags&flagDescriptor != 0 {
			t.Fatalf("%s: %v, method %d, flags %#x", f.Name, err, f.Method, f.Flags)
		}
		if n, err := io.Copy(io.Discard, c); err != nil || uint64(n) != f.UncompressedSize64 {
			t.Errorf("%s: %d bytes, %v", f.Name, n, err)
		}
	}
}

// allocated is how many bytes do allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestAttackZipBomb(t *testing.T) {
	p := newRequest(t, RequestOptions{})
	index := goodPieces(t, p)[0]
	t.Run("an entry that claims to be huge", func(t *testing.T) {
		bad := archive(t, index)
		binary.LittleEndian.PutUint32(bad[18:], maxEntrySize)
		binary.LittleEndian.PutUint32(bad[22:], maxEntrySize)
		raw := response(XWingAES256GCM, bad)
		n := allocated(func() { refused(t, p, raw, ErrPayload) })
		if n > 4<<20 {
			t.Errorf("%d bytes were allocated for an archive of %d", n, len(bad))
		}
		binary.LittleEndian.PutUint32(bad[18:], maxEntrySize+1)
		binary.LittleEndian.PutUint32(bad[22:], maxEntrySize+1)
		refused(t, p, response(XWingAES256GCM, bad), ErrTooLarge)
	})
	t.Run("too many entries", func(t *testing.T) {
		pieces := []piece{index}
		for i := range MaxEntries {
			pieces = append(pieces, piece{fileName(fmt.Append(nil, i)), nil})
		}
		refused(t, p, response(XWingAES256GCM, archive(t, pieces...)), ErrTooLarge)
		// One less is as many as the format of the directory's end can't count in 16 bits.
		resp, err := ScanResponse(context.Background(), bytes.NewReader(response(XWingAES256GCM, archive(t, pieces[:MaxEntries]...))), nil)
		if err != nil || len(resp.Entries()) != MaxEntries {
			t.Fatalf("%v", err)
		}
	})
	t.Run("entries that overlap", func(t *testing.T) {
		// The directory sends every entry to the same place, as in the classic bomb.
		good := archive(t, goodPieces(t, p)...)
		end := len(good) - 22
		dir := int(binary.LittleEndian.Uint32(good[end+16:]))
		for at := dir; at < end; {
			binary.LittleEndian.PutUint32(good[at+42:], 0)
			at += 46 + int(binary.LittleEndian.Uint16(good[at+28:]))
		}
		refused(t, p, response(XWingAES256GCM, good), ErrPayload)
	})
	t.Run("a directory without end", func(t *testing.T) {
		good := archive(t, index)
		end := len(good) - 22
		dir := good[int(binary.LittleEndian.Uint32(good[end+16:])):end]
		resp, err := ScanResponse(context.Background(), strings.NewReader(string(response(XWingAES256GCM, append(good[:end], bytes.Repeat(dir, 1000)...)))), nil)
		if !errors.Is(err, ErrPayload) {
			t.Fatalf("%v, %v", resp, err)
		}
	})
}
