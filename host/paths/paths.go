package paths

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// DefaultProfile is the profile that browsers use unless they have chosen another.
const DefaultProfile = "default"

// Profile is one vault with its agent. All paths are absolute.
type Profile struct {
	Name       string
	VaultDir   string // 0700, made with the vault
	SocketPath string // of the agent; on Windows the name of a pipe
	RunDir     string // the folder of the socket and of its lock files, 0700
	ConfigFile string // lines of "name value"; need not exist
	LogFile    string
	Testbed    string // the testbed's folder; empty in a release build, which knows no testbeds
}

// ErrNoHome: neither HOME nor the system says where the user's files are.
var ErrNoHome = errors.New("HOME is not set, so there is no place for the vault: set it to your home folder")

// PathTooLongError: the system takes no socket path as long as this.
type PathTooLongError struct{ Path string }

func (e *PathTooLongError) Error() string {
	return fmt.Sprintf("the path of the agent's socket is longer than the %d bytes that this system takes: %s", maxSocketPath, e.Path)
}

// For returns the paths of a profile ("" is [DefaultProfile]). It touches nothing on disk.
func For(profile string) (Profile, error) {
	if profile == "" {
		profile = DefaultProfile
	}
	if err := checkName(profile); err != nil {
		return Profile{}, err
	}
	base, err := baseDirs()
	if err != nil {
		return Profile{}, err
	}
	p := Profile{
		Name:       profile,
		VaultDir:   filepath.Join(base.data, profile, "vault"),
		RunDir:     base.run,
		ConfigFile: filepath.Join(base.config, "config"),
		LogFile:    filepath.Join(base.state, profile+".log"),
	}
	p.SocketPath = socketPath(p.RunDir, p.VaultDir)
	return p, checkSocketPath(p.SocketPath)
}

// Args are the command line's words that lead another process of this binary to the same profile.
func (p Profile) Args() []string {
	var args []string
	if p.Testbed != "" {
		args = append(args, "--testbed", p.Testbed)
	}
	if p.Name != DefaultProfile {
		args = append(args, "--profile", p.Name)
	}
	return args
}

// EnsureLogDir makes the folder of the log.
func (p Profile) EnsureLogDir() error {
	if err := os.MkdirAll(filepath.Dir(p.LogFile), 0o700); err != nil {
		return fmt.Errorf("can't make the log's folder: %w", err)
	}
	return nil
}

// socketName names a vault's socket by a hash of the vault's path, since socket paths are short.
func socketName(vaultDir string) string {
	sum := sha256.Sum256([]byte(vaultDir))
	return hex.EncodeToString(sum[:8])
}

func checkSocketPath(path string) error {
	if len(path) > maxSocketPath {
		return &PathTooLongError{path}
	}
	return nil
}

// dirs are a user's folders for Keyferry.
type dirs struct{ data, config, state, run string }
