//go:build keyferrytest && linux

package paths

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTestbedOnlyInTemporaryFolders(t *testing.T) {
	const outside = "/usr/share"
	t.Setenv("TMPDIR", outside)
	tmp, err := os.MkdirTemp("/tmp", "keyferry-paths")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(tmp) })
	link := filepath.Join(tmp, "link")
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{outside, link, tmp + "/../../etc", "/tmp", "/", "/etc"} {
		var refused *NotTemporaryError
		if _, err := ForTestbed(dir, ""); !errors.As(err, &refused) {
			t.Errorf("ForTestbed(%s) = %v", dir, err)
		} else if !strings.Contains(err.Error(), "TEST BUILD") {
			t.Errorf("not loud enough: %v", err)
		}
	}
	p, err := ForTestbed(tmp, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{p.VaultDir, p.SocketPath, p.ConfigFile, p.LogFile} {
		if !strings.HasPrefix(path, tmp+"/") {
			t.Errorf("%s lies outside the testbed", path)
		}
	}
	other, err := ForTestbed(tmp, "work")
	if err != nil || other.VaultDir == p.VaultDir || other.SocketPath == p.SocketPath || !slices.Equal(other.Args(), []string{"--testbed", tmp, "--profile", "work"}) {
		t.Errorf("another profile: %+v, %v", other, err)
	}
	if _, err := ForTestbed(tmp, "../other"); err == nil {
		t.Error("a path was taken for a profile's name")
	}
	deep := filepath.Join(tmp, strings.Repeat("deep/", 20))
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if p, err = ForTestbed(deep, ""); err != nil || len(p.SocketPath) > maxSocketPath {
		t.Errorf("deep folder: %v, %s", err, p.SocketPath)
	}
}
