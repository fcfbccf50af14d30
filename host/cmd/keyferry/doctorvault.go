package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

type doctorVaultCmd struct {
	Recovery bool   `help:"Open it with the recovery phrase, typed at the terminal."`
	Salvage  string `help:"If it is damaged: move what is whole into a fresh vault in this folder, and list the rest." placeholder:"DIR"`
	Replace  bool   `help:"After a salvage: put the fresh vault in the damaged one's place, and the damaged one aside."`
}

// Validate checks the command's arguments.
func (c doctorVaultCmd) Validate() error {
	if c.Replace && c.Salvage == "" {
		return errors.New("--replace goes with --salvage DIR")
	}
	return nil
}

// vaultReport is the JSON of `keyferry doctor vault`.
type vaultReport struct {
	Vault    string         `json:"vault"`
	State    string         `json:"state"` // "whole" or "damaged"
	By       string         `json:"by"`    // who looked: "agent" (it holds the vault) or "self"
	Checked  int            `json:"checked"`
	Findings []string       `json:"findings"`         // what is damaged
	Copies   []string       `json:"copies,omitempty"` // folders with the store's files as they were found
	Salvage  *salvageReport `json:"salvage,omitempty"`
}

// salvageReport is what became of a salvage.
type salvageReport struct {
	Folder   string   `json:"folder"` // of the fresh vault
	Passkeys int      `json:"passkeys"`
	Items    int      `json:"items"`
	Settings int      `json:"settings"`
	Lost     []string `json:"lost"`
	Kept     string   `json:"kept,omitempty"` // where the damaged vault is after --replace
}

// Run implements the command. Its exit code is 0 for a whole vault or a salvage without a loss, 3 for a damaged vault, 4 for
// a salvage that could not save everything, 1 where nothing could be found out.
func (c doctorVaultCmd) Run(a *app) error {
	there, err := vault.Exists(a.profile.VaultDir)
	if err != nil {
		return err
	}
	if !there {
		return protocol.Errorf(protocol.CodeNoVault, "there is no vault in %s", a.profile.VaultDir)
	}
	opener := &opener{a: a, recovery: c.Recovery}
	defer opener.close()
	report, err := opener.examine()
	if err != nil {
		return err
	}
	if c.Salvage != "" && report.State == stateDamaged {
		if report.Salvage, err = opener.salvage(c.Salvage, c.Replace); err != nil {
			return err
		}
	}
	if err := a.print(report, report.text); err != nil {
		return err
	}
	switch {
	case report.State == stateWhole, report.Salvage != nil && len(report.Salvage.Lost) == 0:
		return nil
	case report.Salvage != nil:
		return exitCode(exitLoss)
	}
	return exitCode(exitFindings)
}

// States of a vault in a report.
const (
	stateWhole   = string(vault.HealthWhole)
	stateDamaged = string(vault.HealthDamaged)
)

// opener looks at a vault: through the agent that holds it, else by itself.
type opener struct {
	a        *app
	recovery bool
	words    []byte // the recovery phrase, once typed
}

func (o *opener) close() { clear(o.words) }

// examine asks the agent, where one runs and has the vault or can open it, and looks at the files itself otherwise.
func (o *opener) examine() (*vaultReport, error) {
	report := &vaultReport{Vault: o.a.profile.VaultDir, By: "agent", Findings: []string{}}
	client, status, err := o.a.connect(false)
	switch {
	case errors.Is(err, link.ErrNoAgent):
	case err != nil:
		return nil, err
	default:
		defer client.Close()
		if status.Vault == "unlocked" || status.Vault == "locked" && !o.recovery {
			err := o.askAgent(client, report)
			if err == nil {
				return report, nil
			}
			if !link.IsCode(err, protocol.CodeVaultDamaged) { // that one it does not hold open
				return nil, err
			}
		}
	}
	report.By = "self"
	if err := o.look(report); err != nil {
		return nil, err
	}
	report.Copies, err = copiesAside(o.a.profile.VaultDir)
	return report, err
}

// askAgent waits for the end of the agent's verification.
func (o *opener) askAgent(client *link.Client, report *vaultReport) error {
	for {
		var h protocol.Health
		if err := o.a.ask(client, "vault.health", func(protocol.Secret) any { return protocol.Empty{} }, &h); err != nil {
			return err
		}
		report.State, report.Checked = h.State, h.Checked
		if h.State != string(vault.HealthChecking) {
			report.Findings = append(report.Findings, h.Findings...)
			var err error
			report.Copies, err = copiesAside(o.a.profile.VaultDir)
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-o.a.ctx.Done():
			return o.a.ctx.Err()
		}
	}
}

// look opens the vault in this process, damaged or not.
func (o *opener) look(report *vaultReport) error {
	var v *vault.Vault
	err := o.try(func(s vault.Secret) (err error) {
		options := o.a.build.vaultOptions()
		options.ReadOnlyIfDamaged = true
		v, err = vault.Open(o.a.ctx, o.a.profile.VaultDir, s, options)
		return err
	})
	var damage *vault.DamagedError
	if errors.As(err, &damage) { // so far that it can't be opened at all
		report.State = stateDamaged
		report.add(damage.Findings)
		return nil
	}
	if err != nil {
		return err
	}
	health, err := v.AwaitHealth(o.a.ctx)
	if err := errors.Join(err, v.Close()); err != nil {
		return err
	}
	report.State, report.Checked = string(health.State), int(health.Checked)
	report.add(health.Findings)
	return nil
}

func (r *vaultReport) add(findings []vault.Finding) {
	for _, f := range findings {
		r.Findings = append(r.Findings, f.String())
	}
}

// try gives fn the secret that the person types, three times at most.
func (o *opener) try(fn func(vault.Secret) error) error {
	for tries := 1; ; tries++ {
		secret, err := o.secret()
		if err != nil {
			return err
		}
		err = fn(secret)
		secret.Clear()
		if !errors.Is(err, vault.ErrWrongSecret) || tries == 3 {
			return err
		}
		clear(o.a.typed)
		clear(o.words)
		o.a.typed, o.words = nil, nil
		fmt.Fprintf(os.Stderr, "%v.\n", err)
	}
}

// secret asks at the terminal. The agent's PIN opens nothing but the agent.
func (o *opener) secret() (vault.Secret, error) {
	if !o.recovery {
		o.a.pin = false
		err := o.a.askSelf()
		return vault.Passphrase(o.a.typed), err
	}
	if o.words == nil {
		words, err := o.a.secret("Recovery phrase: ")
		if err != nil {
			return vault.Secret{}, err
		}
		o.words = words
	}
	return vault.RecoveryPhrase(strings.Fields(string(o.words)))
}

// salvage moves what is whole into a fresh vault. An agent that has the damaged one open is told to lock.
func (o *opener) salvage(folder string, replace bool) (*salvageReport, error) {
	dest, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if err := (lockCmd{}).release(o.a); err != nil {
		return nil, err
	}
	var done vault.SalvageReport
	err = o.try(func(s vault.Secret) (err error) {
		done, err = vault.Salvage(o.a.ctx, o.a.profile.VaultDir, dest, s, o.a.build.vaultOptions())
		return err
	})
	if errors.Is(err, vault.ErrVaultExists) {
		return nil, fmt.Errorf("there is a vault in %s already; nothing was changed; name another folder", dest)
	}
	if err != nil {
		return nil, fmt.Errorf("nothing could be saved, and the damaged vault is as it was: %w", err)
	}
	r := &salvageReport{Folder: dest, Passkeys: done.Passkeys, Items: done.Items, Settings: done.Settings, Lost: []string{}}
	for _, f := range done.Lost {
		r.Lost = append(r.Lost, f.String())
	}
	// An empty vault in the place of one that a backup, or somebody who knows more, may still save is no help.
	if replace && r.Passkeys+r.Items > 0 {
		if r.Kept, err = vault.Replace(o.a.profile.VaultDir, dest); err != nil {
			return r, fmt.Errorf("the fresh vault is whole in %s, but could not take the damaged one's place: %w", dest, err)
		}
		r.Folder = o.a.profile.VaultDir
	}
	return r, nil
}

// copiesAside are the folders in which an open put the store's files before it repaired anything.
func copiesAside(dir string) ([]string, error) {
	return filepath.Glob(filepath.Join(escapeGlob(dir), "aside-*"))
}

// escapeGlob makes a path one that Glob takes as it is.
func escapeGlob(path string) string {
	if os.PathSeparator == '\\' {
		return path // nothing can be escaped there, and [ is rare in home folders
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func (r *vaultReport) text(w io.Writer) {
	if r.State == stateWhole {
		fmt.Fprintf(w, "The vault is whole: all %d records are what was written, and it is at the commit that its anchor names.\n", r.Checked)
	} else {
		fmt.Fprintf(w, "The vault is damaged (%s). What is wrong:\n", r.Vault)
		for _, f := range r.Findings {
			fmt.Fprintf(w, "  %s\n", plainLine(f))
		}
	}
	for _, c := range r.Copies {
		fmt.Fprintf(w, "A copy of its files as they were found is in %s.\n", c)
	}
	if r.State == stateDamaged && r.Salvage == nil {
		fmt.Fprintln(w, "\nEverything else can still be read. Keep a copy of the folder, then run\n`keyferry doctor vault --salvage DIR --replace`: what is whole goes into a fresh vault with the same\npassphrases, and the damaged one is put aside.")
	}
	if r.Salvage != nil {
		r.Salvage.text(w)
	}
}

func (s *salvageReport) text(w io.Writer) {
	fmt.Fprintf(w, "\nSaved: %d passkeys, %d other entries and %d settings are in %s.\n", s.Passkeys, s.Items, s.Settings, s.Folder)
	if len(s.Lost) == 0 {
		fmt.Fprintln(w, "Nothing was lost.")
	} else {
		fmt.Fprintln(w, "Lost, or only there in an older version:")
		for _, f := range s.Lost {
			fmt.Fprintf(w, "  %s\n", plainLine(f))
		}
	}
	switch {
	case s.Kept != "":
		fmt.Fprintf(w, "The damaged vault is in %s; remove it when you miss nothing.\n", s.Kept)
	case s.Passkeys+s.Items == 0:
		fmt.Fprintln(w, "No passkey could be saved, so the damaged vault stays in its place. Keep it, and bring a backup in if\nyou have one: `keyferry restore`.")
	default:
		fmt.Fprintln(w, "The damaged vault is as it was; with --replace the fresh one takes its place.")
	}
}
