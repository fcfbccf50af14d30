//go:build unix

package localexchange

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
)

// command registers a command and reads the registration back.
func command(t *testing.T, folder string, words ...string) (*Provider, error) {
	t.Helper()
	r := Registration{RPID: "one.example", DisplayName: "One", Roles: []Role{RoleImporter, RoleExporter}, Command: words}
	if err := Register(Folder{Path: folder}, r); err != nil {
		t.Fatal(err)
	}
	return Read(filepath.Join(folder, "one.example.json"), false)
}

func script(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPinsNoticeWhatChanged(t *testing.T) {
	dir := t.TempDir()
	app := script(t, filepath.Join(dir, "app.py"), "#!/bin/sh\n")
	p, err := command(t, filepath.Join(dir, "providers"), "/bin/sh", app, "--yes")
	if err != nil {
		t.Fatal(err)
	}
	first, err := p.Pin(ctx)
	if err != nil || first.Script.Path != app || first.Program.Path != "/bin/sh" {
		t.Fatalf("%+v %v", first, err)
	}
	script(t, app, "#!/bin/sh\n") // another file with the same content
	look, err := p.Look()
	if err != nil || look.Against(first) != ProgramChanged {
		t.Errorf("by stamps alone: %v %v", look.Against(first), err)
	}
	if now, err := p.Pin(ctx); err != nil || now.Against(first) != Unchanged {
		t.Errorf("by content: %v", err)
	}
	script(t, app, "#!/bin/sh\nexit 1\n")
	now, err := p.Pin(ctx)
	if err != nil || now.Against(first) != ProgramChanged {
		t.Errorf("another script: %v %v", now.Against(first), err)
	}
	if _, err := Start(ctx, *p, &first, Limits{}); !errors.Is(err, ErrChanged) {
		t.Errorf("something else than what was pinned was started: %v", err)
	}
	q, err := command(t, filepath.Join(dir, "providers"), "/bin/sh", app, "--no")
	if err != nil {
		t.Fatal(err)
	}
	if other, err := q.Pin(ctx); err != nil || other.Against(now) != RegistrationChanged {
		t.Errorf("another registration: %v %v", other.Against(now), err)
	}
	if _, err := Start(ctx, *p, nil, Limits{}); !errors.Is(err, ErrChanged) {
		t.Errorf("a registration that has changed since it was listed was used: %v", err)
	}
}

func TestInterpretersAreToldByTheirName(t *testing.T) {
	file := script(t, filepath.Join(t.TempDir(), "app"), "")
	for program, want := range map[string]string{
		"/usr/bin/python3.12": file, "/usr/bin/python": file, "/opt/Node": file, "/usr/bin/sh": file, "/usr/lib/jvm/bin/java": file,
		"/usr/bin/keyferry": "", "/opt/1Password/1password": "", "/usr/bin/shred": "",
	} {
		if got := ScriptOf([]string{program, "-u", file, "x"}); got != want {
			t.Errorf("%s: %q", program, got)
		}
	}
}

func TestCommandsThatAreNotTaken(t *testing.T) {
	dir := t.TempDir()
	app := script(t, filepath.Join(dir, "app"), "#!/bin/sh\n")
	folder := filepath.Join(dir, "providers")
	for name, change := range map[string]func() (back func()){
		"a program that runs as another user": func() func() { return chmod(t, app, 0o700|os.ModeSetuid) },
		"a script that others can write":      func() func() { return chmod(t, app, 0o722) },
	} {
		back := change()
		if _, err := command(t, folder, app); err == nil {
			t.Errorf("%s is taken", name)
		}
		if _, err := command(t, folder, "/bin/sh", app); err == nil && !strings.Contains(name, "user") {
			t.Errorf("%s, behind an interpreter, is taken", name)
		}
		back()
	}
	fifo := filepath.Join(folder, "pipe.example.json")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { _, err := Read(fifo, false); done <- err }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a pipe was read")
		}
	case <-time.After(time.Minute):
		t.Error("a pipe holds everything up")
	}
}

// While a side is busy with its person it notices that the other one gives up.
func TestAPeerThatGivesUpWhileThePersonIsAsked(t *testing.T) {
	a, b, _ := pair(t)
	asked := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		_, err := b.Hello(ctx, Hello{RPID: "two.example", Role: RoleExporter})
		if err == nil {
			_, err = b.Export(ctx, ExportSide{Answer: func(ctx context.Context, _ Hello, _ *cxp.Request) (*cxp.Exporter, error) {
				close(asked)
				<-ctx.Done()
				return nil, ctx.Err()
			}})
		}
		ended <- err
	}()
	if _, err := a.Hello(ctx, Hello{RPID: "one.example", Role: RoleImporter}); err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithCancel(ctx)
	go func() { <-asked; cancel() }()
	var got *cxf.Header
	if _, err := a.Import(stop, importing(t, "one.example", &got)); !errors.Is(err, context.Canceled) {
		t.Errorf("the one that gives up: %v", err)
	}
	var refused *cxp.PeerError
	if err := <-ended; !errors.As(err, &refused) || refused.Code != cxp.CodeUserCanceled {
		t.Errorf("the other one: %v", err)
	}
}

// An importer that still looks at what came is told when the exporter is gone, and what it says of its progress arrives.
func TestAPeerThatGoesWhileThePersonLooks(t *testing.T) {
	a, b, _ := pair(t)
	heard := make(chan int64, 10)
	b.Heard = func(done, _ int64) { heard <- done }
	looking := make(chan struct{})
	go func() {
		if _, err := b.Hello(ctx, Hello{RPID: "one.example", Role: RoleExporter}); err != nil {
			return
		}
		stop, cancel := context.WithCancel(ctx)
		go func() { <-looking; <-heard; cancel() }()
		_, _ = b.Export(stop, exporting(passkeys(t, 3)))
	}()
	if _, err := a.Hello(ctx, Hello{RPID: "two.example", Role: RoleImporter}); err != nil {
		t.Fatal(err)
	}
	p, err := cxp.NewRequest(cxp.RequestOptions{Mode: cxp.Direct, Importer: "two.example"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Import(ctx, ImportSide{Request: p, Take: func(ctx context.Context, _ []byte, payload io.Reader) (*Result, error) {
		if _, err := io.Copy(io.Discard, payload); err != nil {
			return nil, err
		}
		close(looking)
		if err := a.Progress(1, 3); err != nil {
			return nil, err
		}
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}})
	var refused *cxp.PeerError
	if !errors.As(err, &refused) && !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
}
