package localexchange

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// open opens what the command runs, checked: its registration may have changed since it was listed, and its program. files
// are that program and its script as they were then.
func (p Provider) open(ctx context.Context, pin *Pin) (program *os.File, files []File, err error) {
	now, err := Read(p.File, p.System)
	if err != nil {
		return nil, nil, err
	}
	if now.Digest != p.Digest {
		return nil, nil, ErrChanged
	}
	is := Pin{Registration: now.Digest}
	if program, is.Program, err = p.openFile(ctx, p.Command[0], pin); err != nil {
		return nil, nil, err
	}
	if script := p.script(); script != "" {
		var f *os.File
		if f, is.Script, err = p.openFile(ctx, script, pin); err != nil {
			return nil, nil, errors.Join(err, program.Close())
		}
		_ = f.Close() // only read
	}
	if pin != nil && is.Against(*pin) != Unchanged {
		return nil, nil, errors.Join(ErrChanged, program.Close())
	}
	return program, []File{is.Program, is.Script}, nil
}

// openFile opens a file, and hashes it where there is a pin to compare it with.
func (p Provider) openFile(ctx context.Context, path string, pin *Pin) (*os.File, File, error) {
	if pin != nil {
		return openHashed(ctx, path, p.System)
	}
	f, err := openSafe(path, p.System)
	if err != nil {
		return nil, File{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, File{}, errors.Join(err, f.Close())
	}
	return f, File{Path: path, Stamp: stamp(info)}, nil
}

// unchanged checks that files which something else opens by their paths are still what they were.
func unchanged(files []File) func() error {
	return func() error {
		for _, f := range files {
			if f.Path == "" {
				continue
			}
			if now, err := look(f.Path); err != nil || now.Stamp != f.Stamp {
				return ErrChanged
			}
		}
		return nil
	}
}

func reap(cmd *exec.Cmd) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // how it ends is no business of the protocol's
	}()
	return done
}
