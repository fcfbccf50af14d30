package cmdline

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// word is what flags and arguments have in common: a field with a name.
type word struct {
	Name   string
	Help   string
	Values []string // that are allowed; none: all
	value  reflect.Value
}

// Flag is a flag of a command.
type Flag struct {
	word
	Hidden      bool
	Required    bool
	Negatable   bool
	Default     string
	placeholder string
	given       bool
}

// Argument is a positional argument of a command.
type Argument struct {
	word
	Optional bool
}

// Many says whether the argument takes all that follow.
func (w *word) Many() bool { return w.value.Kind() == reflect.Slice }

// IsBool says whether a flag needs no value.
func (w *word) IsBool() bool { return w.elem().Kind() == reflect.Bool }

// elem is the type of the field, or of what it points to.
func (w *word) elem() reflect.Type {
	if w.value.Kind() == reflect.Pointer {
		return w.value.Type().Elem()
	}
	return w.value.Type()
}

var durationType = reflect.TypeFor[time.Duration]()

// check refuses a field that set could not fill.
func (w *word) check() error {
	switch t := w.elem(); {
	case t == durationType, t.Kind() == reflect.String, t.Kind() == reflect.Bool, t.Kind() == reflect.Int:
		return nil
	case w.value.Type() == reflect.TypeFor[[]string]():
		return nil
	}
	return fmt.Errorf("a field can't be %s", w.value.Type())
}

// set fills the field from a text; shown names it in errors.
func (w *word) set(text, shown string) error {
	if len(w.Values) > 0 && !slices.Contains(w.Values, text) {
		return fmt.Errorf("%s must be one of %q but is %q", shown, w.Values, text)
	}
	to := w.value
	if to.Kind() == reflect.Pointer {
		to = reflect.New(w.elem()).Elem()
	}
	switch {
	case to.Type() == durationType:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%s is a time such as 30s, 15m or 2h, not %q", shown, text)
		}
		to.SetInt(int64(d))
	case to.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%s is true or false, not %q", shown, text)
		}
		to.SetBool(b)
	case to.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%s is a number, not %q", shown, text)
		}
		to.SetInt(int64(n))
	default:
		to.SetString(text)
	}
	if w.value.Kind() == reflect.Pointer {
		w.value.Set(to.Addr())
	}
	return nil
}

// add appends to a field that takes several.
func (w *word) add(texts ...string) {
	w.value.Set(reflect.AppendSlice(w.value, reflect.ValueOf(texts)))
}

// take fills a flag's field.
func (f *Flag) take(text string) error {
	f.given = true
	if f.Many() {
		f.add(strings.Split(text, ",")...)
		return nil
	}
	return f.set(text, "--"+f.Name)
}

// String is the flag as the help shows it: --out=FILE.
func (f *Flag) String() string {
	switch {
	case f.Negatable:
		return "--[no-]" + f.Name
	case f.IsBool():
		return "--" + f.Name
	}
	value := f.placeholder
	switch {
	case value != "":
	case f.Default != "":
		value = strconv.Quote(f.Default)
	default:
		value = strings.ToUpper(f.Name)
	}
	if f.Many() {
		value += ",..."
	}
	return "--" + f.Name + "=" + value
}

// String is the argument as the help shows it: [<browser> ...].
func (a *Argument) String() string {
	s := "<" + a.Name + ">"
	if a.Many() {
		s += " ..."
	}
	if a.Optional {
		s = "[" + s + "]"
	}
	return s
}
