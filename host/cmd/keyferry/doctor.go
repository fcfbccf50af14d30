package main

import (
	"fmt"
	"io"
	"time"

	"github.com/keyferry/keyferry/host/bridge"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/doctor"
)

type doctorCmd struct {
	Check doctorCheckCmd `cmd:"" default:"withargs" help:"Look at everything that a sign-in passes through."`
	Vault doctorVaultCmd `cmd:"" help:"Verify the whole vault; save what can be saved of a damaged one."`
}

type doctorCheckCmd struct {
	Fix bool `help:"Repair what can be repaired without a decision of yours."`
}

// minFree is the disk space in bytes below which doctor warns: the vault writes a second copy of itself now and then.
const minFree = 256 << 20

// Run implements the command. Its exit code is 0 where no problem is left, 3 where one is.
func (c doctorCheckCmd) Run(a *app) error {
	patient, err := a.patient()
	if err != nil {
		return err
	}
	findings := doctor.Examine(a.ctx, patient)
	if a.ctx.Err() != nil {
		return a.ctx.Err()
	}
	if c.Fix {
		doctor.Fix(findings)
	}
	if err := a.print(findings, func(w io.Writer) { doctorText(w, findings) }); err != nil {
		return err
	}
	if doctor.Sick(findings) {
		return exitCode(exitFindings)
	}
	return nil
}

// patient is this user's installation.
func (a *app) patient() (doctor.Patient, error) {
	i, err := a.installer(false, false)
	if err != nil {
		return doctor.Patient{}, err
	}
	return doctor.Patient{
		Profile: a.profile, Installer: i, Version: version, Where: bridge.Where(ttyName()), Root: "/",
		MinFree: minFree, Timeout: 10 * time.Second, Now: time.Now(),
		Config: func() (consent.Config, error) {
			conf, err := readSettings(a.profile.ConfigFile)
			return conf.dialogs, err
		},
	}, nil
}

func doctorText(w io.Writer, findings []doctor.Finding) {
	problems, fixable := 0, 0
	for _, f := range findings {
		mark := "ok     "
		switch {
		case f.Fixed:
			mark = "fixed  "
		case f.Level == doctor.Note:
			mark = "note   "
		case f.Level == doctor.Problem:
			mark = "PROBLEM"
			problems++
			if f.Fixable {
				fixable++
			}
		}
		fmt.Fprintf(w, "%s  %s\n", mark, plainLine(f.What))
		switch {
		case f.Failed != "":
			fmt.Fprintf(w, "         could not be repaired: %s\n         do: %s\n", plainLine(f.Failed), plainLine(f.Do))
		case f.Do != "" && !f.Fixed:
			fmt.Fprintf(w, "         do: %s\n", plainLine(f.Do))
		}
	}
	switch {
	case problems == 0:
		fmt.Fprintln(w, "\nNothing is wrong.")
	case fixable > 0:
		fmt.Fprintf(w, "\nProblems: %d. `keyferry doctor --fix` repairs %d of them.\n", problems, fixable)
	default:
		fmt.Fprintf(w, "\nProblems: %d.\n", problems)
	}
}
