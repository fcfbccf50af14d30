package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

type statusCmd struct{}

// statusOutput is the JSON of `keyferry status`.
type statusOutput struct {
	Agent bool `json:"agent"` // one is running
	protocol.Status
	VaultDir string `json:"vaultDir"`
	Socket   string `json:"socket"`
	Config   string `json:"config"`
	Log      string `json:"log"`
}

// Run implements the command. It does not start an agent: a question changes nothing.
func (statusCmd) Run(a *app) error {
	out := statusOutput{
		VaultDir: a.profile.VaultDir, Socket: a.profile.SocketPath, Config: a.profile.ConfigFile, Log: a.profile.LogFile,
	}
	client, _, err := a.connect(false)
	switch {
	case errors.Is(err, link.ErrNoAgent):
		out.Status = protocol.Status{Vault: "none", Version: version, Profile: a.profile.Name, Test: a.build.isTest()}
		exists, err := vault.Exists(a.profile.VaultDir)
		if err != nil {
			return err
		}
		if exists {
			out.Vault = "locked"
		}
	case err != nil:
		return err
	default:
		defer client.Close()
		out.Agent = true
		if err := client.Call(a.ctx, "status", protocol.Empty{}, &out.Status); err != nil {
			return err
		}
	}
	return a.print(out, out.text)
}

func (s statusOutput) text(w io.Writer) {
	fmt.Fprintf(w, "Vault:   %s", s.Vault)
	switch {
	case s.Vault == "none":
		fmt.Fprint(w, " (`keyferry create` makes one)")
	case s.LockInMs > 0:
		fmt.Fprintf(w, ", locks in %s", (time.Duration(s.LockInMs) * time.Millisecond).Round(time.Second))
	}
	fmt.Fprintf(w, "\nFolder:  %s\n", s.VaultDir)
	if s.Passkeys > 0 {
		fmt.Fprintf(w, "Stored:  %d passkeys\n", s.Passkeys)
	}
	if !s.Agent {
		fmt.Fprintln(w, "Agent:   not running (it starts by itself when a browser asks)")
		return
	}
	fmt.Fprintf(w, "Agent:   version %s\n", s.Version)
	switch s.Dialog {
	case "pinentry":
		fmt.Fprintln(w, "Dialogs: pinentry")
	case "system":
		fmt.Fprintln(w, "Dialogs: the system's")
	default:
		fmt.Fprintln(w, "Dialogs: none can be shown here; the terminal or the extension's page asks")
	}
}

type versionCmd struct{}

// versionOutput is the JSON of `keyferry version`.
type versionOutput struct {
	Version  string `json:"version"`
	Protocol int    `json:"protocol"`
	Go       string `json:"go"`
	System   string `json:"system"`
	Test     bool   `json:"test,omitempty"`
}

// Run implements the command.
func (versionCmd) Run(a *app) error {
	out := versionOutput{version, protocol.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, a.build.isTest()}
	return a.print(out, func(w io.Writer) { fmt.Fprintln(w, "keyferry", version) })
}
