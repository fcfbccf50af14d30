package localexchange

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// open opens what the command runs, checked: its registration may have changed since it was listed, and its program.
func (p Provider) open(ctx context.Context, pin *Pin) (*os.File, error) {
	now, err := Read(p.File, p.System)
	if err != nil {
		return nil, err
	}
	if now.Digest != p.Digest {
		return nil, ErrChanged
	}
	if pin == nil {
		return openSafe(p.Command[0], p.System)
	}
	program, file, err := openHashed(ctx, p.Command[0], p.System)
	if err != nil {
		return nil, err
	}
	is := Pin{Registration: now.Digest, Program: file}
	if script := p.script(); script != "" {
		var f *os.File
		if f, is.Script, err = openHashed(ctx, script, p.System); err != nil {
			return nil, errors.Join(err, program.Close())
		}
		_ = f.Close() // only read
	}
	if is.Against(*pin) != Unchanged {
		return nil, errors.Join(ErrChanged, program.Close())
	}
	return program, nil
}

func reap(cmd *exec.Cmd) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // how it ends is no business of the protocol's
	}()
	return done
}
