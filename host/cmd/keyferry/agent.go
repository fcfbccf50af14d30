package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rs/zerolog"

	"github.com/keyferry/keyferry/host/agent"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/link"
)

// agentCmd runs the agent in this process. Its flags are what the process before a lock hands over.
type agentCmd struct {
	InheritListener int `hidden:"" help:"File descriptor of the listening socket."`
	InheritPin      int `hidden:"" help:"File descriptor of the sealed PIN."`
}

// Run implements the command. It returns when the agent has been idle and locked for a while, or was told to end.
func (c agentCmd) Run(a *app) error {
	// First, before there is anything to read: after an exec too, which undoes it.
	if err := agent.Harden(); err != nil {
		return err
	}
	ignoreBrokenPipe()
	conf, err := readSettings(a.profile.ConfigFile)
	if err != nil {
		return err
	}
	known, err := a.build.extensions(a.profile)
	if err != nil {
		return err
	}
	dialogs, err := consent.NewFinder(conf.dialogs)
	if err != nil {
		return err
	}
	if err := a.profile.EnsureLogDir(); err != nil {
		return err
	}
	logFile, err := openLog(a.profile.LogFile)
	if err != nil {
		return err
	}
	defer logFile.Close()
	log := zerolog.New(logFile).Level(conf.logLevel).With().Timestamp().Int("agent", os.Getpid()).Logger()

	handover := agent.Handover{ListenerFD: c.InheritListener, PINFD: c.InheritPin}
	ln, err := handover.Listener()
	if ln == nil && err == nil {
		ln, err = link.Listen(a.ctx, a.profile)
	}
	if err != nil {
		log.Error().Err(err).Msg("no socket")
		return err
	}
	place, err := a.build.exchangePlace(a.profile)
	if err != nil { // the vault serves browsers all the same
		log.Warn().Err(err).Msg("no direct exchange with other apps")
	}
	err = agent.Run(a.ctx, agent.Config{
		Profile: a.profile, Version: version, Log: log, Prompt: dialogs.Find, Callers: known.Knows,
		Args: append(slices.Clone(a.profile.Args()), "agent"), Handover: handover, Test: a.build.decider(a.profile),
		Exchange: place, Vault: a.build.vaultOptions(),
	}, ln)
	if errors.Is(err, agent.ErrLocked) && errorsOf(err) == 1 {
		return nil // on a system without exec this is how a lock ends
	}
	if err != nil {
		log.Error().Err(err).Msg("the agent ends")
	}
	return err
}

// maxLog is the size in bytes at which a log is put aside, once.
const maxLog = 4 << 20

// openLog opens the log for appending; a long one becomes FILE.old first.
func openLog(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, fmt.Errorf("can't put the long log aside: %w", err)
		}
	}
	f, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("can't open the log: %w", err)
	}
	return f, nil
}

// errorsOf counts what errors.Join put together.
func errorsOf(err error) int {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return len(joined.Unwrap())
	}
	return 1
}
