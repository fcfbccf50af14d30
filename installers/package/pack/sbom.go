package main

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
)

// Parts of CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).
type (
	bom struct {
		Format     string      `json:"bomFormat"`
		Spec       string      `json:"specVersion"`
		Serial     string      `json:"serialNumber"`
		Version    int         `json:"version"`
		Metadata   metadata    `json:"metadata"`
		Components []component `json:"components"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// sbom lists what is in a binary by what the linker wrote into it, not by what go.mod might have meant.
func sbom(binary, file string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("%s does not say what it was built from: %w", binary, err)
	}
	when, err := sourceDate()
	if err != nil {
		return err
	}
	all := []component{{Type: "library", Ref: "go", Name: "std", Version: info.GoVersion, PURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go")}}
	serial := info.Path + info.GoVersion
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c, err := moduleOf(m)
		if err != nil {
			return err
		}
		all = append(all, c)
		serial += m.Path + m.Version + m.Sum
	}
	setting := map[string]string{}
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	return writeJSON(file, bom{
		Format: "CycloneDX", Spec: "1.6", Serial: "urn:uuid:" + strings.ToLower(uuid(serial+setting["GOOS"]+setting["GOARCH"])), Version: 1,
		Metadata: metadata{
			Timestamp: when.Format(time.RFC3339),
			Component: component{Type: "application", Ref: "keyferry", Name: info.Main.Path, Version: info.Main.Version, Properties: []property{
				{"os", setting["GOOS"]}, {"architecture", setting["GOARCH"]},
			}},
		},
		Components: all,
	})
}

// moduleOf names a module, with the sum that go.sum holds it to ("h1:", a SHA-256 over its files).
func moduleOf(m *debug.Module) (component, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
	if err != nil || len(raw) != 32 {
		return component{}, fmt.Errorf("%s has no sum; build from a clean module cache", m.Path)
	}
	purl := "pkg:golang/" + m.Path + "@" + url.PathEscape(m.Version)
	return component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl, Properties: []property{{"go:h1", hex.EncodeToString(raw)}}}, nil
}
