package consent

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

const (
	startWithin = 10 * time.Second       // a pinentry that does not greet by then is broken
	endWithin   = 500 * time.Millisecond // to give the terminal back after it was told to end
)

// Pinentry shows dialogs by a pinentry program, as GnuPG does. Each dialog is a process of its own.
type Pinentry struct {
	program string
	where   protocol.Where
	timeout time.Duration
}

// NewPinentry uses the program at an absolute path. A dialog is given up after timeout.
func NewPinentry(program string, where protocol.Where, timeout time.Duration) *Pinentry {
	return &Pinentry{program: program, where: where, timeout: timeout}
}

// Kind implements [Prompter].
func (p *Pinentry) Kind() string { return "pinentry" }

// Ask implements [Prompter].
func (p *Pinentry) Ask(ctx context.Context, ask Prompt) ([]byte, error) {
	var secret []byte
	err := p.converse(ctx, ask, func(c *assuan) error {
		var err error
		secret, err = getPIN(c, ask)
		return err
	})
	if err != nil {
		clear(secret)
		return nil, err
	}
	return secret, nil
}

// Confirm implements [Prompter].
func (p *Pinentry) Confirm(ctx context.Context, ask Prompt) (bool, error) {
	err := p.converse(ctx, ask, func(c *assuan) error {
		_, err := c.command("CONFIRM")
		return err
	})
	if errors.Is(err, ErrRefused) {
		return false, nil
	}
	return err == nil, err
}

// getPIN asks for the secret, twice where it is being set: by the program itself if it can do that, else by a second dialog.
func getPIN(c *assuan, ask Prompt) ([]byte, error) {
	if ask.Quality != nil {
		c.quality = ask.Quality
		if err := optional(c, "SETQUALITYBAR "+escape("Strength")); err != nil {
			return nil, err
		}
	}
	if ask.Repeat {
		if err := optional(c, "SETREPEAT "+escape("Again:")); err != nil {
			return nil, err
		}
		if err := optional(c, "SETREPEATERROR "+escape("They are not the same. Try again.")); err != nil {
			return nil, err
		}
	}
	first, err := c.command("GETPIN")
	if err != nil {
		return nil, err
	}
	if !ask.Repeat || slices.Contains(first.status, "PIN_REPEATED") {
		return first.data, nil
	}
	if err := optional(c, "SETPROMPT "+escape("Again:")); err != nil {
		clear(first.data)
		return nil, err
	}
	second, err := c.command("GETPIN")
	same := subtle.ConstantTimeCompare(first.data, second.data) == 1
	clear(second.data)
	if err == nil && !same {
		err = fmt.Errorf("the two entries differ: %w", ErrRefused)
	}
	if err != nil {
		clear(first.data)
		return nil, err
	}
	return first.data, nil
}

// optional sends a command that a pinentry may not know.
func optional(c *assuan, line string) error {
	_, err := c.command(line)
	var refused *replyError
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// converse runs the program, sets up the dialog, calls do and ends the program, whatever happens.
func (p *Pinentry) converse(ctx context.Context, ask Prompt, do func(*assuan) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.timeout, ErrTimeout)
	defer cancel()

	cmd := exec.Command(p.program, p.args()...)
	cmd.Env, cmd.Dir, cmd.SysProcAttr = p.environ(), "/", childAttr()
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("could not make a pipe for pinentry: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("could not make a pipe for pinentry: %w", err)
	}
	restore := keepTerminal(p.where.TTY)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w: %s does not start: %w", ErrNoDialog, p.program, err)
	}
	c := &assuan{r: out, w: in}
	stop := context.AfterFunc(ctx, func() { interrupt(cmd.Process) })
	greeted := time.AfterFunc(startWithin, func() { interrupt(cmd.Process) })
	defer func() {
		stop()
		greeted.Stop()
		c.erase()
		end(cmd, in)
		restore()
	}()

	if err := c.greeting(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNoDialog, p.program, p.cause(ctx, err))
	}
	greeted.Stop()
	if err := p.setUp(c, ask); err != nil {
		return p.cause(ctx, err)
	}
	return p.cause(ctx, do(c))
}

// setUp sends the options and texts. Programs differ in which they know, so an ERR is no reason to stop.
func (p *Pinentry) setUp(c *assuan, ask Prompt) error {
	lines := []string{"OPTION no-grab"}
	for _, o := range []struct{ name, value string }{
		{"ttyname", p.where.TTY}, {"ttytype", p.where.Term}, {"lc-ctype", p.where.Lang}, {"display", p.where.Display},
	} {
		if o.value != "" {
			lines = append(lines, "OPTION "+o.name+"="+escape(o.value))
		}
	}
	lines = append(lines, "SETTIMEOUT "+strconv.Itoa(max(1, int(p.timeout.Seconds()))))
	for _, t := range []struct{ verb, text string }{
		{"SETTITLE", ask.Title}, {"SETDESC", ask.Description}, {"SETPROMPT", ask.Label}, {"SETERROR", ask.Error},
		{"SETOK", mnemonic(ask.OK)}, {"SETCANCEL", mnemonic(ask.Cancel)},
	} {
		if t.text != "" {
			lines = append(lines, t.verb+" "+escape(noMarkup(cleanLines(t.text))))
		}
	}
	for _, l := range lines {
		if err := optional(c, l); err != nil {
			return err
		}
	}
	return nil
}

// noMarkup leaves nothing in a text that Qt would take for markup: its message boxes guess by a tag, or by an entity, in the
// first line, and then a name that somebody chose could hide or turn round what follows.
func noMarkup(s string) string {
	return entity.ReplaceAllString(strings.NewReplacer("<", "‹", ">", "›").Replace(s), "＆$1")
}

var entity = regexp.MustCompile(`&(#?[0-9A-Za-z]+;)`)

// mnemonic keeps an underscore in a button's text from being taken for a keyboard mark.
func mnemonic(s string) string { return strings.ReplaceAll(s, "_", "__") }

// cause turns what the conversation met into the errors that callers know.
func (p *Pinentry) cause(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var refused *replyError
	switch {
	case !errors.As(err, &refused):
		return fmt.Errorf("the conversation with %s broke off: %w", p.program, err)
	case refused.is(gpgCanceled), refused.is(gpgFullyCanceled), refused.is(gpgNotConfirmed):
		return ErrRefused
	case refused.is(gpgTimeout):
		return ErrTimeout
	}
	// No terminal, no display, no permission: it could not be shown, which is not the person's no.
	return fmt.Errorf("%w: %w", ErrNoDialog, refused)
}

func (p *Pinentry) args() []string {
	if p.where.Display != "" {
		return []string{"--display", p.where.Display}
	}
	return nil
}

// environ is all that the program gets: where the person is, and nothing of the agent's own environment.
func (p *Pinentry) environ() []string {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + os.Getenv("HOME")}
	return append(env, whereEnv(p.where)...)
}

func whereEnv(w protocol.Where) []string {
	var env []string
	for _, v := range []struct{ name, value string }{
		{"DISPLAY", w.Display}, {"WAYLAND_DISPLAY", w.WaylandDisplay}, {"XAUTHORITY", w.XAuthority},
		{"XDG_RUNTIME_DIR", w.RuntimeDir}, {"DBUS_SESSION_BUS_ADDRESS", w.SessionBus}, {"TERM", w.Term}, {"LC_ALL", w.Lang},
		{"GPG_TTY", w.TTY},
	} {
		if v.value != "" {
			env = append(env, v.name+"="+v.value)
		}
	}
	return env
}

// end lets the program finish by itself (BYE and end of input), and makes it.
func end(cmd *exec.Cmd, in io.Closer) {
	if w, ok := in.(io.Writer); ok {
		_, _ = io.WriteString(w, "BYE\n") // it may be gone already
	}
	_ = in.Close()
	soft := time.AfterFunc(endWithin, func() { interrupt(cmd.Process) })
	hard := time.AfterFunc(2*endWithin, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait() // how it ended says nothing about the answer that it gave
	soft.Stop()
	hard.Stop()
}
