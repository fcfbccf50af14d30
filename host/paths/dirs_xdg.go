//go:build unix && !darwin

package paths

import (
	"os"
	"path/filepath"
)

// maxSocketPath is sun_path without its final zero byte.
const maxSocketPath = 107

// baseDirs follows the XDG base directory specification, by which a relative path counts as unset. The run folder lies
// in XDG_RUNTIME_DIR where that is a folder of this user's alone, else under the state home, never in a shared one.
func baseDirs() (dirs, error) {
	h, err := home()
	if err != nil {
		return dirs{}, err
	}
	d := dirs{
		data:   filepath.Join(xdg("XDG_DATA_HOME", filepath.Join(h, ".local", "share")), "keyferry"),
		config: filepath.Join(xdg("XDG_CONFIG_HOME", filepath.Join(h, ".config")), "keyferry"),
		state:  filepath.Join(xdg("XDG_STATE_HOME", filepath.Join(h, ".local", "state")), "keyferry"),
	}
	d.run = filepath.Join(d.state, "run")
	if runtime := xdg("XDG_RUNTIME_DIR", ""); runtime != "" {
		if info, err := os.Stat(runtime); err == nil && private(runtime, info) == nil {
			d.run = filepath.Join(runtime, "keyferry")
		}
	}
	return d, nil
}

func xdg(name, otherwise string) string {
	if dir := os.Getenv(name); filepath.IsAbs(dir) {
		return filepath.Clean(dir)
	}
	return otherwise
}
