package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/keyferry/keyferry/host/cmdline"
)

// grammar is the command line.
type grammar struct {
	JSON    bool   `help:"Print JSON, for scripts." name:"json"`
	Profile string `help:"Which of several vaults, such as \"work\"; without it, the one called \"default\"." default:"default" placeholder:"NAME"`

	Status  statusCmd  `cmd:"" help:"Say how things stand: vault, agent, dialogs."`
	Create  createCmd  `cmd:"" help:"Make the vault, and show its recovery phrase once."`
	Unlock  unlockCmd  `cmd:"" help:"Unlock the vault for all browsers."`
	Lock    lockCmd    `cmd:"" help:"Lock the vault and forget everything that was open."`
	List    listCmd    `cmd:"" help:"List what is stored (asks for your passphrase)."`
	Show    showCmd    `cmd:"" help:"Show one entry, without its secrets."`
	Rename  renameCmd  `cmd:"" help:"Change what an entry is called."`
	Trash   trashCmd   `cmd:"" help:"Put entries into the trash, for 30 days."`
	Untrash untrashCmd `cmd:"" help:"Take entries out of the trash again."`

	Profiles   profilesCmd   `cmd:"" help:"List your vaults. \"keyferry --profile work create\" makes one called work."`
	EmptyTrash emptyTrashCmd `cmd:"" help:"Destroy for good what is in the trash."`

	Slots    slotsCmd    `cmd:"" help:"List, add, change or remove the ways to open the vault."`
	Pin      pinCmd      `cmd:"" help:"Set a PIN for the running agent, or remove it."`
	Rekey    rekeyCmd    `cmd:"" help:"Make new keys, when your passphrase may have been seen."`
	Settings settingsCmd `cmd:"" help:"Show or change when the vault locks and asks."`
	Audit    auditCmd    `cmd:"" help:"Read the log of what was done with your passkeys."`
	moveCommands

	Pair      pairCmd      `cmd:"" help:"Let a browser in that shows this code."`
	Browsers  browsersCmd  `cmd:"" help:"List the browsers that were let in, or shut one out."`
	Install   installCmd   `cmd:"" help:"Tell browsers where Keyferry is."`
	Uninstall uninstallCmd `cmd:"" help:"Take Keyferry out of browsers again. The vault stays."`
	Doctor    doctorCmd    `cmd:"" help:"Find out what is wrong, and what to do about it."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
	Exchange  exchangeCmd  `cmd:"" hidden:"" help:"Exchange credentials with the app that starts this."`
	Agent     agentCmd     `cmd:"" hidden:"" help:"Run the vault's agent. Browsers and the other commands start it."`
}

const about = `Keyferry keeps your passkeys in an encrypted vault on this computer and signs them in for your browsers.

To begin: run "keyferry install chromium" (or chrome, or firefox), add the browser extension, and follow its welcome page. Without a desktop, "keyferry create" makes the vault in the terminal.`

// runCLI parses and runs a command. 0: done, 1: failed, 2: wrong usage; `doctor` has more (see exitFindings).
func runCLI(ctx context.Context, b build, args []string) int {
	var g grammar
	program, err := cmdline.New("keyferry", about, &g)
	if err == nil {
		err = b.commands(program)
	}
	if err != nil {
		return new(app).complain(err, 1)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := program.Parse(markIDs(args))
	if errors.Is(err, cmdline.ErrHelp) {
		fmt.Print(command.HelpText())
		return 0
	}
	if err != nil {
		new(app).complain(err, 2)
		fmt.Fprintln(os.Stderr, "keyferry: `keyferry --help` lists the commands.")
		return 2
	}
	b.loud()
	a := &app{ctx: ctx, build: b, vault: g.Profile, program: program, json: g.JSON, out: os.Stdout}
	defer a.close()
	if needsProfile(command.Path()) {
		if a.profile, err = b.profile(g.Profile); err != nil {
			return a.complain(err, 1)
		}
		if err := a.checkProfile(command.Path()); err != nil {
			return a.complain(err, 1)
		}
		end, err := b.begin(a, command.Path())
		if err != nil {
			return a.complain(err, 1)
		}
		defer end()
	}
	does, ok := command.Target.(interface{ Run(*app) error })
	if !ok {
		return a.complain(fmt.Errorf("%q does nothing yet", command.Path()), 1)
	}
	err = does.Run(a)
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code): // what there was to say has been said
		return int(code)
	}
	return a.complain(err, 1)
}

// exitCode ends the command with a code that says what was found; the output has said it in words.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// Exit codes of `keyferry doctor`, besides 0: all is well, 1: it could not be found out, 2: wrong usage.
const (
	exitFindings = 3 // something is wrong
	exitLoss     = 4 // a salvage could not save everything
)

// needsProfile says whether a command has to do with a vault.
func needsProfile(command string) bool {
	if strings.HasPrefix(command, "cxp inspect") {
		return false
	}
	name, _, _ := strings.Cut(command, " ")
	return name != "version" && name != "install" && name != "uninstall" && name != "testbed"
}

func (a *app) complain(err error, code int) int {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted; nothing was changed")
	}
	fmt.Fprintf(os.Stderr, "keyferry: %s\n", a.spell(err.Error()))
	if h := hint(err); h != "" {
		fmt.Fprintf(os.Stderr, "keyferry: %s\n", a.spell(h))
	}
	return code
}
