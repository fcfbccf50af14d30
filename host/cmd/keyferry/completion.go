package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/keyferry/keyferry/host/cmdline"
	"github.com/keyferry/keyferry/installers"
)

// writings adds commands that describe the command line itself; packages are built with them.
func writings(program *cmdline.Command) error {
	return errors.Join(
		program.Add("completion", "Print the completions for a shell: bash, zsh or fish.", false, &completionCmd{}),
		program.Add("manual", "Print the manual page, for man.", true, &manualCmd{}))
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run implements the command.
func (c completionCmd) Run(a *app) error {
	words := completions(a.program)
	switch c.Shell {
	case "bash":
		writeBash(a.out, words)
	case "zsh":
		writeZsh(a.out, words)
	case "fish":
		writeFish(a.out, words)
	}
	return nil
}

// completion is one command and what may follow it.
type completion struct {
	command, help string
	words         []string // flags, commands below it, browsers
}

// completions walks the commands: the first is the program itself.
func completions(program *cmdline.Command) []completion {
	top := completion{words: flagsOf(program)}
	all := []completion{}
	for _, n := range program.Shown() {
		top.words = append(top.words, n.Name)
		one := completion{command: n.Name, help: n.Help, words: flagsOf(n)}
		for _, below := range n.Shown() {
			one.words = append(one.words, below.Name)
		}
		if n.Name == "install" || n.Name == "uninstall" {
			for _, b := range installers.Browsers() {
				one.words = append(one.words, b.Name)
			}
		}
		all = append(all, one)
	}
	return append([]completion{top}, all...)
}

func flagsOf(c *cmdline.Command) (flags []string) {
	for _, f := range c.ShownFlags() {
		flags = append(flags, "--"+f.Name)
	}
	return flags
}

func writeBash(w io.Writer, all []completion) {
	fmt.Fprintln(w, "_keyferry() {\n  local word=${COMP_WORDS[COMP_CWORD]} command= i\n  COMPREPLY=()\n"+
		"  if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --profile ]]; then\n    COMPREPLY=($(compgen -W \"$(\"${COMP_WORDS[0]}\" profiles --names 2>/dev/null)\" -- \"$word\"))\n    return\n  fi\n"+
		"  for ((i = 1; i < COMP_CWORD; i++)); do\n    [[ ${COMP_WORDS[i]} == --profile ]] && { ((i++)); continue; }\n"+
		"    [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }\n  done\n  case $command in")
	for _, c := range all {
		fmt.Fprintf(w, "    %s) COMPREPLY=($(compgen -W '%s' -- \"$word\")) ;;\n", cmp.Or(c.command, "''"), strings.Join(c.words, " "))
	}
	fmt.Fprintln(w, "  esac\n}\ncomplete -o default -F _keyferry keyferry")
}

func writeZsh(w io.Writer, all []completion) {
	fmt.Fprintln(w, "#compdef keyferry\nlocal command= i\nif [[ ${words[CURRENT-1]} == --profile ]]; then\n  compadd -- ${(f)\"$(${words[1]} profiles --names 2>/dev/null)\"}\n  return\nfi\n"+
		"for ((i = 2; i < CURRENT; i++)); do\n  [[ ${words[i]} == --profile ]] && { ((i++)); continue; }\n"+
		"  [[ ${words[i]} == -* ]] || { command=${words[i]}; break; }\ndone\ncase $command in")
	for _, c := range all {
		fmt.Fprintf(w, "  %s) compadd -- %s ;;\n", cmp.Or(c.command, "''"), strings.Join(c.words, " "))
	}
	fmt.Fprintln(w, "esac")
}

func writeFish(w io.Writer, all []completion) {
	for _, c := range all {
		if c.command != "" {
			fmt.Fprintf(w, "complete -c keyferry -f -n __fish_use_subcommand -a %s -d %s\n", c.command, fishQuote(c.help))
		}
		for _, word := range c.words {
			flag, isFlag := strings.CutPrefix(word, "--")
			switch {
			case c.command == "" && flag == "profile":
				fmt.Fprintln(w, "complete -c keyferry -x -l profile -a '(keyferry profiles --names 2>/dev/null)'")
			case c.command == "" && isFlag:
				fmt.Fprintf(w, "complete -c keyferry -l %s\n", flag)
			case c.command == "":
			case isFlag:
				fmt.Fprintf(w, "complete -c keyferry -n '__fish_seen_subcommand_from %s' -l %s\n", c.command, flag)
			default:
				fmt.Fprintf(w, "complete -c keyferry -f -n '__fish_seen_subcommand_from %s' -a %s\n", c.command, word)
			}
		}
	}
}

func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
