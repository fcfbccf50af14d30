package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// The generated files, relative to host/protocol.
const (
	tsFile     = "../../extension/src/shared/protocol.gen.ts"
	schemaFile = "protocol.schema.json"
	pageFile   = "PROTOCOL.md"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "protocol/gen:", err)
		os.Exit(1)
	}
}

// run writes the generated files; dir is host/protocol, where go generate runs.
func run(dir string) error {
	files, err := generate(dir)
	if err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the text of each generated file by its path relative to dir.
func generate(dir string) (map[string]string, error) {
	m, err := load(dir)
	if err != nil {
		return nil, err
	}
	ts, err := typescript(m)
	if err != nil {
		return nil, err
	}
	js, err := schema(m)
	if err != nil {
		return nil, err
	}
	page, err := os.ReadFile(filepath.Join(dir, pageFile))
	if err != nil {
		return nil, err
	}
	md, err := markdown(string(page))
	if err != nil {
		return nil, err
	}
	return map[string]string{tsFile: ts, schemaFile: js, pageFile: md}, nil
}
