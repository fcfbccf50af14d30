package cmdline

import (
	"errors"
	"fmt"
	"strings"
)

// ErrHelp: --help was asked for; the command that is returned with it is the one that it was asked about.
var ErrHelp = errors.New("help was asked for")

// Parse finds the command that is meant and fills its fields and those of the commands above. It is to be called once.
func (c *Command) Parse(args []string) (*Command, error) {
	p := parsing{at: c, left: args}
	err := p.run()
	return p.at, err
}

// parsing is one command line on its way.
type parsing struct {
	at    *Command
	left  []string
	words []string // positional arguments of at
	plain bool     // "--" was met: what follows is no flag
}

func (p *parsing) run() error {
	for len(p.left) > 0 {
		arg := p.left[0]
		p.left = p.left[1:]
		switch {
		case p.plain || arg == "-" || !strings.HasPrefix(arg, "-"):
			if err := p.word(arg); err != nil {
				return err
			}
		case arg == "--":
			p.plain = true
		case arg == "-h" || arg == "--help":
			return ErrHelp
		default:
			if err := p.flag(arg); err != nil {
				return err
			}
		}
	}
	return p.finish()
}

// word takes a command's name or an argument.
func (p *parsing) word(arg string) error {
	if len(p.words) == 0 && !p.plain {
		for _, below := range p.at.Commands {
			if below.Name == arg {
				p.at = below
				return nil
			}
		}
	}
	if below := p.at.standsIn(true); below != nil {
		p.at = below
		return p.word(arg)
	}
	n := len(p.at.Arguments)
	if n == 0 || len(p.words) >= n && !p.at.Arguments[n-1].Many() {
		return fmt.Errorf("unexpected argument %s", arg)
	}
	p.words = append(p.words, arg)
	return nil
}

// standsIn is the command that is meant where none below is named; nil: there is none.
func (c *Command) standsIn(withArgs bool) *Command {
	for _, below := range c.Commands {
		if below.standIn && (below.withArgs || !withArgs) {
			return below
		}
	}
	return nil
}

// flag takes a flag, and the next word where it needs one.
func (p *parsing) flag(arg string) error {
	name, value, has := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
	f, denied := p.find(name)
	if below := p.at.standsIn(true); f == nil && below != nil {
		p.at = below
		f, denied = p.find(name)
	}
	if f == nil || !strings.HasPrefix(arg, "--") {
		return fmt.Errorf("unknown flag %s", strings.TrimSuffix(arg, "="+value))
	}
	switch {
	case denied && has:
		return fmt.Errorf("--%s takes no value", name)
	case denied:
		value = "false"
	case f.IsBool() && !has:
		value = "true"
	case !has:
		if len(p.left) == 0 || strings.HasPrefix(p.left[0], "-") && p.left[0] != "-" {
			return fmt.Errorf("%s needs a value", f)
		}
		value, p.left = p.left[0], p.left[1:]
	}
	return f.take(value)
}

// find finds a flag of the command or of one above.
func (p *parsing) find(name string) (f *Flag, denied bool) {
	positive, no := strings.CutPrefix(name, "no-")
	for c := p.at; c != nil; c = c.Parent {
		for _, f := range c.Flags {
			if f.Name == name {
				return f, false
			}
			if no && f.Negatable && f.Name == positive {
				return f, true
			}
		}
	}
	return nil, false
}

// finish fills the arguments and what was not given, and says what is missing.
func (p *parsing) finish() error {
	if len(p.at.Commands) > 0 {
		below := p.at.standsIn(false)
		if below == nil {
			var names []string
			for _, b := range p.at.Shown() {
				names = append(names, fmt.Sprintf("%q", b.Name))
			}
			return fmt.Errorf("expected one of %s", strings.Join(names, ", "))
		}
		p.at = below
		return p.finish()
	}
	for i, a := range p.at.Arguments {
		switch {
		case i >= len(p.words):
			if !a.Optional {
				return fmt.Errorf("expected %q", a)
			}
		case a.Many():
			a.add(p.words[i:]...)
		default:
			if err := a.set(p.words[i], a.String()); err != nil {
				return err
			}
		}
	}
	for c := p.at; c != nil; c = c.Parent {
		if err := c.complete(); err != nil {
			return err
		}
	}
	if v, ok := p.at.Target.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

// complete sets the defaults, and names the flags that are missing.
func (c *Command) complete() error {
	var missing []string
	for _, f := range c.Flags {
		switch {
		case f.given:
		case f.Required:
			missing = append(missing, f.String())
		case f.Default != "":
			if err := f.set(f.Default, "--"+f.Name); err != nil {
				return err
			}
		}
	}
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("missing flag %s", missing[0])
	}
	return fmt.Errorf("missing flags %s", strings.Join(missing, ", "))
}
