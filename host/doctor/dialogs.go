package doctor

import (
	"bufio"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/keyferry/keyferry/host/consent"
)

// dialogs looks at the configuration, and for a program that can ask the person.
func (e *examination) dialogs() {
	conf, err := e.Config()
	if err != nil {
		e.found("configuration", "config-bad", Problem, "the configuration can't be understood, and no agent starts with it: "+err.Error(), "correct that line, or remove it", nil)
		return
	}
	finder, err := consent.NewFinder(conf)
	if err != nil {
		e.found("dialogs", "pinentry-missing", Problem, err.Error(), "install it, or correct pinentry-program in "+e.Profile.ConfigFile, nil)
		return
	}
	if conf.Pinentry != "" {
		if err := e.speaksAssuan(conf.Pinentry); err != nil {
			e.found("dialogs", "pinentry-broken", Problem, conf.Pinentry+" does not work as a pinentry: "+err.Error(), "name another one in "+e.Profile.ConfigFile, nil)
			return
		}
	}
	switch prompter, err := finder.Find(e.Where); {
	case errors.Is(err, consent.ErrNoDialog):
		e.found("dialogs", "dialog-none", Note, "no dialog can be shown here: your passphrase is typed into the extension's page or the terminal",
			"install a pinentry for your desktop (pinentry-gnome3, pinentry-qt, pinentry-gtk2)", nil)
	case err != nil:
		e.found("dialogs", "dialog-settings", Problem, err.Error(), "correct DISPLAY and its like in your environment", nil)
	default:
		e.well("dialogs", "your passphrase is asked for by %s", prompter.Kind())
	}
}

// speaksAssuan starts a pinentry and waits for its greeting; it shows nothing.
func (e *examination) speaksAssuan(program string) error {
	ctx, cancel := context.WithTimeout(e.ctx, e.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { out.Close() })
	defer stop()
	line, _ := bufio.NewReaderSize(out, 1<<10).ReadSlice('\n')
	greeted := strings.HasPrefix(string(line), "OK")
	in.Close() // its end; how it takes that is its own affair
	_ = cmd.Cancel()
	_ = cmd.Wait()
	if !greeted {
		return errors.New("it does not greet")
	}
	return nil
}
