package cmdline

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Command is a command with those below it; the first is the program.
type Command struct {
	Name      string
	Help      string
	Hidden    bool
	Parent    *Command
	Commands  []*Command
	Flags     []*Flag // its own; those of its parents are allowed, too
	Arguments []*Argument
	// Target is a pointer to the command's struct.
	Target any

	standIn  bool // it is meant where its parent is named alone
	withArgs bool // … also if arguments follow
}

// New describes a program by a pointer to a struct. Errors are mistakes in the struct.
func New(name, help string, target any) (*Command, error) {
	c := &Command{Name: name, Help: help, Target: target}
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s: a command is a pointer to a struct, not %T", name, target)
	}
	return c, c.read(v.Elem())
}

// Add adds a command that is in no struct.
func (c *Command) Add(name, help string, hidden bool, target any) error {
	below, err := New(name, help, target)
	if err != nil {
		return err
	}
	below.Parent, below.Hidden = c, hidden
	c.Commands = append(c.Commands, below)
	return nil
}

// Path is what is typed for the command: the names from below the program down.
func (c *Command) Path() string {
	if c.Parent == nil {
		return ""
	}
	return strings.TrimPrefix(c.Parent.Path()+" "+c.Name, " ")
}

// Shown are the commands below that help and completions name.
func (c *Command) Shown() []*Command {
	return slices.DeleteFunc(slices.Clone(c.Commands), func(b *Command) bool { return b.Hidden })
}

// ShownFlags are the command's own flags that help and completions name.
func (c *Command) ShownFlags() []*Flag {
	return slices.DeleteFunc(slices.Clone(c.Flags), func(f *Flag) bool { return f.Hidden })
}

func (c *Command) program() *Command {
	for c.Parent != nil {
		c = c.Parent
	}
	return c
}

// read adds what a struct describes.
func (c *Command) read(v reflect.Value) error {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		_, embed := field.Tag.Lookup("embed")
		if field.Anonymous || embed {
			if err := c.read(value); err != nil {
				return err
			}
			continue
		}
		if !field.IsExported() {
			return fmt.Errorf("%s: %s is not exported, so that nothing can fill it", c.Name, field.Name)
		}
		if err := c.readField(field, value); err != nil {
			return fmt.Errorf("%s: %s: %w", c.Name, field.Name, err)
		}
	}
	return nil
}

func (c *Command) readField(field reflect.StructField, value reflect.Value) error {
	has := func(tag string) bool { _, ok := field.Tag.Lookup(tag); return ok }
	name := field.Tag.Get("name")
	if name == "" {
		name = hyphened(field.Name)
	}
	help := field.Tag.Get("help")
	if has("cmd") {
		below := &Command{
			Name: name, Help: help, Parent: c, Hidden: has("hidden"), Target: value.Addr().Interface(),
			standIn: has("default"), withArgs: field.Tag.Get("default") == "withargs",
		}
		c.Commands = append(c.Commands, below)
		return below.read(value)
	}
	word := word{Name: name, Help: help, value: value}
	if enum := field.Tag.Get("enum"); enum != "" {
		word.Values = strings.Split(enum, ",")
	}
	if err := word.check(); err != nil {
		return err
	}
	if has("arg") {
		if n := len(c.Arguments); n > 0 && c.Arguments[n-1].Many() {
			return fmt.Errorf("no argument can follow one that takes all")
		}
		c.Arguments = append(c.Arguments, &Argument{word: word, Optional: has("optional")})
		return nil
	}
	c.Flags = append(c.Flags, &Flag{
		word: word, Hidden: has("hidden"), Required: has("required"), Negatable: has("negatable"),
		Default: field.Tag.Get("default"), placeholder: field.Tag.Get("placeholder"),
	})
	return nil
}

// hyphened is a field's name as a word of a command line: DryRun is dry-run.
func hyphened(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
