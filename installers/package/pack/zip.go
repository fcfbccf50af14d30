package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// zipFolder zips a folder: sorted, with the commit's time and one mode, so that the same files give the same bytes. For
// the Chrome Web Store the manifest loses its key, which the store refuses; it gives the extension an id of its own.
func zipFolder(folder, file string, store bool) (err error) {
	when, err := sourceDate()
	if err != nil {
		return err
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	z := zip.NewWriter(out)
	walk := func(path string, d fs.DirEntry, err error) error { // in lexical order
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if store && name == "manifest.json" {
			if text, err = withoutKey(text); err != nil {
				return err
			}
		}
		header := &zip.FileHeader{Name: filepath.ToSlash(name), Method: zip.Deflate, Modified: when}
		header.SetMode(0o644)
		w, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	}
	if err := filepath.WalkDir(folder, walk); err != nil {
		return fmt.Errorf("can't zip %s: %w", folder, err)
	}
	return z.Close()
}

func withoutKey(manifest []byte) ([]byte, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, err
	}
	if _, ok := m["key"]; !ok {
		return nil, errors.New("the manifest has no key to take out; is this Chrome's?")
	}
	delete(m, "key")
	return json.MarshalIndent(m, "", "  ")
}
