package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
)

type pinCmd struct {
	Set    pinSetCmd    `cmd:"" help:"Set a PIN that opens the vault after a lock by time or screen."`
	Remove pinRemoveCmd `cmd:"" help:"Forget the PIN."`
}

type pinSetCmd struct{}

// Run implements the command.
func (pinSetCmd) Run(a *app) error {
	body := func(proof, fresh protocol.Secret) any { return protocol.PinSet{Secret: proof, New: fresh} }
	if err := a.askNew("pin.set", a.newPIN, body, nil); err != nil {
		return err
	}
	return a.print(map[string]bool{"pin": true}, func(w io.Writer) {
		fmt.Fprintln(w, "The PIN opens the vault after a lock by time or screen, until you log out, for 12 hours at most.\nFive wrong tries, `keyferry lock` and suspending erase it. Whoever reads this agent's memory can guess it.")
	})
}

// newPIN asks twice. Whether it is good enough is for the agent to say.
func (a *app) newPIN(*link.Client) (protocol.Secret, error) {
	first, err := a.secret("New PIN (6 to 12 digits): ")
	if err != nil {
		return protocol.Secret{}, err
	}
	defer clear(first)
	second, err := a.secret("The same again: ")
	if err != nil {
		return protocol.Secret{}, err
	}
	defer clear(second)
	if !bytes.Equal(first, second) {
		return protocol.Secret{}, errors.New("the two PINs differ; nothing was changed")
	}
	return protocol.Secret{Pin: string(first)}, nil
}

type pinRemoveCmd struct{}

// Run implements the command.
func (pinRemoveCmd) Run(a *app) error {
	if err := a.call("pin.set", func(s protocol.Secret) any { return protocol.PinSet{Remove: true, Secret: s} }, nil); err != nil {
		return err
	}
	return a.print(map[string]bool{"pin": false}, func(w io.Writer) {
		fmt.Fprintln(w, "The PIN is forgotten; only passphrases open the vault.")
	})
}
