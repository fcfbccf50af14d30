package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openPty returns both ends of a new pseudo-terminal: the person's, and the program's.
func openPty(t *testing.T) (person *os.File, program *terminal) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	end, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end.Close() })
	return person, &terminal{end, end}
}

// readUntil reads what the person sees up to a text.
func readUntil(t *testing.T, person *os.File, want string) string {
	t.Helper()
	var seen bytes.Buffer
	var b [1]byte
	for !strings.HasSuffix(seen.String(), want) {
		if _, err := person.Read(b[:]); err != nil {
			t.Fatalf("saw %q: %v", seen.String(), err)
		}
		seen.Write(b[:])
	}
	return seen.String()
}

// What is typed as a secret is not shown; what is typed after it is.
func TestSecretIsNotEchoed(t *testing.T) {
	person, program := openPty(t)
	type result struct {
		secret []byte
		line   string
		err    error
	}
	done := make(chan result, 1)
	go func() {
		secret, err := program.secret(t.Context(), "Passphrase: ")
		line := ""
		if err == nil {
			line, err = program.line(t.Context(), "Name: ")
		}
		done <- result{secret, line, err}
	}()
	readUntil(t, person, "Passphrase: ") // what is typed from here on is not shown
	if _, err := person.WriteString("hush hush\n"); err != nil {
		t.Fatal(err)
	}
	if seen := readUntil(t, person, "Name: "); strings.Contains(seen, "hush") {
		t.Errorf("the terminal showed %q", seen)
	}
	if _, err := person.WriteString("visible\n"); err != nil {
		t.Fatal(err)
	}
	readUntil(t, person, "visible\r\n")
	if r := <-done; r.err != nil || string(r.secret) != "hush hush" || r.line != "visible" {
		t.Errorf("got %q, %q, %v", r.secret, r.line, r.err)
	}
}

// Interrupted, the command leaves a terminal that shows what is typed.
func TestInterruptedSecretRestoresEcho(t *testing.T) {
	person, program := openPty(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := program.secret(ctx, "Passphrase: ")
		done <- err
	}()
	readUntil(t, person, "Passphrase: ")
	waitForEcho(t, program, false)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	waitForEcho(t, program, true)
}

func waitForEcho(t *testing.T, program *terminal, want bool) {
	t.Helper()
	for {
		state, err := unix.IoctlGetTermios(int(program.in.Fd()), ioctlGetTermios)
		if err != nil {
			t.Fatal(err)
		}
		if state.Lflag&unix.ECHO != 0 == want {
			return
		}
	}
}

func TestReadLine(t *testing.T) {
	for typed, want := range map[string]string{
		"abc\n": "abc", "abc\r\n": "abc", "\n": "", "a b \nrest": "a b ", strings.Repeat("x", maxTyped) + "\n": strings.Repeat("x", maxTyped),
	} {
		if got, err := readLine(strings.NewReader(typed)); err != nil || string(got) != want {
			t.Errorf("%.20q: %.20q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "no end of line", strings.Repeat("x", maxTyped+1) + "\n"} {
		if got, err := readLine(strings.NewReader(typed)); err == nil {
			t.Errorf("%.20q: %.20q", typed, got)
		}
	}
}
