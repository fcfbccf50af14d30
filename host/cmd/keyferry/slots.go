package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/protocol"
)

type slotsCmd struct {
	List   slotsListCmd   `cmd:"" default:"1" help:"List the ways to open the vault."`
	Add    slotsAddCmd    `cmd:"" help:"Add a passphrase, a recovery phrase or the login keyring."`
	Change slotsChangeCmd `cmd:"" help:"Change a passphrase."`
	Remove slotsRemoveCmd `cmd:"" help:"Remove one, and make new keys."`
}

type slotsListCmd struct{}

// Run implements the command.
func (slotsListCmd) Run(a *app) error {
	list, err := a.slots()
	if err != nil {
		return err
	}
	return a.print(list, func(w io.Writer) {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "KIND\tLABEL\tMADE\tCOST OF A GUESS\tID")
		for _, s := range list {
			cost := "-"
			if s.MemoryKiB > 0 {
				cost = fmt.Sprintf("%d MiB, %d passes", s.MemoryKiB>>10, s.Passes)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.Kind, cmp.Or(plain(s.Label), "-"), day(s.CreatedAt), cost, s.ID)
		}
		table.Flush()
	})
}

func (a *app) slots() ([]protocol.Slot, error) {
	var list protocol.SlotList
	err := a.call("slots.list", func(protocol.Secret) any { return protocol.Empty{} }, &list)
	return list.Slots, err
}

// slotID returns the ID of the slot that a name means: the beginning of its ID, its label, or its kind. With no name it is
// the only one of a kind.
func (a *app) slotID(name, kind string) (string, error) {
	list, err := a.slots()
	if err != nil {
		return "", err
	}
	name = strings.TrimPrefix(name, idMark)
	var found []string
	for _, s := range list {
		if name == "" && s.Kind == kind || name != "" && (strings.HasPrefix(s.ID, name) || s.Label == name || s.Kind == name) {
			found = append(found, s.ID)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("%d ways into the vault fit; nothing was changed; say the ID of the one, from `keyferry slots`", len(found))
	}
	return "", protocol.Errorf(protocol.CodeNotFound, "no way into the vault is called %q; `keyferry slots` lists them", plain(cmp.Or(name, kind)))
}

type slotsAddCmd struct {
	Kind  string `arg:"" enum:"passphrase,recovery,keyring" help:"passphrase, recovery or keyring."`
	Label string `help:"What to call it." placeholder:"TEXT"`

	NoCheck bool `help:"Don't ask for three words of a new recovery phrase, to see that it was written down."`
}

// Run implements the command. What lies in the login keyring opens the vault at the first start of a login; it is never
// there unless it was asked for.
func (c slotsAddCmd) Run(a *app) error {
	var made protocol.SlotAdded
	body := func(proof, fresh protocol.Secret) any {
		return protocol.SlotAdd{Kind: c.Kind, Label: c.Label, Secret: proof, New: fresh}
	}
	err := a.askNew("slots.add", a.freshFor(c.Kind), body, &made)
	if err != nil {
		return err
	}
	err = a.print(made, func(w io.Writer) {
		switch c.Kind {
		case "passphrase":
			fmt.Fprintln(w, "The new passphrase opens the vault, too.")
		case "keyring":
			fmt.Fprintln(w, "The login keyring now opens the vault when you log in. Any program of yours can read it there\nwhile you are logged in; it never confirms a sign-in for you, and after a lock you are asked.")
		default:
			recoveryText(w, "One more recovery phrase opens the vault.", made.RecoveryPhrase)
		}
	})
	if err != nil || c.NoCheck || c.Kind != "recovery" {
		return err
	}
	return a.checkPhrase(made.RecoveryPhrase)
}

// freshFor asks at the terminal for the new secret of a kind that people choose.
func (a *app) freshFor(kind string) func(*link.Client) (protocol.Secret, error) {
	return func(client *link.Client) (protocol.Secret, error) {
		if kind != "passphrase" {
			return protocol.Secret{}, nil
		}
		typed, err := a.newPassphrase(client)
		defer clear(typed)
		return protocol.Secret{Passphrase: string(typed)}, err
	}
}

type slotsChangeCmd struct {
	Slot string `arg:"" optional:"" help:"The passphrase's ID, the beginning of it, or its label, where there are several."`
}

// Run implements the command.
func (c slotsChangeCmd) Run(a *app) error {
	id, err := a.slotID(c.Slot, "passphrase")
	if err != nil {
		return err
	}
	body := func(proof, fresh protocol.Secret) any { return protocol.SlotChange{ID: id, Secret: proof, New: fresh} }
	if err := a.askNew("slots.change", a.freshFor("passphrase"), body, nil); err != nil {
		return err
	}
	return a.print(map[string]string{"changed": id}, func(w io.Writer) {
		fmt.Fprintln(w, "The passphrase is changed. If the old one may have been seen, run `keyferry rekey` too.")
	})
}

type slotsRemoveCmd struct {
	Slot string `arg:"" help:"Its ID, the beginning of it, its label, or its kind where there is one of that."`
}

// Run implements the command.
func (c slotsRemoveCmd) Run(a *app) error {
	id, err := a.slotID(c.Slot, "")
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "keyferry: removing it makes new keys for everything that is stored; that takes a moment")
	if err := a.call("slots.remove", func(s protocol.Secret) any { return protocol.SlotRemove{ID: id, Secret: s} }, nil); err != nil {
		return err
	}
	return a.print(map[string]string{"removed": id}, func(w io.Writer) {
		fmt.Fprintln(w, "It opens the vault no more, and the keys are new. Old copies of the vault's files still open with it.")
	})
}

type rekeyCmd struct{}

// Run implements the command.
func (rekeyCmd) Run(a *app) error {
	if err := a.call("rekey", func(s protocol.Secret) any { return protocol.Rekey{Secret: s} }, nil); err != nil {
		return err
	}
	return a.print(map[string]bool{"rekeyed": true}, func(w io.Writer) {
		fmt.Fprintln(w, "Everything is sealed under new keys; every passphrase stays as it is. If one of them was seen,\nchange it too: `keyferry slots change`.")
	})
}
