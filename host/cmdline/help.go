package cmdline

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// columns is how wide the help is at most.
const columns = 80

// Usage is the first line of the help: how the command is typed.
func (c *Command) Usage() string {
	parts := []string{strings.TrimSuffix(c.program().Name+" "+c.Path(), " ")}
	for _, f := range c.Flags {
		if f.Required {
			parts = append(parts, f.String())
		}
	}
	for _, a := range c.Arguments {
		parts = append(parts, a.String())
	}
	if len(c.Commands) > 0 {
		parts = append(parts, "<command>")
	}
	return strings.Join(append(parts, "[flags]"), " ")
}

// HelpText is what --help prints.
func (c *Command) HelpText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s\n", c.Usage())
	for paragraph := range strings.SplitSeq(c.Help, "\n\n") {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(wrap(paragraph, columns), "\n"))
	}
	if len(c.Arguments) > 0 {
		var rows [][2]string
		for _, a := range c.Arguments {
			rows = append(rows, [2]string{a.String(), a.Help})
		}
		table(&b, "Arguments", rows)
	}
	own := c.ShownFlags()
	var rows [][2]string
	if c.Parent == nil {
		rows = append(rows, [2]string{"-h, --help", "Say what a command is for and what it takes."})
	}
	for _, f := range own {
		rows = append(rows, [2]string{f.String(), f.Help})
	}
	table(&b, "Flags", rows)
	rows = nil
	for above := c.Parent; above != nil; above = above.Parent {
		for _, f := range above.ShownFlags() {
			rows = append(rows, [2]string{f.String(), f.Help})
		}
	}
	table(&b, "Flags of every command", rows)
	table(&b, "Commands", c.leaves(nil))
	if len(c.Commands) > 0 {
		fmt.Fprintf(&b, "\nRun \"%s <command> --help\" for more about a command.\n", c.program().Name)
	}
	return b.String()
}

// leaves are the commands below that do something themselves.
func (c *Command) leaves(rows [][2]string) [][2]string {
	for _, below := range c.Shown() {
		if len(below.Commands) > 0 {
			rows = below.leaves(rows)
			continue
		}
		rows = append(rows, [2]string{below.Path(), below.Help})
	}
	return rows
}

// table writes rows of a name and a sentence, the sentences below each other.
func table(b *strings.Builder, title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r[0]))
	}
	width = min(width, columns/2)
	indent := strings.Repeat(" ", width+4)
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, r := range rows {
		lines := wrap(r[1], columns-len(indent))
		if utf8.RuneCountInString(r[0]) > width {
			fmt.Fprintf(b, "  %s\n%s%s\n", r[0], indent, strings.Join(lines, "\n"+indent))
			continue
		}
		fmt.Fprintf(b, "  %s%s  %s\n", r[0], strings.Repeat(" ", width-utf8.RuneCountInString(r[0])), strings.Join(lines, "\n"+indent))
	}
}

// wrap breaks a text at spaces into lines of at most so many letters; a longer word stays whole.
func wrap(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
