//go:build keyferrytest

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/agent"
	"github.com/keyferry/keyferry/host/cmdline"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/installers"
	"github.com/keyferry/keyferry/vault"
)

// build is where a release and a test build differ: here, all paths lie in a testbed, and a setting gives consent.
type build struct {
	testbed string
	alone   bool // --vault: a throwaway vault, whose agent is this process
}

// takeBuild takes `--testbed DIR` from the front of the arguments, where launchers put it, and `--vault DIR` from
// anywhere.
func takeBuild(args []string) (build, []string, error) {
	if dir, rest, ok := takeVault(args); ok {
		return build{testbed: dir, alone: true}, rest, nil
	}
	if len(args) < 2 || args[0] != "--testbed" {
		return build{}, args, nil
	}
	return build{testbed: args[1]}, args[2:], nil
}

func (build) isTest() bool { return true }

// spares says that the setting's yes must not delete a file: one outside the temporary folders is somebody's own.
func (build) spares(file string) bool {
	whole, err := filepath.Abs(file)
	return err != nil || paths.CheckTemporary(filepath.Dir(whole)) != nil
}

// commands adds those that only one kind of build has.
func (build) commands(program *cmdline.Command) error {
	provide := "Register this vault (--testbed DIR, --profile NAME) for direct exchange with those of a testbed."
	if err := program.Add("provide", provide, false, &provideCmd{}); err != nil {
		return err
	}
	return program.Add("testbed", "Prepare a throwaway browser profile and vault for a test suite, as JSON.", false, &testbedCmd{})
}

// loud says at every start what this is.
func (build) loud() {
	fmt.Fprintln(os.Stderr, "keyferry: THIS IS A TEST BUILD: consent is given by a setting, not by a person. Never use it with passkeys of yours.")
}

// profile returns the paths of a profile of the testbed. A test build has no others.
func (b build) profile(name string) (paths.Profile, error) {
	if b.testbed == "" {
		return paths.Profile{}, errNoTestbed
	}
	if b.alone {
		return makeThrowaway(b.testbed, name)
	}
	return paths.ForTestbed(b.testbed, name)
}

var errNoTestbed = fmt.Errorf("REFUSED: this is a TEST BUILD, which serves testbeds only: `keyferry testbed` makes one, `keyferry --testbed DIR …` uses it, and --vault DIR makes a throwaway vault for any command")

// extensions are the test extension and those that the testbed was made for.
func (build) extensions(p paths.Profile) (installers.Extensions, error) {
	t, err := p.ReadTestbed()
	return installers.Ours().With(t.Callers...), err
}

// exchangeFolders is the testbed's own: a test build neither sees the apps of the machine nor is seen by them.
func (build) exchangeFolders(p paths.Profile) ([]localexchange.Folder, error) {
	return []localexchange.Folder{{Path: filepath.Join(p.Testbed, "providers")}}, nil
}

// vaultOptions have passphrases cost nothing: a test build keeps no secret, and test suites make many vaults.
func (build) vaultOptions() vault.Options { return vault.TestOptions() }

func (build) decider(p paths.Profile) agent.Decider { return setting{p} }

// setting decides by testbed.json, read anew for each question.
type setting struct{ profile paths.Profile }

// Decide says no to everything when the setting can't be read. Pairing is part of preparing a testbed and no consent of
// the kind that tests are about: the browsers that it was made for are let in whatever the setting says.
func (s setting) Decide(question string) agent.Decision {
	t, err := s.profile.ReadTestbed()
	switch {
	case err != nil:
		return agent.Deny
	case t.Consent == "allow", question == "pair":
		return agent.Allow
	case t.Consent == "ask":
		return agent.Ask
	}
	return agent.Deny
}
