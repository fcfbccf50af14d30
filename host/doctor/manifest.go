package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/keyferry/keyferry/installers"
)

// maxManifest is more than any manifest of ours has, in bytes.
const maxManifest = 64 << 10

// manifest looks at one, and at the program that it names.
func (e *examination) manifest(b installers.Browser, path string) {
	again := "`keyferry install " + b.Name + "` writes it anew"
	bad := func(fault, format string, args ...any) {
		e.found("manifest", fault, Problem, fmt.Sprintf("%s: %s ", b.Title, path)+fmt.Sprintf(format, args...), again, e.reinstall(b))
	}
	text, err := readSmall(path, maxManifest)
	if err != nil {
		e.found("manifest", "manifest-unreadable", Problem, fmt.Sprintf("%s: %s can't be read: %v", b.Title, path, err),
			"remove it, then `keyferry install "+b.Name+"`", nil)
		return
	}
	var m installers.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		e.found("manifest", "manifest-malformed", Problem, fmt.Sprintf("%s: %s is no JSON: %v", b.Title, path, err),
			"remove it, then `keyferry install "+b.Name+"`", removeThen(path, e.reinstall(b)))
		return
	}
	if m.Name != installers.HostName {
		e.found("manifest", "manifest-foreign", Problem, fmt.Sprintf("%s: %s belongs to another program (%.60q)", b.Title, path, m.Name),
			"look at it; if it is not needed, remove it, then `keyferry install "+b.Name+"`", nil)
		return
	}
	before := len(e.findings)
	if m.Type != "stdio" {
		bad("manifest-type", "has the type %.20q instead of \"stdio\"; browsers refuse it", m.Type)
	}
	have, other := m.AllowedOrigins, m.AllowedExtensions
	if b.Family == installers.Firefox {
		have, other = other, have
	}
	own := e.ownIDs(b.Family)
	switch lacking := without(own, have); {
	case len(have) == 0 && len(other) > 0:
		bad("manifest-family", "is one for the other family of browsers")
	case len(lacking) > 0:
		bad("manifest-ids", "does not let the extension %s in", strings.Join(lacking, ", "))
	}
	if strange := without(have, own); len(strange) > 0 {
		bad("manifest-strangers", "lets extensions in that are not Keyferry's: %.200s", strings.Join(strange, ", "))
	}
	if open := writableByOthers(path); open {
		e.found("manifest", "manifest-writable", Problem, fmt.Sprintf("%s: other users can change %s", b.Title, path),
			"chmod go-w '"+path+"'", func() error { return os.Chmod(path, 0o644) })
	}
	if dir := filepath.Dir(path); writableByOthers(dir) {
		e.found("manifest", "manifest-folder-writable", Problem, fmt.Sprintf("%s: other users can put manifests into %s", b.Title, dir),
			"chmod go-w '"+dir+"'", func() error { return os.Chmod(dir, 0o755) })
	}
	if e.program(m.Path, bad) && len(e.findings) == before {
		e.well("manifest", "%s starts %s", b.Title, m.Path)
	}
	if len(e.findings) == before || e.findings[len(e.findings)-1].Level == OK {
		e.host(b.Family, m.Path, path)
	}
}

// program looks at the program of a manifest without starting it.
func (e *examination) program(path string, bad func(fault, format string, args ...any)) bool {
	if !filepath.IsAbs(path) && runtime.GOOS != "windows" {
		bad("program-relative", "names the program by a relative path, %.100q", path)
		return false
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		bad("program-missing", "names a program that is not there: %s", path)
		return false
	case !info.Mode().IsRegular():
		bad("program-no-file", "names a program that is no file: %s", path)
		return false
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0:
		e.found("program", "program-not-executable", Problem, path+" can't be executed", "chmod a+x '"+path+"'",
			func() error { return os.Chmod(path, info.Mode().Perm()|0o111) })
		return false
	case writableByOthers(path):
		e.found("program", "program-writable", Problem, "other users can change "+path+", which your browser starts", "chmod go-w '"+path+"'",
			func() error { return os.Chmod(path, info.Mode().Perm()&^0o022) })
		return false
	}
	return true
}

func removeThen(path string, then func() error) func() error {
	return func() error {
		if err := os.Remove(path); err != nil {
			return err
		}
		return then()
	}
}

// writableByOthers asks the file's mode. A folder with the sticky bit is no better: a new file can be put there.
func writableByOthers(path string) bool {
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0
}

// readSmall reads a regular file of at most limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is no file")
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("it is longer than %d bytes", limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}
