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
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
)

// app is what the commands share.
type app struct {
	ctx     context.Context
	build   build
	profile paths.Profile
	json    bool
	out     io.Writer
	typed   []byte // a passphrase that was typed during this command; asked for once, erased at the end
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
			fmt.Fprintln(os.Stderr, "Wrong passphrase.")
		}
		if a.typed == nil {
			typed, asking := a.secret("Passphrase: ")
			if asking != nil {
				return asking
			}
			a.typed = typed
		}
		err = client.Call(a.ctx, typ, body(protocol.Secret{Passphrase: string(a.typed)}), out)
	}
	return err
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
		_, err := a.out.Write(b.Bytes())
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
	case protocol.CodeNoVault:
		return "make one with `keyferry create`, or on the welcome page of the browser extension"
	case protocol.CodeVaultExists:
		return "`keyferry unlock` opens it"
	case protocol.CodeWrongSecret:
		return "if the passphrase is forgotten: `keyferry unlock --recovery`"
	case protocol.CodeAgentGone:
		return "the agent's log may say why; try the command again"
	}
	return ""
}
