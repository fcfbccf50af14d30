package installers

import (
	"bytes"
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A double click on a request, a sealed file or a backup runs `keyferry open`. On Linux a MIME type says what such a file
// is (https://specifications.freedesktop.org/shared-mime-info-spec) and a desktop entry who opens it
// (https://specifications.freedesktop.org/desktop-entry-spec); on Windows keys of the registry do both. macOS takes an
// application bundle for it, which Keyferry is not.

const (
	mimeFile    = "app.keyferry.xml"
	desktopFile = "app.keyferry.open.desktop"
	windowsType = "Keyferry.File" // the ProgID
	filesName   = "files"         // in steps, in place of a browser
)

// mimeText describes the types; deb, rpm and apk hold the same file.
//
//go:embed filetypes.xml
var mimeText []byte

// extensionsOfFiles are the names' endings, as the pages and the command line suggest them.
func extensionsOfFiles() []string { return []string{".cxprequest", ".cxpresponse", ".keyferry"} }

// FileTypes lets a double click open our files: for this user, or for all.
func (i Installer) FileTypes() ([]Step, error) {
	switch i.Roots.System {
	case "linux":
		return i.eachFile(func(path string, text []byte, ours func([]byte) bool) (Change, error) {
			return put(path, text, 0o644, ours, i.Dry)
		})
	case "windows":
		return i.fileKeys()
	}
	return nil, nil
}

// NoFileTypes takes back what [Installer.FileTypes] did.
func (i Installer) NoFileTypes() ([]Step, error) {
	switch i.Roots.System {
	case "linux":
		steps, err := i.eachFile(func(path string, _ []byte, ours func([]byte) bool) (Change, error) {
			return take(path, ours, i.Dry)
		})
		if err == nil && !i.Dry && slices.ContainsFunc(steps, func(s Step) bool { return s.Change == Removed }) {
			i.tidyCaches()
		}
		return steps, err
	case "windows":
		return i.noFileKeys()
	}
	return nil, nil
}

// ServesAny says whether any browser knows Keyferry: its files are opened in one.
func (i Installer) ServesAny() bool { return slices.ContainsFunc(Browsers(), i.knows) }

// share is the folder of MIME types and desktop entries.
func (i Installer) share() string {
	switch {
	case i.Share != "":
		return filepath.Join(i.Roots.Root, i.Share)
	case i.ForAll:
		return filepath.Join(i.Roots.Root, "/usr/local/share")
	}
	return i.Roots.Dirs[Data]
}

// eachFile does something with each file of Linux's, and has the caches made anew where that changed anything.
func (i Installer) eachFile(do func(path string, text []byte, ours func([]byte) bool) (Change, error)) ([]Step, error) {
	var steps []Step
	for _, f := range []struct {
		dir, name, tool string
		text            []byte
		ours            func([]byte) bool
	}{
		{"mime", "packages/" + mimeFile, "update-mime-database", mimeText,
			func(b []byte) bool { return bytes.Contains(b, []byte("application/x-keyferry-")) }},
		{"applications", desktopFile, "update-desktop-database", desktopText(i.Program),
			func(b []byte) bool { return bytes.Contains(b, []byte("\nX-Keyferry=true\n")) }},
	} {
		dir := filepath.Join(i.share(), f.dir)
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		change, err := do(path, f.text, f.ours)
		if err != nil {
			return steps, fmt.Errorf("opening files: %w", err)
		}
		steps = append(steps, Step{Browser: filesName, Path: path, Change: change})
		if !i.Dry && (change == Written || change == Removed) {
			i.refresh(f.tool, dir)
		}
	}
	return steps, nil
}

// refresh has a cache made anew. Without the tool there is no desktop that would read it.
func (i Installer) refresh(tool, dir string) {
	if i.Refresh != nil {
		i.Refresh(tool, dir)
		return
	}
	if path, err := exec.LookPath(tool); err == nil {
		_ = exec.Command(path, dir).Run() // the entry is there; at worst it is seen at the next update
	}
}

// desktopText is the desktop entry that opens our files with a program.
func desktopText(program string) []byte {
	return []byte("[Desktop Entry]\nType=Application\nName=Keyferry\nComment=Move passkeys in or out\n" +
		"Exec=" + execWord(program) + " open --desktop %f\nIcon=dialog-password\nNoDisplay=true\nTerminal=false\n" +
		"MimeType=" + strings.Join(mimeTypes(), ";") + ";\nX-Keyferry=true\n")
}

// mimeTypes are those of filetypes.xml.
func mimeTypes() []string {
	return []string{"application/x-keyferry-request", "application/x-keyferry-response", "application/x-keyferry-backup"}
}

// execWord quotes a program for Exec: first as an argument, then as a desktop file's string.
func execWord(program string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(program)
	quoted = strings.ReplaceAll(quoted, `\`, `\\`)
	return `"` + strings.ReplaceAll(quoted, "%", "%%") + `"`
}

// tidyCaches removes what the tools made where nothing else needs it: with no package of types and no desktop entry left
// in a person's folder, the caches in it are about nothing.
func (i Installer) tidyCaches() {
	if i.ForAll {
		return // folders of the system's
	}
	mime, applications := filepath.Join(i.share(), "mime"), filepath.Join(i.share(), "applications")
	if empty(filepath.Join(mime, "packages")) {
		for _, name := range []string{
			"aliases", "generic-icons", "globs", "globs2", "icons", "magic", "mime.cache", "subclasses", "treemagic", "types",
			"version", "XMLnamespaces",
		} {
			_ = os.Remove(filepath.Join(mime, name))
		}
		RemoveEmpty(filepath.Join(mime, "application"), mime)
		RemoveEmpty(filepath.Join(mime, "packages"), i.share())
	}
	if left, err := os.ReadDir(applications); err == nil && !slices.ContainsFunc(left, func(e fs.DirEntry) bool { return e.Name() != "mimeinfo.cache" }) {
		_ = os.Remove(filepath.Join(applications, "mimeinfo.cache"))
		RemoveEmpty(applications, i.share())
	}
	RemoveEmpty(i.share(), i.Roots.Dirs[Home])
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}

// OpenedBy is the desktop entry by which a double click opens our files, this user's before those for all; "" where there
// is none. current says whether it is as this program would write it; one of a package's is the package's business.
func (i Installer) OpenedBy() (entry string, current bool) {
	path := filepath.Join(i.Roots.Dirs[Data], "applications", desktopFile)
	if have, err := os.ReadFile(path); err == nil {
		return path, bytes.Equal(have, desktopText(i.Program))
	}
	for _, share := range []string{"/usr/local/share", "/usr/share"} {
		path := filepath.Join(i.Roots.Root, share, "applications", desktopFile)
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
	}
	return "", false
}
