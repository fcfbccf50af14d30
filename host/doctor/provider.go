package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/transfer"
)

// providers looks at what other apps of this machine know of Keyferry: its registrations for direct exchange.
func (e *examination) providers() {
	if e.Installer.Providers == "" {
		return
	}
	folders := append([]localexchange.Folder{{Path: e.Installer.Providers}}, e.Installer.SystemProviders...)
	found, ignored := localexchange.List(folders)
	for _, i := range ignored {
		name := strings.TrimSuffix(filepath.Base(i.File), ".json")
		switch {
		case i.File == e.Installer.Providers:
			e.found("exchange", "provider-folder-unsafe", Problem, "no app can be found for direct exchange: "+i.Reason, "chmod go-w '"+i.File+"'",
				func() error { return os.Chmod(i.File, 0o700) })
		case isOurs(name):
			e.found("exchange", "provider-unusable", Problem, fmt.Sprintf("other apps can't start Keyferry: %s: %s", i.File, i.Reason),
				"`keyferry install` registers it anew", e.registerAnew(i.File, name))
		default:
			e.found("exchange", "provider-ignored", Note, fmt.Sprintf("another app is left out of direct exchange: %s: %s", i.File, i.Reason),
				"reinstall that app, or remove the file", nil)
		}
	}
	registered := false
	for _, p := range found {
		if !isOurs(p.RPID) {
			continue
		}
		registered = registered || p.RPID == transfer.ProfileRPID(e.Profile.Name)
		if !sameProgram(p.Command[0], e.Installer.Program) {
			e.found("exchange", "provider-stale", Problem, fmt.Sprintf("other apps start another Keyferry than this one: %s names %s", p.File, p.Command[0]),
				"`keyferry install` registers this one, or remove the file", e.registerAnew(p.File, p.RPID))
			registered = true
			continue
		}
		e.well("exchange", "other apps find %s by %s", p.RPID, p.File)
	}
	if !registered && !e.toldAlready(ignored) {
		e.found("exchange", "provider-missing", Note, "other password managers on this computer don't find Keyferry for direct exchange",
			"`keyferry install` registers it", nil)
	}
}

func isOurs(rpID string) bool {
	return rpID == transfer.RPID || strings.HasSuffix(rpID, "."+transfer.RPID)
}

// toldAlready says whether a finding about what can't be used says all there is to say.
func (e *examination) toldAlready(ignored []localexchange.Ignored) bool {
	for _, i := range ignored {
		if i.File == e.Installer.Providers || isOurs(strings.TrimSuffix(filepath.Base(i.File), ".json")) {
			return true
		}
	}
	return false
}

func sameProgram(one, other string) bool {
	a, err := os.Stat(one)
	if err != nil {
		return false
	}
	b, err := os.Stat(other)
	return err == nil && os.SameFile(a, b)
}

// registerAnew repairs a registration of this user's; one of the system's is not this user's to repair.
func (e *examination) registerAnew(file, rpID string) func() error {
	if filepath.Dir(file) != e.Installer.Providers {
		return nil
	}
	return func() error {
		profile := strings.TrimSuffix(strings.TrimSuffix(rpID, transfer.RPID), ".")
		if profile == "" {
			profile = paths.DefaultProfile
		}
		p, err := paths.For(profile)
		if err != nil {
			return err
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		command := append(append([]string{e.Installer.Program}, p.Args()...), "exchange")
		_, err = e.Installer.InstallProvider(transfer.Registration(profile, command))
		return err
	}
}
