package consent

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/ncruces/zenity"

	"github.com/keyferry/keyferry/host/protocol"
)

// tooFast is how soon no person answers a dialog.
const tooFast = 400 * time.Millisecond

// System shows the desktop's own dialogs by the zenity library. The library hands secrets over as strings, which
// can't be erased: they go when the agent locks by re-executing itself. That is why pinentry comes first.
type System struct {
	where   protocol.Where
	timeout time.Duration
	env     *sync.Mutex
}

// Kind implements [Prompter].
func (s *System) Kind() string { return "system" }

// Ask implements [Prompter].
func (s *System) Ask(ctx context.Context, p Prompt) ([]byte, error) {
	first, err := s.entry(ctx, p, p.Label)
	if err != nil || !p.Repeat {
		return first, err
	}
	second, err := s.entry(ctx, p, "Again:")
	same := subtle.ConstantTimeCompare(first, second) == 1
	clear(second)
	if err == nil && !same {
		err = fmt.Errorf("the two entries differ: %w", ErrRefused)
	}
	if err != nil {
		clear(first)
		return nil, err
	}
	return first, nil
}

// Confirm implements [Prompter].
func (s *System) Confirm(ctx context.Context, p Prompt) (bool, error) {
	err := s.show(ctx, func(ctx context.Context) error {
		opts := append(s.options(ctx, p), zenity.DefaultCancel())
		return zenity.Question(text(p, ""), opts...)
	})
	if errors.Is(err, ErrRefused) {
		return false, nil
	}
	return err == nil, err
}

func (s *System) entry(ctx context.Context, p Prompt, label string) ([]byte, error) {
	var typed string
	err := s.show(ctx, func(ctx context.Context) (err error) {
		typed, err = zenity.Entry(entryText(text(p, label)), append(s.options(ctx, p), zenity.HideText())...)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(typed) > MaxSecret {
		return nil, errTooMuch
	}
	return []byte(typed), nil
}

func (s *System) options(ctx context.Context, p Prompt) []zenity.Option {
	opts := []zenity.Option{zenity.Context(ctx), zenity.Title(Clean(p.Title, 80))}
	if s.where.Display != "" && s.where.WaylandDisplay == "" {
		opts = append(opts, zenity.Display(s.where.Display))
	}
	if p.OK != "" {
		opts = append(opts, zenity.OKLabel(Clean(p.OK, 40)))
	}
	if p.Cancel != "" {
		opts = append(opts, zenity.CancelLabel(Clean(p.Cancel, 40)))
	}
	return opts
}

// entryText keeps zenity from reading \n, or the bytes of a direction mark, out of a name that somebody chose: it undoes C
// escapes in the text of an entry, and only there.
func entryText(s string) string {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return s
	}
	return strings.ReplaceAll(s, `\`, `\\`)
}

func text(p Prompt, label string) string {
	out := cleanLines(p.Description)
	if p.Error != "" {
		out = cleanLines(p.Error) + "\n\n" + out
	}
	if label != "" {
		out += "\n\n" + cleanLines(label)
	}
	return out
}

// show runs one dialog. The library starts its program with this process's environment, so that is set for the time
// of the dialog and put back; the mutex keeps another place's dialog out meanwhile.
func (s *System) show(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, ErrTimeout)
	defer cancel()
	s.env.Lock()
	defer s.env.Unlock()
	if !displayAnswers(s.where) {
		return fmt.Errorf("%w: the display does not answer", ErrNoDialog)
	}
	defer borrowEnv(s.where)()
	began := time.Now()
	err := do(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, zenity.ErrCanceled) && time.Since(began) < tooFast:
		// The program ends the same way when the display does not let it in. Nobody cancels a dialog this fast.
		return fmt.Errorf("%w: the system dialog was gone at once", ErrNoDialog)
	case errors.Is(err, zenity.ErrCanceled):
		return ErrRefused
	}
	return fmt.Errorf("%w: the system dialog failed: %w", ErrNoDialog, err)
}

func borrowEnv(w protocol.Where) (restore func()) {
	was := map[string]*string{}
	for name, value := range map[string]string{
		"DISPLAY": w.Display, "WAYLAND_DISPLAY": w.WaylandDisplay, "XAUTHORITY": w.XAuthority, "XDG_RUNTIME_DIR": w.RuntimeDir,
		"DBUS_SESSION_BUS_ADDRESS": w.SessionBus, "LC_ALL": w.Lang,
	} {
		was[name] = nil
		if old, ok := os.LookupEnv(name); ok {
			was[name] = &old
		}
		if value == "" {
			_ = os.Unsetenv(name) // can't fail for a name of ours
		} else {
			_ = os.Setenv(name, value) // checked by CheckWhere
		}
	}
	return func() {
		for name, old := range was {
			if old == nil {
				_ = os.Unsetenv(name)
			} else {
				_ = os.Setenv(name, *old)
			}
		}
	}
}
