package agent

import (
	"context"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

// Who it is that began an exchange with this vault, as far as one can know.

// visitor is the app that began.
type visitor struct {
	c       *conn
	conn    *localexchange.Conn
	starter localexchange.Starter
	rpID    string // its own claim
	name    string // "“Name” (rp.id)", its own claim
	known   bool   // it runs the program that is registered under that name: app
	app     localexchange.Provider
	warning string // what the person has to be told of it, where it is known
}

// starterOf is the process that started the `keyferry exchange` of a connection. That command is believed if it is this
// very binary; whoever else connects like this is itself the one to be named.
func (a *agent) starterOf(c *conn) localexchange.Starter {
	relay := localexchange.StarterOf(c.peer.PID)
	if a.program == nil || !sameFileAs(a.program, "/proc/"+strconv.Itoa(c.peer.PID)+"/exe") {
		return relay
	}
	return localexchange.StarterOf(c.hello.Starter)
}

func sameFileAs(file os.FileInfo, path string) bool {
	info, err := os.Stat(path)
	return err == nil && os.SameFile(file, info)
}

// asker names whoever began, for the line "Asked for by".
func (v *visitor) asker() string {
	if v.known {
		return v.name
	}
	return "an unknown program"
}

// who names whoever began, for the log in the vault.
func (v *visitor) who() string {
	return consent.Clean(v.asker()+", "+v.program(), 200)
}

func (v *visitor) program() string {
	if v.starter.Program == "" {
		return "which hides its path (process " + strconv.Itoa(v.starter.PID) + ")"
	}
	return shownPath(v.starter.Program)
}

// note says who it is, as far as one can know.
func (v *visitor) note() string {
	if v.known {
		text := "As far as can be told, its program is the one that is registered under this name. " + vouches(v.app.System) + "\nProgram: " + v.program()
		if v.warning != "" {
			text = "WATCH OUT: " + v.warning + "\n" + text
		}
		return text
	}
	return "WATCH OUT: an unknown program. It calls itself " + v.name + ", but it is not the program that is registered under that name.\n" +
		"Program: " + v.program()
}

// lookAt compares a known visitor with what began such an exchange before, for its note. What it returns is to be remembered
// once the person has agreed.
func (a *agent) lookAt(ctx context.Context, vlt *vault.Vault, v *visitor, way string) (met func() error, err error) {
	if !v.known {
		return func() error { return nil }, nil
	}
	pin, err := v.app.Pin(ctx)
	if err != nil {
		return nil, err
	}
	state, err := a.sinceLast(ctx, vlt, v.app, pin, way)
	if err != nil {
		return nil, err
	}
	v.warning = warning(&protocol.Provider{State: state}, "this app")
	if state == protocol.ProviderFirstUse {
		v.warning = "this app has never begun such an exchange before. Any program can take any name."
	}
	return func() error { return remember(ctx, vlt, v.app, pin, way) }, nil
}

// registeredAs finds what is registered under a name, if a process runs that. Where that is an interpreter, its script
// decides: everything is Python somehow. It is a hint and no proof.
func (a *agent) registeredAs(rpID string, s localexchange.Starter) (p localexchange.Provider, ok bool) {
	found, _ := localexchange.List(a.cfg.Exchange.Folders)
	for _, p := range found {
		if p.RPID == rpID && (a.runs(s, p.Command) || a.isAgent(s, p.Command)) {
			return p, true
		}
	}
	return p, false
}

// runs says whether a process runs a registered command's program, or its script. A command that gives an interpreter no
// script is nobody's in particular.
func (a *agent) runs(s localexchange.Starter, command []string) bool {
	script := localexchange.ScriptOf(command)
	if script == "" && interprets(command[0]) {
		return false
	}
	if script == "" && !interprets(s.Program) {
		return s.Runs(command[0])
	}
	between := command[:1]
	if script != "" {
		between = command[1:slices.Index(command, script)]
	} else { // a script that names its interpreter itself
		script = command[0]
	}
	running := runningScript(s, between)
	return running != "" && sameFile(script, running)
}

// interprets says whether a program is an interpreter, to which an argument is what it runs.
func interprets(program string) bool {
	return localexchange.ScriptOf([]string{program, program}) != ""
}

// harmless are words between an interpreter and its script that bring no code of their own.
var harmless = []string{"-u", "-B", "-E", "-I", "-s", "-S", "-O", "-OO", "-jar", "--"}

// runningScript is the script that an interpreter runs, "" where it was given other code as well, or other code first:
// `python3 malware.py /opt/bank/app.py`. between are the words that may stand before it, besides harmless ones.
func runningScript(s localexchange.Starter, between []string) string {
	if s.Program == "" || len(s.Command) < 2 {
		return ""
	}
	script := localexchange.ScriptOf(append([]string{s.Program}, s.Command[1:]...))
	for _, word := range s.Command[1:] {
		if word == script {
			return script
		}
		if !slices.Contains(harmless, word) && !slices.Contains(between, word) {
			break
		}
	}
	return ""
}

func sameFile(one, other string) bool {
	info, err := os.Stat(one)
	return err == nil && sameFileAs(info, other)
}

// isAgent says whether a process that hides what it runs, as agents do, is the agent of the vault that a registered
// command of Keyferry's serves: who listens on its socket.
func (a *agent) isAgent(s localexchange.Starter, command []string) bool {
	if s.Program != "" || a.cfg.Exchange.Socket == nil {
		return false
	}
	socket, ok := a.cfg.Exchange.Socket(command)
	if !ok {
		return false
	}
	c, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	p, err := peerOf(c)
	return err == nil && p.PID == s.PID
}
