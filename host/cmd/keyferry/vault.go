package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/transfer"
)

type createCmd struct {
	NoCheck bool `help:"Don't ask for three words of the recovery phrase, to see that it was written down."`
}

// Run implements the command. The agent's dialog asks for the new passphrase; without one the terminal does.
func (c createCmd) Run(a *app) error {
	client, status, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	if status.Vault != "none" {
		return protocol.Errorf(protocol.CodeVaultExists, "there is a vault already in %s", a.profile.VaultDir)
	}
	var made protocol.VaultCreated
	err = client.Call(a.ctx, "vault.create", protocol.VaultCreate{}, &made)
	if link.IsCode(err, protocol.CodeNoDialog) {
		passphrase, asking := a.newPassphrase(client)
		if asking != nil {
			return asking
		}
		defer clear(passphrase)
		err = client.Call(a.ctx, "vault.create", protocol.VaultCreate{Secret: protocol.Secret{Passphrase: string(passphrase)}}, &made)
	}
	if err != nil {
		return err
	}
	joined, err := a.joinOthers()
	if err != nil {
		fmt.Fprintf(os.Stderr, "keyferry: other apps don't find this vault yet: %v\n", err)
	}
	err = a.print(made, func(w io.Writer) {
		recoveryText(w, "The vault is made.", made.RecoveryPhrase)
		if joined {
			fmt.Fprintln(w, "\nOther apps on this computer, and your other vaults, can exchange with it.")
		}
	})
	if err != nil || c.NoCheck {
		return err
	}
	return a.checkPhrase(made.RecoveryPhrase)
}

// joinOthers registers a further profile with the other apps of this computer, where Keyferry is known to them already:
// `keyferry install` registers those that there are at that time.
func (a *app) joinOthers() (joined bool, err error) {
	if a.build.isTest() || a.profile.Name == paths.DefaultProfile {
		return false, nil
	}
	i, err := a.installer(false, false)
	if err != nil || !i.HasProvider(transfer.RPID) {
		return false, err
	}
	steps, err := i.InstallProvider(transfer.Registration(a.profile.Name, exchangeCommand(i.Program, a.profile)))
	return len(steps) > 0, err
}

// newPassphrase asks twice, and again as long as it is too weak.
func (a *app) newPassphrase(client *link.Client) ([]byte, error) {
	for {
		first, err := a.secret("New passphrase: ")
		if err != nil {
			return nil, err
		}
		var strength protocol.PassphraseStrength
		if err := client.Call(a.ctx, "passphrase.check", protocol.PassphraseCheck{Passphrase: string(first)}, &strength); err != nil {
			clear(first)
			return nil, err
		}
		fmt.Fprintln(os.Stderr, strength.Verdict)
		if !strength.Accept {
			clear(first)
			continue
		}
		second, err := a.secret("The same again: ")
		if err != nil {
			clear(first)
			return nil, err
		}
		same := bytes.Equal(first, second)
		clear(second)
		if same {
			return first, nil
		}
		clear(first)
		fmt.Fprintln(os.Stderr, "The two differ; once more.")
	}
}

type unlockCmd struct {
	Recovery bool `help:"Open it with the recovery phrase, typed at the terminal."`
}

// Run implements the command.
func (c unlockCmd) Run(a *app) error {
	var status protocol.Status
	var err error
	if c.Recovery {
		err = a.unlockByPhrase(&status)
	} else {
		err = a.call("unlock", func(s protocol.Secret) any { return protocol.Unlock{Secret: s} }, &status)
	}
	if err != nil {
		return err
	}
	return a.print(status, func(w io.Writer) { fmt.Fprintln(w, "The vault is unlocked.") })
}

func (a *app) unlockByPhrase(status *protocol.Status) error {
	phrase, err := a.secret("Recovery phrase: ")
	if err != nil {
		return err
	}
	defer clear(phrase)
	client, _, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	words := strings.Join(strings.Fields(string(phrase)), " ")
	return client.Call(a.ctx, "unlock", protocol.Unlock{Secret: protocol.Secret{Recovery: words}}, status)
}

type lockCmd struct{}

// Run implements the command. No agent, nothing unlocked; a PIN is forgotten too.
func (c lockCmd) Run(a *app) error {
	if err := c.release(a); err != nil {
		return err
	}
	return a.print(map[string]bool{"locked": true}, func(w io.Writer) { fmt.Fprintln(w, "The vault is locked.") })
}

// release makes an agent that has the vault open let go of it.
func (lockCmd) release(a *app) error {
	client, status, err := a.connect(false)
	if errors.Is(err, link.ErrNoAgent) {
		return nil
	}
	if err != nil {
		return err
	}
	defer client.Close()
	if status.Vault == "unlocked" || status.Pin {
		return a.lock(client)
	}
	return nil
}

// lock asks the agent to lock, and waits until it has: to lock it starts anew, and ends its connections before that.
func (a *app) lock(client *link.Client) error {
	err := client.Call(a.ctx, "lock", protocol.Lock{}, nil)
	switch {
	case link.IsCode(err, protocol.CodeAgentGone):
		return nil
	case err != nil:
		return err
	}
	ctx, cancel := context.WithTimeout(a.ctx, lockTime)
	defer cancel()
	if err := client.Closed(ctx); err != nil {
		return fmt.Errorf("the agent does not lock: %w; end its process to be sure", err)
	}
	// The next greeting comes from the process that knows nothing; the one before it has let go of the vault's files.
	again, _, err := a.connect(false)
	if errors.Is(err, link.ErrNoAgent) {
		return nil
	}
	if err != nil {
		return err
	}
	return again.Close()
}

// lockTime is how long locking may take; the agent gives what is under way two seconds.
const lockTime = 30 * time.Second
