package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestReadSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if s, err := readSettings(path); err != nil || s.logLevel != zerolog.InfoLevel {
		t.Errorf("no file: %+v, %v", s, err)
	}
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# mine\n\n  pinentry-program   /opt/my pinentry/bin \nno-system-dialogs\nlog-level debug")
	s, err := readSettings(path)
	if err != nil || s.dialogs.Pinentry != "/opt/my pinentry/bin" || !s.dialogs.NoSystem || s.logLevel != zerolog.DebugLevel {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{"pinentry /usr/bin/pinentry", "log-level loud", "log-level", "\x00", strings.Repeat("x", 1<<17)} {
		write(bad)
		if _, err := readSettings(path); err == nil {
			t.Errorf("%.20q was taken", bad)
		}
	}
}
