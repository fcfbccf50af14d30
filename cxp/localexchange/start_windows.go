package localexchange

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// Start starts a provider's command, without a shell, with a clean environment and two pipes for stdin and stdout. With
// a pin it starts exactly what was pinned and nothing else: [ErrChanged] where that is not there any more. The exchange,
// and the command with it, ends with ctx at the latest, or when the Conn is closed.
func Start(ctx context.Context, p Provider, pin *Pin, l Limits) (*Conn, error) {
	program, files, err := p.open(ctx, pin)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.RPID, err)
	}
	defer program.Close() // until then nobody can exchange the program
	cmd := exec.Command(p.Command[0], p.Command[1:]...)
	cmd.Env = cleanEnv(os.Environ())
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.RPID, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", p.RPID, err), in.Close())
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", p.RPID, err), ErrNotStarted)
	}
	c := &child{pipes: pipes{out, in}, cmd: cmd}
	c.forget = context.AfterFunc(ctx, func() { c.end(time.Second) })
	conn := New(c, true, l)
	conn.expect, conn.still = p.RPID, unchanged(files)
	return conn, nil
}

// child closes the pipes, gives the command a moment to end, and ends it.
type child struct {
	pipes
	cmd    *exec.Cmd
	forget func() bool
	ending sync.Once
}

// Close implements io.Closer.
func (c *child) Close() error {
	c.forget()
	err := c.pipes.Close()
	c.end(5 * time.Second)
	return err
}

// end waits for the command only now: to wait for it closes its pipes, with what is still in them.
func (c *child) end(after time.Duration) {
	c.ending.Do(func() {
		done := reap(c.cmd)
		go func() {
			timer := time.NewTimer(after)
			defer timer.Stop()
			select {
			case <-done:
			case <-timer.C:
				_ = c.pipes.Close()
				_ = c.cmd.Process.Kill()
			}
		}()
	})
}
