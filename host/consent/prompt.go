package consent

import (
	"context"
	"errors"
)

// Errors that a caller decides on.
var (
	// ErrNoDialog: nothing on this system can show a dialog where the person is.
	ErrNoDialog = errors.New("no pinentry or system dialog can be shown here; ask in Keyferry's own page or on the command line")
	// ErrRefused: the person cancelled, closed the dialog or said no.
	ErrRefused = errors.New("the person said no")
	// ErrTimeout: nobody answered the dialog in time.
	ErrTimeout = errors.New("nobody answered the dialog in time")
)

// MaxSecret is the longest secret in bytes that a dialog may give back.
const MaxSecret = 2048

// Prompt is what a dialog shows. Every text is plain (no markup) and may have several lines; what a web site chose in
// it must have gone through [Clean] first.
type Prompt struct {
	Title       string // of the window
	Description string // what is asked and why
	Label       string // beside the field: "Passphrase:"
	Error       string // what was wrong with the last try
	OK, Cancel  string // the buttons; empty means the dialog's own words
	// Repeat asks for the secret twice, as when it is set.
	Repeat bool
	// Quality rates a secret from 0 to 100 while it is typed; nil shows no such bar. It must not keep its argument.
	Quality func(secret []byte) int
}

// Prompter shows dialogs to one person in one place.
type Prompter interface {
	// Ask returns a secret of at most [MaxSecret] bytes; the caller erases it after use. Errors: [ErrRefused],
	// [ErrTimeout], [ErrNoDialog] (wrapped, where the program could not show anything) or the context's.
	Ask(ctx context.Context, p Prompt) ([]byte, error)
	// Confirm returns true for a yes and false for a no.
	Confirm(ctx context.Context, p Prompt) (bool, error)
	// Kind is "pinentry" or "system".
	Kind() string
}
