package agent

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/keyferry/keyferry/cxp/localexchange"
)

// A process is known by the script that it runs, and not by one that it merely names.
func TestAScriptIsKnownOnlyWhereItRuns(t *testing.T) {
	dir := t.TempDir()
	app, other := filepath.Join(dir, "app.py"), filepath.Join(dir, "malware.py")
	for _, f := range []string{app, other} {
		if err := os.WriteFile(f, []byte("#!/usr/bin/python3\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	python, err := filepath.EvalSymlinks("/bin/sh") // the name is what makes an interpreter
	if err != nil {
		t.Fatal(err)
	}
	a := &agent{}
	for _, c := range []struct {
		registered, running []string
		known               bool
	}{
		{[]string{python, app}, []string{"python3", app}, true},
		{[]string{python, "-X", "dev", app, "exchange"}, []string{"python3", "-X", "dev", app, "--window"}, true},
		{[]string{app}, []string{"python3", app}, true},
		{[]string{app}, []string{"python3", "-u", app, "x"}, true},
		{[]string{python, app}, []string{"python3", other}, false},
		{[]string{python, app}, []string{"python3", "malware.py", app}, false},
		{[]string{python, app, "malware.py"}, []string{"python3", "malware.py", app}, false},
		{[]string{python, app}, []string{"python3", "-c", "import os", app}, false},
		{[]string{python, app}, []string{"python3", "--require=" + other, app}, false},
		{[]string{app}, []string{"python3", "-m", "malware", app}, false},
		{[]string{app}, []string{"python3"}, false},
		{[]string{python, "-m", "app"}, []string{"python3", "-m", "malware"}, false},
		{[]string{python, "-m", "app"}, []string{"python3", other}, false},
	} {
		s := localexchange.Starter{PID: os.Getpid(), Program: python, Command: c.running}
		if got := a.runs(s, c.registered); got != c.known {
			t.Errorf("%q, registered as %q: known %v", c.running, c.registered, got)
		}
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	self := localexchange.Starter{PID: os.Getpid(), Program: exe, Command: []string{exe, "-u", app}}
	if !a.runs(self, []string{exe, "exchange"}) || a.runs(self, []string{app}) || a.runs(self, []string{python, app}) {
		t.Error("a program is not known by itself")
	}
}
