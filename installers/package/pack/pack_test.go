package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The same files give the same zip, whenever and with whatever modes they were written; the store's has no key.
func TestZip(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1795366228")
	var zips [][]byte
	for range 2 {
		dir := filepath.Join(t.TempDir(), "in")
		write(t, dir+"/manifest.json", `{"name":"x","key":"abc"}`)
		write(t, dir+"/b/ü.js", "1")
		write(t, dir+"/a.js", "2")
		if len(zips) == 1 {
			if err := os.Chmod(dir+"/a.js", 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(dir+"/a.js", time.Unix(1, 0), time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
		}
		out := dir + ".zip"
		if err := run([]string{"zip", dir, out, "store"}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		zips = append(zips, text)
	}
	if !bytes.Equal(zips[0], zips[1]) {
		t.Error("two zips of the same files differ")
	}
	z, err := zip.NewReader(bytes.NewReader(zips[0]), int64(len(zips[0])))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := z.Open("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.NewDecoder(manifest).Decode(&m); err != nil || m["key"] != nil || m["name"] != "x" || len(z.File) != 3 {
		t.Errorf("%v, %d files, %v", m, len(z.File), err)
	}
}

// A package's tree gets a manifest in each folder for all users, and each names the program as it will be.
func TestManifests(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(root+"/usr/lib/mozilla", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"manifests", root, "/usr/bin/keyferry"}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"etc/opt/chrome", "etc/chromium", "etc/opt/edge", "etc/opt/vivaldi", "usr/lib/mozilla"} {
		text, err := os.ReadFile(filepath.Join(root, dir, "native-messaging-hosts/app.keyferry.host.json"))
		if err != nil || !strings.Contains(string(text), `"path": "/usr/bin/keyferry"`) {
			t.Errorf("%s: %q, %v", dir, text, err)
		}
	}
}

// The tree also holds what a double click on our files needs.
func TestManifestsOpenFiles(t *testing.T) {
	root := t.TempDir()
	if err := run([]string{"manifests", root, "/usr/bin/keyferry"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "usr/share/applications/app.keyferry.open.desktop"))
	if err != nil || !strings.Contains(string(text), `Exec="/usr/bin/keyferry" open --desktop %f`) {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(root, "usr/share/mime/packages/app.keyferry.xml")); err != nil {
		t.Error(err)
	}
}

// summary is a file with a property set of the three properties that change.
func summary() []byte {
	set := make([]byte, 300)
	const at = 100 // FMTID
	copy(set[at:], summaryFMTID)
	put := func(at int, n uint32) { binary.LittleEndian.PutUint32(set[at:], n) }
	put(at+16, 48)
	section := at - headBytes + 48
	put(section+4, 3)
	for i, p := range []struct{ pid, offset, typ uint32 }{{pidRevision, 40, typeText}, {pidCreated, 96, typeTime}, {pidSaved, 108, typeTime}} {
		put(section+8+8*i, p.pid)
		put(section+12+8*i, p.offset)
		put(section+int(p.offset), p.typ)
	}
	copy(set[section+48:], "{9F836C0A-DE66-4E8E-A505-31EA32402FD5}")
	return set
}

func TestSettleSummary(t *testing.T) {
	set, code := summary(), "{"+uuid("x")+"}"
	if err := settleSummary(set, code, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(set, []byte(code)) || bytes.Contains(set, []byte("9F836C0A")) {
		t.Error("the code was not replaced")
	}
	if got := binary.LittleEndian.Uint64(set[120+100:]); got != 116_444_736_000_000_000 { // 1970 in 100 ns since 1601
		t.Errorf("the time is %d", got)
	}
	// Whatever is cut off or wrong gives an error and no panic.
	whole := summary()
	for n := range whole {
		if err := settleSummary(bytes.Clone(whole[:n]), code, time.Unix(0, 0)); err == nil && n < 240 {
			t.Errorf("%d bytes were taken", n)
		}
	}
	for at := 100; at < len(whole); at++ {
		bad := bytes.Clone(whole)
		bad[at] ^= 0xff
		if err := settleSummary(bad, code, time.Unix(0, 0)); err != nil && !errors.Is(err, errNoSummary) {
			t.Errorf("byte %d: %v", at, err)
		}
	}
}

func TestUUID(t *testing.T) {
	if got := uuid("x"); len(got) != 36 || got[14] != '8' || got == uuid("y") || got != uuid("x") {
		t.Error(got)
	}
}
