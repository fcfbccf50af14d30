//go:build !keyferrytest

package main

import (
	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/agent"
	"github.com/keyferry/keyferry/host/cmdline"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/installers"
	"github.com/keyferry/keyferry/vault"
)

// build is where a release and a test build differ.
type build struct{}

func takeBuild(args []string) (build, []string, error) { return build{}, args, nil }

func (build) isTest() bool { return false }

// commands adds those beside the grammar; a release has those that describe it.
func (build) commands(program *cmdline.Command) error { return writings(program) }

// profile returns the paths of a profile.
func (build) profile(name string) (paths.Profile, error) { return paths.For(name) }

// extensions are those that may start the bridge.
func (build) extensions(paths.Profile) (installers.Extensions, error) { return installers.Ours(), nil }

// exchangeFolders are where apps register for direct exchange.
func (build) exchangeFolders(paths.Profile) ([]localexchange.Folder, error) {
	return localexchange.Folders()
}

// vaultOptions are those that every vault is made and opened with.
func (build) vaultOptions() vault.Options { return vault.Options{} }

// decider answers in the person's stead: never, in a release.
func (build) decider(paths.Profile) agent.Decider { return nil }

// begin runs before a command that has to do with a vault.
func (build) begin(*app, string) (end func(), err error) { return func() {}, nil }

// spares says that a file is not for a setting's yes to delete: in a release it is a person who says yes.
func (build) spares(string) bool { return false }

// answers says that questions are answered by a setting: never, in a release.
func (build) answers(paths.Profile) bool { return false }

// loud says at every start of a test build what it is.
func (build) loud() {}
