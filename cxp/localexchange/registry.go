package localexchange

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a registration (LOCAL.md §1).
const (
	maxRegistration = 128 << 10
	maxIcon         = 64 << 10
	maxProviders    = 256 // in one folder
)

// Registration is the file <rpId>.json by which an app says that it takes part.
type Registration struct {
	Version         int      `json:"version"`
	RPID            string   `json:"rpId"`
	DisplayName     string   `json:"displayName"`
	Icon            string   `json:"icon,omitempty"` // a data: URL of a PNG
	Roles           []Role   `json:"roles"`
	CredentialTypes []string `json:"credentialTypes,omitempty"` // none: every type
	// ExcludedSites are domains for which, and for all below which, the app does not take logins: see [Registration.Excluded].
	// Every program of the user's can read them. They are what the app is made for, never what its user does.
	ExcludedSites []string `json:"excludedSites,omitempty"`
	Command       []string `json:"command"` // absolute path, then arguments
}

// Provider is a registration that can be used. Its name is a claim, whoever vouches for the file.
type Provider struct {
	Registration
	File   string // where it is registered
	System bool   // in a folder of the system's, owned by root: not the user's own doing
	Digest string // SHA-256 of the file's content, in hexadecimal
}

// Ignored is a registration that must not be used, and why: for a log and a health check.
type Ignored struct {
	File   string
	Reason string
}

// Folder is a place of registrations.
type Folder struct {
	Path   string
	System bool
}

// List reads all registrations. A folder that does not exist holds none. Where two are for one name, the user's own
// comes first, and both are listed: it is the person who decides.
func List(folders []Folder) ([]Provider, []Ignored) {
	var found []Provider
	var ignored []Ignored
	for _, folder := range folders {
		names, err := registrations(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			ignored = append(ignored, Ignored{folder.Path, err.Error()})
			continue
		}
		for _, name := range names {
			file := filepath.Join(folder.Path, name)
			p, err := Read(file, folder.System)
			if err != nil {
				ignored = append(ignored, Ignored{file, err.Error()})
				continue
			}
			found = append(found, *p)
		}
	}
	return found, ignored
}

func registrations(folder Folder) ([]string, error) {
	if err := safe(folder.Path, folder.System); err != nil {
		return nil, err
	}
	d, err := os.Open(folder.Path)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(maxProviders + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(entries) > maxProviders {
		return nil, fmt.Errorf("more than %d files", maxProviders)
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Read reads one registration and checks that nobody else can have changed it or what it starts: file, folder, command
// and script belong to the user or to root (system: to root) and nobody else may write them.
func Read(file string, system bool) (*Provider, error) {
	if err := inFolder(file); err != nil {
		return nil, err
	}
	if err := safe(filepath.Dir(file), system); err != nil {
		return nil, err
	}
	f, err := openSafe(file, system)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxRegistration+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxRegistration {
		return nil, errors.New("the registration is too large")
	}
	sum := sha256.Sum256(raw)
	p := &Provider{File: file, System: system, Digest: hex.EncodeToString(sum[:])}
	registered, err := parse(raw, strings.TrimSuffix(filepath.Base(file), ".json"))
	if err != nil {
		return nil, err
	}
	p.Registration = *registered
	if err := safeCommand(p.Command[0], system); err != nil {
		return nil, err
	}
	if script := p.script(); script != "" {
		if err := safePath(script, system); err != nil {
			return nil, fmt.Errorf("the command's script: %w", err)
		}
		if hasDetours(script) {
			return nil, errors.New("the script's path has detours in it")
		}
	}
	return p, nil
}

// inFolder refuses a link that leads out of the folder.
func inFolder(file string) error {
	dir, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	if filepath.Dir(real) != dir {
		return errors.New("it is a link that leaves the folder")
	}
	return nil
}

// parse reads a registration's text; name is the one that its file has.
func parse(raw []byte, name string) (*Registration, error) {
	var r Registration
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, errors.New("the registration is no such JSON")
	}
	return &r, r.check(name)
}

func (r *Registration) check(name string) error {
	switch {
	case r.Version != 1:
		return fmt.Errorf("version %d is not known", r.Version)
	case r.RPID != name:
		return errors.New("the file is not named after its rpId")
	case len(r.DisplayName) > 256 || r.DisplayName == "":
		return errors.New("a name is missing or too long")
	case !isName(r.RPID):
		return errors.New("the rpId is no domain name in lower-case ASCII")
	case len(r.Roles) == 0 || slices.ContainsFunc(r.Roles, func(o Role) bool { return o != RoleImporter && o != RoleExporter }):
		return errors.New("roles are importer and exporter")
	case len(r.Command) == 0 || !filepath.IsAbs(r.Command[0]):
		return errors.New("the command is missing or not absolute")
	case hasDetours(r.Command[0]):
		return errors.New("the command's path has detours in it")
	case len(r.CredentialTypes) > 100 || len(r.Command) > 64:
		return errors.New("a list is too long")
	case slices.ContainsFunc(r.Command, func(word string) bool { return strings.ContainsRune(word, 0) }):
		return errors.New("the command holds a zero byte")
	case r.Icon != "" && !isPNG(r.Icon):
		return errors.New("the icon is no PNG of at most 64 KiB")
	}
	return checkExcluded(r.ExcludedSites)
}

// isName accepts what an app may call itself. Whether it is a domain that exists, nobody asks.
func isName(rpID string) bool {
	return rpID != "" && len(rpID) <= 253 && !strings.ContainsFunc(rpID, func(c rune) bool { return !inLabel(c) && c != '.' })
}

// inLabel accepts the characters of a domain's labels, in lower case (RFC 1123, §2.1).
func inLabel(c rune) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' }

// hasDetours says that a path does not lead where it seems to: /usr/lib/bank/../../../tmp/program.
func hasDetours(path string) bool {
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(path), "/"), func(name string) bool { return name == "." || name == ".." })
}

func isPNG(icon string) bool {
	data, ok := strings.CutPrefix(icon, "data:image/png;base64,")
	if !ok || base64.StdEncoding.DecodedLen(len(data)) > maxIcon+2 {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	return err == nil && len(raw) <= maxIcon && bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n"))
}

// Register writes a registration into a folder of the user's, whole or not at all. A folder of the system's is made
// readable for all, if need be.
func Register(folder Folder, r Registration) error {
	r.Version = 1
	if err := r.check(r.RPID); err != nil {
		return fmt.Errorf("registering with other apps: %w", err)
	}
	dirMode, mode := os.FileMode(0o700), os.FileMode(0o600)
	if folder.System {
		dirMode, mode = 0o755, 0o644
	}
	if err := os.MkdirAll(folder.Path, dirMode); err != nil {
		return fmt.Errorf("registering with other apps: %w", err)
	}
	raw, err := json.Marshal(r, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(folder.Path, ".new-*")
	if err != nil {
		return fmt.Errorf("registering with other apps: %w", err)
	}
	_, err = temp.Write(append(raw, '\n'))
	if err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), filepath.Join(folder.Path, r.RPID+".json"))
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("registering with other apps: %w", err)
	}
	return nil
}

// Unregister takes a registration away. One that is not there is no error.
func Unregister(folder, rpID string) error {
	err := os.Remove(filepath.Join(folder, rpID+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// UserFolder is where the user's apps register.
func UserFolder() (string, error) {
	base, err := userBase()
	if err != nil {
		return "", err
	}
	return filepath.Join(base, "credential-exchange", "providers"), nil
}

// Folders are the user's folder and the system's.
func Folders() ([]Folder, error) {
	own, err := UserFolder()
	if err != nil {
		return nil, err
	}
	return append([]Folder{{Path: own}}, systemFolders()...), nil
}
