package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/keyferry/keyferry/host/paths"
)

// stopAgent ends an agent, if one runs, and waits for that.
func stopAgent(p paths.Profile) error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: p.SocketPath, Net: "unix"})
		if err != nil {
			return nil // nobody listens
		}
		pid, err := peerPID(conn)
		conn.Close()
		if err != nil {
			return err
		}
		process, err := os.FindProcess(pid)
		if err != nil {
			return err
		}
		if err := process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("can't stop the agent (process %d): %w", pid, err)
		}
	}
	return errors.New("the agent does not end")
}
