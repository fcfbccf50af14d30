package installers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
)

// Family is how a browser names extensions in manifests.
type Family int

// The families.
const (
	Chromium Family = iota // allowed_origins
	Firefox                // allowed_extensions
)

// Manifest is a native messaging manifest, as either family reads it.
type Manifest struct {
	Name              string   `json:"name"`
	Description       string   `json:"description"`
	Path              string   `json:"path"` // of the program, absolute
	Type              string   `json:"type"`
	AllowedOrigins    []string `json:"allowed_origins,omitempty"`
	AllowedExtensions []string `json:"allowed_extensions,omitempty"`
}

// NewManifest makes the manifest that lets these extensions start a program.
func NewManifest(family Family, program string, e Extensions) (Manifest, error) {
	if !filepath.IsAbs(program) {
		return Manifest{}, fmt.Errorf("the host's path must be absolute, not %q", program)
	}
	m := Manifest{Name: HostName, Description: "Keyferry passkey manager", Path: program, Type: "stdio"}
	if family == Firefox {
		m.AllowedExtensions = e.Firefox
	} else {
		m.AllowedOrigins = e.Origins()
	}
	return m, nil
}

// File is the manifest's file name.
const File = HostName + ".json"

// ForeignError: a file stands where our manifest belongs, and it is not ours.
type ForeignError struct{ Path string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s is there already and is no file of Keyferry's; look at it, and remove it yourself if it is not needed", e.Path)
}

// Change says what became of a manifest.
type Change string

// The changes.
const (
	Written   Change = "written"
	Unchanged Change = "unchanged"
	Removed   Change = "removed"
	Absent    Change = "absent"
)

// Write puts a manifest into a folder, which it makes if need be: 0755 and 0644, since browsers refuse nothing less
// readable and some read them as another user; whole or not at all. A file of that name which is not ours gives a
// [*ForeignError]. With dry it only says what it would do.
func Write(dir string, m Manifest, dry bool) (Change, error) {
	text, err := m.text()
	if err != nil {
		return "", err
	}
	change, err := put(filepath.Join(dir, File), text, 0o644, ours, dry)
	if err != nil {
		return "", fmt.Errorf("the manifest: %w", err)
	}
	return change, nil
}

// Remove takes our manifest out of a folder, and leaves anything else.
func Remove(dir string, dry bool) (Change, error) {
	change, err := take(filepath.Join(dir, File), ours, dry)
	if err != nil {
		return "", fmt.Errorf("the manifest: %w", err)
	}
	return change, nil
}

// text is the manifest as it stands in its file. Paths keep their <, > and &.
func (m Manifest) text() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.Bytes(), err
}

// ours says whether a file is a manifest of Keyferry's, of whatever version and path.
func ours(text []byte) bool {
	var m Manifest
	return json.Unmarshal(text, &m) == nil && m.Name == HostName
}
