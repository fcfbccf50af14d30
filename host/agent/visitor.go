package agent

import (
	"net"
	"os"
	"strconv"
	"time"

	"github.com/keyferry/keyferry/cxp/localexchange"
	"github.com/keyferry/keyferry/host/consent"
)

// Who it is that began an exchange with this vault, as far as one can know.

// visitor is the app that began.
type visitor struct {
	c       *conn
	conn    *localexchange.Conn
	starter localexchange.Starter
	rpID    string // its own claim
	name    string // "“Name” (rp.id)", its own claim
	known   bool   // it runs the program that is registered under that name
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
		return "Its program is the one that is registered under this name.\nProgram: " + v.program()
	}
	return "WATCH OUT: an unknown program. It calls itself " + v.name + ", but it is not the program that is registered under that name.\n" +
		"Program: " + v.program()
}

// registeredAs reports whether a process runs what is registered under a name. Where that is an interpreter, its script
// decides: everything is Python somehow. It is a hint and no proof.
func (a *agent) registeredAs(rpID string, s localexchange.Starter) bool {
	found, _ := localexchange.List(a.cfg.Exchange.Folders)
	for _, p := range found {
		if p.RPID == rpID && (a.runs(s, p.Command) || a.isAgent(s, p.Command)) {
			return true
		}
	}
	return false
}

// runs says whether a process runs a registered command's program, or its script.
func (a *agent) runs(s localexchange.Starter, command []string) bool {
	script := localexchange.ScriptOf(command)
	running := ""
	if s.Program != "" && len(s.Command) > 1 {
		running = localexchange.ScriptOf(append([]string{s.Program}, s.Command[1:]...))
	}
	switch {
	case script == "" && running == "":
		return s.Runs(command[0])
	case script == "": // a script that names its interpreter itself
		script = command[0]
	}
	return running != "" && sameFile(script, running)
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
