package main

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed keyferry.rb.tmpl
var formulaText string

// formula fills Homebrew's formula in with the sums of the archives.
func formula(folder, version string) error {
	sums := map[string]string{"Version": version}
	for key, target := range map[string]string{
		"MacARM": "darwin-arm64", "MacIntel": "darwin-amd64", "LinuxARM": "linux-arm64", "LinuxIntel": "linux-amd64",
	} {
		text, err := os.ReadFile(filepath.Join(folder, fmt.Sprintf("keyferry-%s-%s.tar.gz", version, target)))
		if err != nil {
			return err
		}
		sums[key] = fmt.Sprintf("%x", sha256.Sum256(text))
	}
	t, err := template.New("formula").Option("missingkey=error").Parse(formulaText)
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(folder, "keyferry.rb"))
	if err != nil {
		return err
	}
	if err := t.Execute(out, sums); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
