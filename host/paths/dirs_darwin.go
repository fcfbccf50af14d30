package paths

import "path/filepath"

// maxSocketPath is sun_path without its final zero byte.
const maxSocketPath = 103

func baseDirs() (dirs, error) {
	h, err := home()
	if err != nil {
		return dirs{}, err
	}
	support := filepath.Join(h, "Library", "Application Support", "keyferry")
	return dirs{
		data: support, config: support,
		state: filepath.Join(h, "Library", "Logs", "keyferry"),
		run:   filepath.Join(support, "run"),
	}, nil
}
