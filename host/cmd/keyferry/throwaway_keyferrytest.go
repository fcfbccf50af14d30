//go:build keyferrytest

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/keyferry/keyferry/host/agent"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/link"
	"github.com/keyferry/keyferry/host/paths"
)

// takeVault finds `--vault DIR` among the arguments: any command then works on a throwaway vault in that folder, which
// is made and unlocked as need be. The agent is this very process, so that none is left running however it ends.
func takeVault(args []string) (dir string, rest []string, ok bool) {
	for i, arg := range args {
		if arg == "--vault" && i+1 < len(args) {
			return args[i+1], append(append(rest, args[:i]...), args[i+2:]...), true
		}
		if dir, found := strings.CutPrefix(arg, "--vault="); found {
			return dir, append(append(rest, args[:i]...), args[i+1:]...), true
		}
	}
	return "", args, false
}

// makeThrowaway makes the folder with its setting, which allows everything until somebody writes another one.
func makeThrowaway(dir, profile string) (paths.Profile, error) {
	p, err := makeTestbed(dir, profile)
	if err != nil {
		return p, err
	}
	if _, err := p.ReadTestbed(); errors.Is(err, fs.ErrNotExist) {
		return p, p.WriteTestbed(paths.Testbed{Consent: "allow", Passphrase: strings.ToLower(rand.Text() + "-" + rand.Text())})
	} else if err != nil {
		return p, err
	}
	return p, nil
}

// begin runs the agent in this process for a throwaway vault, and opens the vault.
func (b build) begin(a *app, command string) (end func(), err error) {
	if !b.alone || command == "agent" || command == "provide" {
		return func() {}, nil
	}
	setting, err := a.profile.ReadTestbed()
	if err != nil {
		return nil, err
	}
	stop, err := b.runAgent(a)
	if err != nil {
		return nil, err
	}
	if command == "create" || command == "lock" || command == "unlock" {
		return stop, nil
	}
	if err := openTestbed(a, a.profile, setting.Passphrase); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

func (b build) runAgent(a *app) (stop func(), err error) {
	known, err := b.extensions(a.profile)
	if err != nil {
		return nil, err
	}
	dialogs, err := consent.NewFinder(consent.Config{})
	if err != nil {
		return nil, err
	}
	logFile, err := openLog(a.profile.LogFile)
	if err != nil {
		return nil, err
	}
	ln, err := link.Listen(a.ctx, a.profile)
	for n := 0; errors.Is(err, link.ErrRunning) && n < 600; n++ { // another command is at work on this vault
		time.Sleep(50 * time.Millisecond)
		ln, err = link.Listen(a.ctx, a.profile)
	}
	if err != nil {
		return nil, errors.Join(err, logFile.Close())
	}
	place, err := b.exchangePlace(a.profile)
	if err != nil {
		return nil, errors.Join(err, logFile.Close(), ln.Close())
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(a.ctx))
	ended := make(chan error, 1)
	config := agent.Config{
		Profile: a.profile, Version: version, Log: zerolog.New(logFile).With().Timestamp().Logger(), Prompt: dialogs.Find,
		Callers: known.Knows, Test: b.decider(a.profile), Vault: b.vaultOptions(),
		Exchange: place,
	}
	go func() { ended <- agent.Run(ctx, config, ln) }()
	return func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, agent.ErrLocked) {
			fmt.Fprintln(os.Stderr, "keyferry:", err)
		}
		logFile.Close()
	}, nil
}

// answers says that the setting answers the questions that a person is asked at the terminal.
func (b build) answers(p paths.Profile) bool {
	t, err := p.ReadTestbed()
	return err == nil && t.Consent == "allow"
}
