package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/keyferry/keyferry/host/transfer"
	"github.com/keyferry/keyferry/installers"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "manifests":
		return manifests(args[1], args[2])
	case len(args) == 2 && args[0] == "windows":
		return windows(args[1])
	case len(args) == 3 && args[0] == "zip":
		return zipFolder(args[1], args[2], false)
	case len(args) == 4 && args[0] == "zip" && args[3] == "store":
		return zipFolder(args[1], args[2], true)
	case len(args) == 3 && args[0] == "sbom":
		return sbom(args[1], args[2])
	case len(args) == 2 && args[0] == "uuid":
		fmt.Println(uuid(args[1]))
		return nil
	case len(args) == 3 && args[0] == "msi":
		return settleMSI(args[1], args[2])
	case len(args) == 3 && args[0] == "formula":
		return formula(args[1], args[2])
	}
	return errors.New("wrong usage; the package comment lists the commands")
}

// sourceDate is the time of the commit that is packed.
func sourceDate() (time.Time, error) {
	seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH must be the commit's time in seconds: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// manifests writes what `keyferry install --system` writes, into a package's tree. The caches of types and entries are
// the business of the machine that the package comes to.
func manifests(root, program string) error {
	i := installers.Installer{
		Roots: installers.Roots{System: "linux", Root: root}, Program: program, Extensions: installers.Ours(), ForAll: true,
		Share: "/usr/share", Refresh: func(string, string) {},
	}
	if _, err := i.FileTypes(); err != nil {
		return err
	}
	for _, b := range installers.Browsers() {
		if i.Reaches(b) {
			if _, err := i.Install(b); err != nil {
				return err
			}
		}
	}
	i.Providers = filepath.Join(root, "usr", "share", "credential-exchange", "providers")
	_, err := i.InstallProvider(transfer.Registration("", []string{program, "exchange"}))
	return err
}

// windows writes a manifest for each family. A path may be relative to the manifest on Windows, and on Windows alone.
func windows(dir string) error {
	for name, m := range map[string]installers.Manifest{
		"chromium.json": {AllowedOrigins: installers.Ours().Origins()},
		"firefox.json":  {AllowedExtensions: installers.Ours().Firefox},
	} {
		m.Name, m.Description, m.Path, m.Type = installers.HostName, "Keyferry passkey manager", "keyferry.exe", "stdio"
		if err := writeJSON(filepath.Join(dir, name), m); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(path string, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// uuid is a text's own (RFC 9562, version 8), so that the same package has the same identity.
func uuid(text string) string {
	sum := sha256.Sum256([]byte("keyferry.app " + text))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
