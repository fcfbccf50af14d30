package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

type profilesCmd struct {
	Names bool `hidden:"" help:"Names alone, for completions."`
}

// profileLine is one profile in the JSON of `keyferry profiles`.
type profileLine struct {
	Name     string `json:"name"`
	Vault    string `json:"vault"` // "locked", "unlocked" or "damaged"
	Agent    bool   `json:"agent"` // one is running
	VaultDir string `json:"vaultDir"`
}

// Run implements the command. It starts no agent: a question changes nothing.
func (c profilesCmd) Run(a *app) error {
	names, err := a.profile.Names()
	if err != nil {
		return err
	}
	if c.Names {
		for _, name := range names {
			fmt.Fprintln(a.out, name)
		}
		return nil
	}
	lines := []profileLine{}
	for _, name := range names {
		line, err := a.profileLine(name)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	return a.print(lines, func(w io.Writer) {
		width := len(paths.DefaultProfile)
		for _, l := range lines {
			width = max(width, len(l.Name))
		}
		for _, l := range lines {
			fmt.Fprintf(w, "%-*s  %-8s  %s\n", width, l.Name, l.Vault, l.VaultDir)
		}
		if len(lines) == 0 {
			fmt.Fprintln(w, "There is no vault yet: `keyferry create` makes one.")
		}
	})
}

func (a *app) profileLine(name string) (profileLine, error) {
	p, err := a.build.profile(name)
	if err != nil {
		return profileLine{}, err
	}
	line := profileLine{Name: name, Vault: "locked", VaultDir: p.VaultDir}
	other := &app{ctx: a.ctx, build: a.build, profile: p}
	client, status, err := other.connect(false)
	switch {
	case errors.Is(err, link.ErrNoAgent):
		return line, nil
	case err != nil:
		return line, fmt.Errorf("profile %s: %w", name, err)
	}
	line.Agent, line.Vault = true, status.Vault
	return line, client.Close()
}

// checkProfile refuses a profile that is not there, which is one that was mistyped, but for the commands that make one.
func (a *app) checkProfile(command string) error {
	verb, _, _ := strings.Cut(command, " ")
	if a.profile.Name == paths.DefaultProfile || slices.Contains([]string{"create", "status", "agent", "profiles"}, verb) {
		return nil
	}
	names, err := a.profile.Names()
	if err != nil || slices.Contains(names, a.profile.Name) {
		return err
	}
	there := "no other"
	if len(names) > 0 {
		there = "only " + strings.Join(names, ", ")
	}
	return protocol.Errorf(protocol.CodeNoProfile, "there is no profile %q here, %s", a.profile.Name, there)
}

// spell puts the profile into the commands that a text advises.
func (a *app) spell(text string) string {
	if a.profile.Name == "" || a.profile.Name == paths.DefaultProfile {
		return text
	}
	return strings.ReplaceAll(text, "`keyferry ", "`keyferry --profile "+a.profile.Name+" ")
}
