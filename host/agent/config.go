package agent

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// Config is what an agent is started with.
type Config struct {
	Profile paths.Profile
	Version string // of the binary
	Log     zerolog.Logger
	// Prompt finds a dialog for where the person is; consent.ErrNoDialog where there is none.
	Prompt func(protocol.Where) (consent.Prompter, error)
	// Callers reports whether the binary knows an extension ("chrome-extension://ID/" or an add-on ID).
	Callers func(caller string) bool
	// Args start this agent again (without the program's name); [Run] adds the flags of [Handover] when it locks. Nil:
	// the program does not re-execute itself, and Run returns [ErrLocked] instead.
	Args []string
	// Handover is what the process before this one handed over when it locked.
	Handover Handover
	// Vault is how vaults are made and opened; the log is filled in.
	Vault vault.Options
	// Exchange is how other apps of this machine find and start this vault's side; zero: they don't.
	Exchange Exchange
	// SystemBus is the address of the D-Bus that logind is on; empty is the system's own.
	SystemBus string
	// Test answers in the person's stead. Only test builds have one.
	Test Decider
	// Limits; zero members are the defaults.
	Limits Limits
}

// Decision is what a [Decider] says.
type Decision int

// The decisions.
const (
	Ask   Decision = iota // ask the person, as ever
	Allow                 // yes, and the person counts as verified
	Deny
)

// Decider answers questions in a person's stead, for test builds. question is "create", "get", "verify" or "pair".
type Decider interface {
	Decide(question string) Decision
}

// Limits bound what others can make the agent hold or do.
type Limits struct {
	Connections  int           // at once; more are closed unheard
	Requests     int           // at once on one connection
	MessageBytes int           // of one message
	HeldBytes    int64         // of all requests at once
	HelloWithin  time.Duration // for the first frame
	WriteWithin  time.Duration // for a peer to take an answer
	Reattach     time.Duration // a ceremony lives on without a connection
	IdleEnd      time.Duration // locked and nobody connected
	Exchange     localexchange.Limits
	Dialogs      int           // that one asker's may be dismissed in a row
	WindWithin   time.Duration // for requests under way to end, and again for the vault to close, when the agent ends or locks
	CheapOpen    time.Duration // a passphrase that opens the vault in less may get a dearer derivation
	Keyring      time.Duration // for the login keyring to open the vault before somebody is told that it is locked
}

func (l Limits) withDefaults() Limits {
	d := Limits{
		Connections: 32, Requests: 64, MessageBytes: 2 << 20, HeldBytes: 32 << 20,
		HelloWithin: 10 * time.Second, WriteWithin: 20 * time.Second, Reattach: 20 * time.Second, IdleEnd: time.Minute,
		Dialogs: dialogBurst, WindWithin: time.Second, CheapOpen: cheapOpen, Keyring: 5 * time.Second,
	}
	for _, m := range []struct{ has, def *int }{
		{&l.Connections, &d.Connections}, {&l.Requests, &d.Requests}, {&l.MessageBytes, &d.MessageBytes}, {&l.Dialogs, &d.Dialogs},
	} {
		if *m.has == 0 {
			*m.has = *m.def
		}
	}
	for _, m := range []struct{ has, def *time.Duration }{
		{&l.HelloWithin, &d.HelloWithin}, {&l.WriteWithin, &d.WriteWithin}, {&l.Reattach, &d.Reattach}, {&l.IdleEnd, &d.IdleEnd},
		{&l.Keyring, &d.Keyring}, {&l.CheapOpen, &d.CheapOpen}, {&l.WindWithin, &d.WindWithin},
	} {
		if *m.has == 0 {
			*m.has = *m.def
		}
	}
	if l.HeldBytes == 0 {
		l.HeldBytes = d.HeldBytes
	}
	return l
}
