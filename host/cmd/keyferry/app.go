package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/keyferry/keyferry/host/bridge"
	"github.com/keyferry/keyferry/host/cmdline"
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

// app is what the commands share.
type app struct {
	ctx     context.Context
	build   build
	vault   string           // the profile's name as it was given
	program *cmdline.Command // the command line's own description
	profile paths.Profile
	json    bool
	out     io.Writer
	typed   []byte // a passphrase or PIN that was typed during this command; asked for once, erased at the end
	pin     bool   // the agent has a PIN, so that digits alone are one
}

// close erases what was typed.
func (a *app) close() { clear(a.typed) }

// connect reaches the agent, and starts one unless told not to ([link.ErrNoAgent]).
func (a *app) connect(start bool) (*link.Client, protocol.Status, error) {
	var starter link.Starter
	if start {
		starter = link.StartSelf()
	}
	hello := protocol.ClientHello{Protocol: protocol.Version, Version: version, Role: "cli", Where: bridge.Where(ttyName())}
	conn, greeting, err := link.Dial(a.ctx, a.profile, hello, starter)
	if err != nil {
		return nil, protocol.Status{}, err
	}
	a.pin = greeting.Status.Pin
	return link.NewClient(conn, nil), greeting.Status, nil
}

// call connects, makes one call and disconnects. See [app.ask] for body.
func (a *app) call(typ string, body func(protocol.Secret) any, out any) error {
	client, _, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	return a.ask(client, typ, body, out)
}

// ask makes a call. Where the agent can show no dialog, the passphrase is asked for at the terminal and goes with the
// call; a vault that is locked is unlocked first.
func (a *app) ask(client *link.Client, typ string, body func(protocol.Secret) any, out any) error {
	err := a.askTyped(client, typ, body, out)
	if !link.IsCode(err, protocol.CodeLocked) || typ == "unlock" {
		return err
	}
	unlock := func(s protocol.Secret) any { return protocol.Unlock{Secret: s} }
	if err := a.askTyped(client, "unlock", unlock, nil); err != nil {
		return err
	}
	return a.askTyped(client, typ, body, out)
}

func (a *app) askTyped(client *link.Client, typ string, body func(protocol.Secret) any, out any) error {
	const tries = 3
	err := client.Call(a.ctx, typ, body(protocol.Secret{}), out)
	for n := 1; n <= tries && (link.IsCode(err, protocol.CodeNoDialog) || n > 1 && link.IsCode(err, protocol.CodeWrongSecret)); n++ {
		if n > 1 {
			clear(a.typed)
			a.typed = nil
			a.wrong(err)
		}
		if asking := a.askSelf(); asking != nil {
			return asking
		}
		err = client.Call(a.ctx, typ, body(a.typedSecret()), out)
	}
	return err
}

// askSelf asks at the terminal for what opens the vault, unless it was typed already.
func (a *app) askSelf() (err error) {
	if a.typed != nil {
		return nil
	}
	prompt := "Passphrase: "
	if a.pin {
		prompt = "PIN or passphrase: "
	}
	a.typed, err = a.secret(prompt)
	return err
}

// typedSecret is what was typed. Digits alone are the PIN where one is set; no passphrase is as weak as that.
func (a *app) typedSecret() protocol.Secret {
	if a.pin && len(bytes.Trim(a.typed, "0123456789")) == 0 {
		return protocol.Secret{Pin: string(a.typed)}
	}
	return protocol.Secret{Passphrase: string(a.typed)}
}

// wrong says before the next try that this one was wrong; the agent counts the tries of a PIN.
func (a *app) wrong(err error) {
	if a.pin {
		fmt.Fprintf(os.Stderr, "%v.\n", err)
		return
	}
	fmt.Fprintln(os.Stderr, "Wrong passphrase.")
}

// askNew makes a call that sets a secret. Where the agent can show no dialog, the present one and the new one are asked
// for at the terminal.
func (a *app) askNew(typ string, fresh func(*link.Client) (protocol.Secret, error), body func(proof, fresh protocol.Secret) any, out any) error {
	client, _, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	err = client.Call(a.ctx, typ, body(protocol.Secret{}, protocol.Secret{}), out)
	if !link.IsCode(err, protocol.CodeNoDialog) {
		return err
	}
	if err := a.askSelf(); err != nil {
		return err
	}
	secret, err := fresh(client)
	if err != nil {
		return err
	}
	return a.ask(client, typ, func(proof protocol.Secret) any { return body(proof, secret) }, out)
}

// secret asks at the terminal, without echo.
func (a *app) secret(prompt string) ([]byte, error) {
	t, err := openTerminal()
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return t.secret(a.ctx, prompt)
}

// print writes a value as JSON where that was asked for, else as text.
func (a *app) print(v any, text func(w io.Writer)) error {
	if !a.json {
		var b bytes.Buffer
		text(&b)
		_, err := io.WriteString(a.out, a.spell(b.String()))
		return err
	}
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// hint is what to do about an error, in a line of its own; "" where the error says it.
func hint(err error) string {
	var refusal *protocol.Error
	if !errors.As(err, &refusal) {
		return ""
	}
	switch refusal.Code {
	case protocol.CodeNoProfile:
		return "`keyferry create` makes it; `keyferry profiles` lists those that there are"
	case protocol.CodeNoVault:
		return "make one with `keyferry create`, or on the welcome page of the browser extension"
	case protocol.CodeVaultExists:
		return "`keyferry unlock` opens it"
	case protocol.CodeWrongSecret:
		return "if the passphrase is forgotten: `keyferry unlock --recovery`"
	case protocol.CodeAgentGone:
		return "the agent's log may say why; try the command again"
	case protocol.CodeVaultDamaged, protocol.CodeReadOnly:
		return "`keyferry doctor vault` says what is damaged, and with --salvage DIR saves the rest"
	case protocol.CodeVaultInUse:
		return "end that process, or wait for it; nothing was changed"
	case protocol.CodeVersion:
		return "`keyferry doctor` says which side is older"
	}
	return ""
}
