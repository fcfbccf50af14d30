package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/keyferry/keyferry/host/cmdline"
)

type manualCmd struct{}

// Run implements the command: keyferry(1), from the very model that the command line is parsed by.
func (manualCmd) Run(a *app) error {
	writeManual(a.out, a.program)
	return nil
}

func writeManual(w io.Writer, program *cmdline.Command) {
	fmt.Fprintf(w, ".TH KEYFERRY 1 \"\" \"Keyferry %s\" \"User Commands\"\n", version)
	fmt.Fprintln(w, ".SH NAME\nkeyferry \\- a passkey manager without lock\\-in")
	fmt.Fprintln(w, ".SH SYNOPSIS\n.B keyferry\n.RI [ options ] \" command\" \" \" [ arguments ]")
	fmt.Fprintln(w, ".SH DESCRIPTION")
	for paragraph := range strings.SplitSeq(about, "\n\n") {
		fmt.Fprintf(w, "%s\n.PP\n", roff(paragraph))
	}
	fmt.Fprintln(w, ".SH OPTIONS")
	writeFlags(w, program)
	fmt.Fprintln(w, ".SH COMMANDS")
	writeCommands(w, program)
	fmt.Fprintln(w, ".SH EXIT STATUS\n0: done. 1: failed; the reason is on standard error. 2: wrong usage.")
	fmt.Fprintln(w, ".SH FILES")
	for _, f := range [][2]string{
		{"~/.local/share/keyferry/", "the vaults, one folder each"},
		{"~/.config/keyferry/config", "settings; need not exist"},
		{"~/.local/state/keyferry/", "logs; no secret is ever in them"},
	} {
		fmt.Fprintf(w, ".TP\n.I %s\n%s\n", roff(f[0]), roff(f[1]))
	}
}

func writeCommands(w io.Writer, above *cmdline.Command) {
	for _, c := range above.Shown() {
		fmt.Fprintf(w, ".SS %s", roff(c.Path()))
		for _, a := range c.Arguments {
			fmt.Fprintf(w, " %s", roff(a.String()))
		}
		fmt.Fprintf(w, "\n%s\n", roff(c.Help))
		for _, a := range c.Arguments {
			fmt.Fprintf(w, ".TP\n.I %s\n%s\n", roff(a.String()), roff(a.Help))
		}
		writeFlags(w, c)
		writeCommands(w, c)
	}
}

func writeFlags(w io.Writer, c *cmdline.Command) {
	for _, f := range c.ShownFlags() {
		fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(f.String()), roff(f.Help))
	}
}

// roff escapes a text for man: a hyphen stays one that can be copied, and no line begins with a control character.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
