package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Whoever changes package protocol and forgets `go generate ./host/protocol` learns it here.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	files, err := generate("..")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		got, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Error(err)
			continue
		}
		if string(got) != want {
			t.Errorf("%s is stale: run `go generate ./host/protocol` and commit the result", path)
		}
	}
}

func TestLiterals(t *testing.T) {
	for doc, want := range map[string][]string{
		`"bridge" or "cli"`: {"bridge", "cli"},
		`Outcome is "credential", "browser" (ask "it") or "error".`: {"credential", "browser", "error"},
		`Mediation is "" or "conditional".`:                         {"", "conditional"},
		`"created", "used", …`:                                      nil,
		`"chrome-extension://ID/" or the add-on ID`:                 nil,
		`eight digits, "4821 7730"`:                                 nil,
	} {
		if got := literals(doc); !slices.Equal(got, want) {
			t.Errorf("literals(%q) = %q, want %q", doc, got, want)
		}
	}
}
