package link

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/keyferry/keyferry/host/paths"
)

// Starter starts an agent for a profile and does not wait for it. The channel gives an error should the agent end
// while somebody waits for its socket.
type Starter func(p paths.Profile) (ended <-chan error, err error)

// StartSelf returns a [Starter] that runs this very binary as `keyferry agent`.
func StartSelf() Starter { return startSelf }

func startSelf(p paths.Profile) (<-chan error, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// A file and not a pipe: the agent outlives whoever would read the pipe.
	complaints, err := os.OpenFile(lockPath(p, "stderr"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(exe, append(slices.Clone(p.Args()), "agent")...)
	cmd.Dir = rootDir
	cmd.Env = agentEnv(os.Environ())
	cmd.Stderr = complaints
	cmd.SysProcAttr = ownSession()
	closeOnExec()
	if err := cmd.Start(); err != nil {
		complaints.Close()
		return nil, err
	}
	ended := make(chan error, 1)
	go func() {
		defer complaints.Close()
		err := cmd.Wait()
		said := make([]byte, 1<<10)
		n, _ := complaints.ReadAt(said, 0)
		switch {
		case n > 0:
			ended <- errors.New(string(bytes.TrimSpace(said[:n])))
		case err != nil:
			ended <- fmt.Errorf("%w; %s may say why", err, p.LogFile)
		default:
			ended <- io.EOF
		}
	}()
	return ended, nil
}

// agentEnv keeps what the agent needs to find its files and, before anybody has told it where the person is, a dialog
// program. A browser's environment holds much else (library paths, debugging switches) that it should not inherit.
func agentEnv(environ []string) []string {
	if keepAllEnv {
		return environ
	}
	return slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "HOME", "PATH", "USER", "LOGNAME", "LANG", "TZ", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY":
			return false
		}
		return !strings.HasPrefix(name, "XDG_") && !strings.HasPrefix(name, "LC_")
	})
}
