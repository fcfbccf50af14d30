//go:build keyferrytest

package paths

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Testbed is a test build's testbed.json: what stands in for the person.
type Testbed struct {
	// Consent is "allow" (every question is a yes, every secret the vault's own), "deny" (every question is a no)
	// or "ask" (the approve window and dialogs as in a release).
	Consent string `json:"consent"`
	// Passphrase opens the throwaway vault.
	Passphrase string `json:"passphrase"`
	// Callers are further extension ids that this testbed serves.
	Callers []string `json:"callers,omitempty"`
}

// NotTemporaryError refuses a testbed outside the temporary folders: a test build must never come near a real vault.
type NotTemporaryError struct{ Dir string }

func (e *NotTemporaryError) Error() string {
	return fmt.Sprintf("REFUSED: this is a TEST BUILD, which grants consent by a setting, and %s is not in a temporary folder "+
		"(%s); use a temporary folder, or the release build", e.Dir, strings.Join(tempRoots(), ", "))
}

// ForTestbed returns the paths of a profile ("" is [DefaultProfile]) of the testbed in a folder, which must exist in a
// temporary one. The profiles of a testbed share its setting and its configuration.
func ForTestbed(dir, profile string) (Profile, error) {
	if profile == "" {
		profile = DefaultProfile
	}
	if err := checkName(profile); err != nil {
		return Profile{}, err
	}
	real, err := realTemporary(dir)
	if err != nil {
		return Profile{}, err
	}
	p := Profile{
		Name:       profile,
		VaultDir:   filepath.Join(real, "profiles", profile, "vault"),
		RunDir:     filepath.Join(real, "run"),
		ConfigFile: filepath.Join(real, "config"),
		LogFile:    filepath.Join(real, profile+".log"),
		Testbed:    real,
	}
	p.SocketPath = socketPath(p.RunDir, p.VaultDir)
	if checkSocketPath(p.SocketPath) != nil {
		// Test tools like deep folders, and socket paths are short: a folder of its own, still owned and closed.
		p.RunDir = filepath.Join(tempRoots()[0], fmt.Sprintf("keyferry-test-%d-%s", os.Getuid(), socketName(p.VaultDir)))
		p.SocketPath = socketPath(p.RunDir, p.VaultDir)
	}
	return p, checkSocketPath(p.SocketPath)
}

// ReadTestbed reads a testbed's setting. It is read anew for each question, so that a test can change its mind.
func (p Profile) ReadTestbed() (Testbed, error) {
	var t Testbed
	raw, err := os.ReadFile(filepath.Join(p.Testbed, "testbed.json"))
	if err != nil {
		return t, fmt.Errorf("can't read the testbed's setting: %w", err)
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return t, fmt.Errorf("can't read the testbed's setting: %w", err)
	}
	switch t.Consent {
	case "allow", "deny", "ask":
		return t, nil
	}
	return t, fmt.Errorf("testbed.json: consent must be allow, deny or ask, not %q", t.Consent)
}

// WriteTestbed sets a testbed's setting, whole or not at all.
func (p Profile) WriteTestbed(t Testbed) error {
	raw, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	file := filepath.Join(p.Testbed, "testbed.json")
	if err := os.WriteFile(file+".new", raw, 0o600); err != nil {
		return fmt.Errorf("can't write the testbed's setting: %w", err)
	}
	return os.Rename(file+".new", file)
}

// CheckTemporary refuses a folder outside the temporary ones with a [*NotTemporaryError]; it need not exist yet.
func CheckTemporary(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	rest := ""
	for {
		real, err := filepath.EvalSymlinks(abs)
		if err == nil {
			return temporary(filepath.Join(real, rest))
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("can't use the testbed: %w", err)
		}
		rest = filepath.Join(filepath.Base(abs), rest)
		abs = filepath.Dir(abs)
	}
}

// realTemporary returns a folder's path without symbolic links, or a [*NotTemporaryError].
func realTemporary(dir string) (string, error) {
	if err := CheckTemporary(dir); err != nil {
		return "", err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", fmt.Errorf("can't use the testbed: %w", err)
	}
	return real, temporary(real)
}

func temporary(real string) error {
	for _, root := range tempRoots() {
		rel, err := filepath.Rel(root, real)
		if err == nil && rel != "." && filepath.IsLocal(rel) {
			return nil
		}
	}
	return &NotTemporaryError{real}
}

// tempRoots are the system's temporary folders. TMPDIR is not asked: it may be set to anything.
func tempRoots() []string {
	roots := systemTempDirs()
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); strings.HasPrefix(runtime, "/run/user/") {
		roots = append(roots, filepath.Clean(runtime))
	}
	var real []string
	for _, r := range roots {
		if r, err := filepath.EvalSymlinks(r); err == nil {
			real = append(real, r)
		}
	}
	return real
}
