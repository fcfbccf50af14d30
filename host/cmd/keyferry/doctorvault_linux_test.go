//go:build !keyferrytest

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/vault"
)

const fullVault = 40 // passkeys

// filledVault is a vault with passkeys, closed in good order.
func filledVault(t *testing.T) string {
	t.Helper()
	dir := soundVault(t)
	secret := vault.Passphrase([]byte(scriptPhrase))
	v, err := vault.Open(t.Context(), dir, secret, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range fullVault {
		p, err := newPasskey("ann", fmt.Sprintf("site%d.example", n))
		if err != nil {
			t.Fatal(err)
		}
		if err := v.AddPasskey(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// examineVault runs the command as it is without an agent, with the passphrase typed already.
func examineVault(t *testing.T, c doctorVaultCmd) (vaultReport, int) {
	t.Helper()
	var out bytes.Buffer
	a := &app{ctx: t.Context(), json: true, out: &out, typed: []byte(scriptPhrase)}
	var err error
	if a.profile, err = a.build.profile(""); err != nil {
		t.Fatal(err)
	}
	err = c.Run(a)
	var code exitCode
	if err != nil && !errors.As(err, &code) {
		t.Fatal(err)
	}
	var report vaultReport
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	return report, int(code)
}

// putOldHeaderBack undoes a change of the passphrase, as somebody who has seen the old one would like it.
func putOldHeaderBack(t *testing.T, s *sick) {
	old := map[string][]byte{}
	for _, name := range []string{"header", "header.bak"} {
		raw, err := os.ReadFile(s.vaultFile(name))
		s.must(err)
		old[name] = raw
	}
	v, err := vault.Open(t.Context(), s.patient.Profile.VaultDir, vault.Passphrase([]byte(scriptPhrase)), vault.Options{Cost: vault.Cost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 4}})
	s.must(err)
	s.must(v.ChangePassphrase(t.Context(), v.Slots()[0].ID, vault.Passphrase([]byte("one that nobody has seen"))))
	s.must(v.Close())
	for name, raw := range old {
		s.must(os.WriteFile(s.vaultFile(name), raw, 0o600))
	}
}

// Real damage of each kind is found and named; what is whole is saved, and nothing else is called saved.
func TestDoctorOnDamagedVaults(t *testing.T) {
	if testing.Short() {
		t.Skip("opens two dozen vaults")
	}
	filled := filledVault(t)
	one := func(t *testing.T, s *sick, pattern string) string {
		t.Helper()
		found, err := filepath.Glob(s.vaultFile(pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("nothing matches %s (%v)", pattern, err)
		}
		return found[0]
	}
	flip := func(pattern string, at func(size int) int) func(*testing.T, *sick) {
		return func(t *testing.T, s *sick) {
			path := one(t, s, pattern)
			b, err := os.ReadFile(path)
			s.must(err)
			b[at(len(b))] ^= 1
			s.must(os.WriteFile(path, b, 0o600))
		}
	}
	middle := func(n int) int { return n / 2 }
	for _, d := range []struct {
		what    string
		damage  func(*testing.T, *sick)
		finding string // a part of one; "" where it heals
		saved   int    // at least; -1: it can't be opened at all
	}{
		{"nothing", func(*testing.T, *sick) {}, "", 0},
		{"a flipped bit in a table", flip("store-1/*.sst", middle), ": ", 0},
		{"a table cut short", func(t *testing.T, s *sick) { s.must(os.Truncate(one(t, s, "store-1/*.sst"), 100)) }, "sst", 0},
		{"a changed manifest of the store", flip("store-1/MANIFEST", middle), "", 0}, // there is a spare
		{"the anchor removed", func(t *testing.T, s *sick) { s.must(os.Remove(one(t, s, "anchor-1"))) }, "anchor", fullVault},
		{"the anchor overwritten", func(t *testing.T, s *sick) {
			s.must(os.WriteFile(one(t, s, "anchor-1"), bytes.Repeat([]byte{1}, 500), 0o600))
		}, "anchor", fullVault},
		{"one header", flip("header", middle), "", 0},
		{"both headers", func(t *testing.T, s *sick) { flip("header", middle)(t, s); flip("header.bak", middle)(t, s) }, "header", -1},
		{"an older header put back", putOldHeaderBack, "an older one was put back", fullVault},
		{"the store removed", func(t *testing.T, s *sick) { s.must(os.RemoveAll(one(t, s, "store-1"))) }, "store", 0},
	} {
		t.Run(d.what, func(t *testing.T) {
			s := newInstallation(t, filled)
			d.damage(t, s)
			report, code := examineVault(t, doctorVaultCmd{})
			if d.finding == "" {
				if report.State != stateWhole || code != 0 || len(report.Findings) != 0 || report.Checked < fullVault {
					t.Fatalf("code %d, %+v", code, report)
				}
				return
			}
			named := func(f string) bool { return strings.Contains(f, d.finding) }
			if report.State != stateDamaged || code != exitFindings || !slices.ContainsFunc(report.Findings, named) {
				t.Fatalf("code %d, %+v", code, report)
			}
			if d.saved < 0 {
				return
			}
			fresh := filepath.Join(s.dir, "fresh")
			report, code = examineVault(t, doctorVaultCmd{Salvage: fresh, Replace: true})
			saved := report.Salvage
			if saved == nil || saved.Passkeys < d.saved || saved.Passkeys > fullVault {
				t.Fatalf("code %d, %+v", code, saved)
			}
			if lost := len(saved.Lost) > 0; lost != (code == exitLoss) || !lost && saved.Passkeys < fullVault {
				t.Errorf("code %d, %+v", code, saved)
			}
			if saved.Passkeys == 0 { // then it stays where it is
				if saved.Kept != "" || saved.Folder != fresh {
					t.Errorf("%+v", saved)
				}
				return
			}
			if _, err := os.Stat(saved.Kept); err != nil || saved.Folder != s.patient.Profile.VaultDir {
				t.Errorf("%+v, %v", saved, err)
			}
			after, code := examineVault(t, doctorVaultCmd{})
			if after.State != stateWhole || code != 0 || after.Checked < saved.Passkeys {
				t.Errorf("after the salvage: code %d, %+v", code, after)
			}
			t.Logf("%s: %d passkeys saved; found %q", d.what, saved.Passkeys, report.Findings)
		})
	}
}
