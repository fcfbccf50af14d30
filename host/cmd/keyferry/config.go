package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/rs/zerolog"

	"github.com/keyferry/keyferry/host/consent"
)

// settings is what the configuration file says: lines of a name and a value, as in gpg-agent.conf; # begins a comment.
//
//	pinentry-program /usr/bin/pinentry-gtk-2
//	no-system-dialogs
//	no-dialogs
//	log-level debug
type settings struct {
	dialogs  consent.Config
	logLevel zerolog.Level
}

// readSettings reads a configuration file, which need not exist. A line that it does not know is an error: a typing
// mistake in pinentry-program should not silently lead to another program.
func readSettings(path string) (settings, error) {
	s := settings{logLevel: zerolog.InfoLevel}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("can't read the configuration: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := strings.Cut(line, " ")
		if err := s.set(name, strings.TrimSpace(value)); err != nil {
			return s, fmt.Errorf("%s, line %d: %w", path, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return s, fmt.Errorf("can't read the configuration: %w", err)
	}
	return s, nil
}

func (s *settings) set(name, value string) (err error) {
	switch name {
	case "pinentry-program":
		s.dialogs.Pinentry = value
	case "no-system-dialogs":
		s.dialogs.NoSystem = true
	case "no-dialogs":
		s.dialogs.None = true
	case "log-level":
		if s.logLevel, err = zerolog.ParseLevel(value); err != nil || value == "" {
			return fmt.Errorf("log-level is debug, info, warn or error, not %q", value)
		}
	default:
		return fmt.Errorf("%q is no setting; there are pinentry-program, no-system-dialogs and log-level", name)
	}
	return nil
}
