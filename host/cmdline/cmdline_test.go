package cmdline

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The program of these tests has one of everything.
type tree struct {
	JSON    bool   `name:"json" help:"Print JSON."`
	Profile string `default:"default" placeholder:"NAME" help:"Which vault."`

	Add  addCmd  `cmd:"" help:"Add things."`
	Look lookCmd `cmd:"" help:"Look at things."`
	more
	Secret secretCmd `cmd:"" hidden:"" help:"Not for people."`
}

type more struct {
	EmptyTrash emptyCmd `cmd:"" help:"Empty the trash."`
}

type addCmd struct {
	Kind   string   `arg:"" enum:"a,b" help:"a or b."`
	Thing  []string `arg:"" optional:"" help:"Things."`
	Out    string   `required:"" placeholder:"FILE" help:"Where to."`
	Types  []string `placeholder:"TYPE" help:"Only these."`
	For    *time.Duration
	Screen *bool `negatable:"" help:"With the screen."`
	shared `embed:""`
}

type shared struct {
	DryRun bool   `help:"Only say it."`
	Mode   string `enum:"keep,take" default:"keep" help:"What to do."`
	N      int    `hidden:""`
}

func (c addCmd) Validate() error {
	if c.N == 13 {
		return errors.New("not thirteen")
	}
	return nil
}

type lookCmd struct {
	Here  hereCmd  `cmd:"" default:"withargs" help:"Look here."`
	There emptyCmd `cmd:"" help:"Look there."`
}

type hereCmd struct {
	What string `arg:"" optional:"" help:"What."`
	Fix  bool   `help:"Mend it."`
}

type (
	emptyCmd  struct{}
	secretCmd struct{}
)

func parse(t *testing.T, line string) (*tree, *Command, error) {
	t.Helper()
	var g tree
	program, err := New("prog", "A program.\n\nOf two paragraphs.", &g)
	if err != nil {
		t.Fatal(err)
	}
	c, err := program.Parse(strings.Fields(line))
	return &g, c, err
}

func TestParse(t *testing.T) {
	yes, no, span := true, false, 90*time.Second
	for line, want := range map[string]struct {
		path string
		tree tree
	}{
		"empty-trash":         {"empty-trash", tree{Profile: "default"}},
		"--json empty-trash":  {"empty-trash", tree{Profile: "default", JSON: true}},
		"empty-trash --json":  {"empty-trash", tree{Profile: "default", JSON: true}},
		"look":                {"look here", tree{Profile: "default"}},
		"look --fix":          {"look here", tree{Profile: "default", Look: lookCmd{Here: hereCmd{Fix: true}}}},
		"look up":             {"look here", tree{Profile: "default", Look: lookCmd{Here: hereCmd{What: "up"}}}},
		"look there":          {"look there", tree{Profile: "default"}},
		"look here there":     {"look here", tree{Profile: "default", Look: lookCmd{Here: hereCmd{What: "there"}}}},
		"look -- there":       {"look here", tree{Profile: "default", Look: lookCmd{Here: hereCmd{What: "there"}}}},
		"look here -- --fix":  {"look here", tree{Profile: "default", Look: lookCmd{Here: hereCmd{What: "--fix"}}}},
		"look here -":         {"look here", tree{Profile: "default", Look: lookCmd{Here: hereCmd{What: "-"}}}},
		"look --fix=false up": {"look here", tree{Profile: "default", Look: lookCmd{Here: hereCmd{What: "up"}}}},
		"add a --out f": {"add", tree{Profile: "default", Add: addCmd{
			Kind: "a", Out: "f", shared: shared{Mode: "keep"},
		}}},
		"add --out=-x b one --types=p,q two --for 90s --screen --dry-run --n 7 --mode=take --profile=": {"add", tree{Add: addCmd{
			Kind: "b", Thing: []string{"one", "two"}, Out: "-x", Types: []string{"p", "q"}, For: &span, Screen: &yes,
			shared: shared{DryRun: true, Mode: "take", N: 7},
		}}},
		"--profile w add --no-screen --types p --types q a --out -": {"add", tree{Profile: "w", Add: addCmd{
			Kind: "a", Out: "-", Types: []string{"p", "q"}, Screen: &no, shared: shared{Mode: "keep"},
		}}},
	} {
		g, c, err := parse(t, line)
		if err != nil || c.Path() != want.path || !reflect.DeepEqual(*g, want.tree) {
			t.Errorf("%q: %q, %+v, %v", line, c.Path(), *g, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"":                               `expected one of "add", "look", "empty-trash"`,
		"bogus":                          "unexpected argument bogus",
		"empty-trash now":                "unexpected argument now",
		"look here a b":                  "unexpected argument b",
		"empty-trash --bogus":            "unknown flag --bogus",
		"empty-trash --bogus=1":          "unknown flag --bogus",
		"empty-trash -x":                 "unknown flag -x",
		"empty-trash -json":              "unknown flag -json",
		"empty-trash --no-json":          "unknown flag --no-json",
		"empty-trash --json=maybe":       "--json is true or false",
		"add --out f":                    `expected "<kind>"`,
		"add c --out f":                  `<kind> must be one of ["a" "b"] but is "c"`,
		"add a":                          "missing flag --out=FILE",
		"add a --out":                    "--out=FILE needs a value",
		"add a --out --dry-run":          "--out=FILE needs a value",
		"add a --out f --mode=x":         "--mode must be one of",
		"add a --out f --for=soon":       "--for is a time",
		"add a --out f --n=x":            "--n is a number",
		"add a --out f --no-screen=true": "--no-screen takes no value",
		"add a --out f --n=13":           "not thirteen",
	} {
		if _, _, err := parse(t, line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

func TestHelp(t *testing.T) {
	for line, want := range map[string][]string{
		"--help":        {"Usage: prog <command> [flags]\n", "A program.\n\nOf two paragraphs.\n", "  -h, --help ", "--profile=NAME", "  look there ", "  empty-trash "},
		"add --help":    {"Usage: prog add --out=FILE <kind> [<thing> ...] [flags]\n", "--types=TYPE,...", "--[no-]screen", `--mode="keep"`, "Flags of every command:\n"},
		"look -h":       {"Usage: prog look <command> [flags]\n", "  look here "},
		"add b -h what": {"Usage: prog add "}, // whatever else is wrong
	} {
		_, c, err := parse(t, line)
		if !errors.Is(err, ErrHelp) {
			t.Fatalf("%q: %v", line, err)
		}
		text := c.HelpText()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%q lacks %q:\n%s", line, w, text)
			}
		}
		for l := range strings.Lines(text) {
			if utf8.RuneCountInString(strings.TrimSpace(l)) > columns {
				t.Errorf("%q: a line is too long: %q", line, l)
			}
		}
		if strings.Contains(text, "secret") || strings.Contains(text, "--n=") {
			t.Errorf("%q shows what is hidden:\n%s", line, text)
		}
	}
}

// A struct that can't be filled is a mistake that shows at once.
func TestNewRefuses(t *testing.T) {
	for _, target := range []any{
		"", struct{}{}, new(int), &struct{ F float64 }{}, &struct{ f string }{}, &struct{ M []int }{},
		&struct {
			A []string `arg:""`
			B string   `arg:""`
		}{},
	} {
		if _, err := New("p", "", target); err == nil {
			t.Errorf("%T was taken", target)
		}
	}
}

func TestAdd(t *testing.T) {
	var g tree
	program, err := New("prog", "", &g)
	if err != nil {
		t.Fatal(err)
	}
	var c hereCmd
	if err := errors.Join(program.Add("extra", "More.", false, &c), program.Add("quiet", "", true, &emptyCmd{})); err != nil {
		t.Fatal(err)
	}
	found, err := program.Parse([]string{"extra", "x", "--json"})
	if err != nil || found.Target != any(&c) || c.What != "x" || !g.JSON || found.Path() != "extra" {
		t.Errorf("%+v, %v", c, err)
	}
	if slices.ContainsFunc(program.Shown(), func(c *Command) bool { return c.Name == "quiet" || c.Name == "secret" }) {
		t.Error("a hidden command is shown")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("add\x00--out\x00x\x00a")
	f.Add("--\x00look\x00--no-fix=")
	f.Fuzz(func(t *testing.T, line string) {
		var g tree
		program, err := New("prog", "", &g)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := program.Parse(strings.Split(line, "\x00")); err == nil && len(c.Commands) > 0 {
			t.Errorf("%q means %q, which does nothing", line, c.Path())
		}
	})
}
