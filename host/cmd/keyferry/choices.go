package main

import (
	"fmt"
	"io"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

type settingsCmd struct {
	LockAfter     *time.Duration `help:"Lock after this long without a sign-in: 1m to 12h." placeholder:"15m"`
	VerifyFor     *time.Duration `help:"How long it counts that you proved it is you: 0s to 10m." placeholder:"60s"`
	LockOnScreen  *bool          `negatable:"" help:"Lock with the screen."`
	LockOnSuspend *bool          `negatable:"" help:"Lock when the computer is suspended."`
}

// Run implements the command. Without a flag it shows the settings.
func (c settingsCmd) Run(a *app) error {
	client, _, err := a.connect(true)
	if err != nil {
		return err
	}
	defer client.Close()
	var s protocol.Settings
	if err := a.ask(client, "settings.get", func(protocol.Secret) any { return protocol.Empty{} }, &s); err != nil {
		return err
	}
	if c == (settingsCmd{}) {
		return a.print(s, func(w io.Writer) { choicesText(w, s) })
	}
	c.change(&s)
	body := func(proof protocol.Secret) any { s.Secret = proof; return s }
	var now protocol.Settings
	if err := a.ask(client, "settings.set", body, &now); err != nil {
		return err
	}
	return a.print(now, func(w io.Writer) { choicesText(w, now) })
}

func (c settingsCmd) change(s *protocol.Settings) {
	if c.LockAfter != nil {
		s.LockAfterMs = c.LockAfter.Milliseconds()
	}
	if c.VerifyFor != nil {
		s.VerifyForMs = c.VerifyFor.Milliseconds()
	}
	if c.LockOnScreen != nil {
		s.LockOnScreen = *c.LockOnScreen
	}
	if c.LockOnSuspend != nil {
		s.LockOnSuspend = *c.LockOnSuspend
	}
}

func choicesText(w io.Writer, s protocol.Settings) {
	span := func(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
	fmt.Fprintf(w, "Locks after:             %s without a sign-in\n", span(s.LockAfterMs))
	fmt.Fprintf(w, "Locks with the screen:   %s\n", yesNo(s.LockOnScreen))
	fmt.Fprintf(w, "Locks when suspended:    %s\n", yesNo(s.LockOnSuspend))
	fmt.Fprintf(w, "A proof that it is you:  counts for %s\n", span(s.VerifyForMs))
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
