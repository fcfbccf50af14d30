package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxTyped is the longest line that is taken from the terminal, in bytes.
const maxTyped = 4096

// errNoTerminal: secrets are asked for by a dialog of the agent's or at a terminal, and there is neither. They are
// not taken from pipes, arguments or variables, where they would be left lying about.
var errNoTerminal = errors.New("the agent can show no dialog here, and there is no terminal to ask at; run this command in a terminal")

// terminal is the person's terminal, wherever stdin and stdout lead.
type terminal struct {
	in, out *os.File
}

func (t *terminal) Close() error {
	if t.out != t.in {
		return errors.Join(t.in.Close(), t.out.Close())
	}
	return t.in.Close()
}

// line asks for a line. It may be empty.
func (t *terminal) line(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(t.out, prompt)
	typed, err := t.read(ctx)
	return string(typed), err
}

// secret asks for a line that is not shown. The caller erases it.
func (t *terminal) secret(ctx context.Context, prompt string) ([]byte, error) {
	echo, err := t.noEcho() // before the prompt: some type as soon as they see it
	if err != nil {
		return nil, fmt.Errorf("can't hide what is typed at this terminal: %w", err)
	}
	defer fmt.Fprintln(t.out)
	defer echo()
	fmt.Fprint(t.out, prompt)
	typed, err := t.read(ctx)
	if err == nil && len(typed) == 0 {
		return nil, errors.New("nothing was typed; nothing was changed")
	}
	return typed, err
}

// read returns a line, or the context's error: then what is typed later is lost with the process.
func (t *terminal) read(ctx context.Context) ([]byte, error) {
	type result struct {
		line []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		line, err := readLine(t.in)
		done <- result{line, err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readLine reads byte by byte, so that nothing of what follows is taken, and into one buffer, which the caller erases.
func readLine(r io.Reader) ([]byte, error) {
	line := make([]byte, 0, maxTyped)
	var b [1]byte
	for {
		n, err := r.Read(b[:])
		switch {
		case n == 1 && b[0] == '\n':
			return bytes.TrimSuffix(line, []byte("\r")), nil
		case n == 1 && len(line) == maxTyped:
			clear(line)
			return nil, fmt.Errorf("that line is longer than %d bytes", maxTyped)
		case n == 1:
			line = append(line, b[0])
		case err == io.EOF:
			clear(line)
			return nil, errors.New("cancelled at the terminal; nothing was changed")
		case err != nil:
			clear(line)
			return nil, err
		}
	}
}
