package localexchange

import (
	"bytes"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
)

// peerOf is the process that made a socket pair, and its user.
func peerOf(c *net.UnixConn) (pid, uid int, ok bool) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, 0, false
	}
	_ = raw.Control(func(fd uintptr) {
		if cred, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			pid, uid, ok = int(cred.Pid), int(cred.Uid), true
		}
	})
	return pid, uid, ok
}

// maxCommand bounds what is read of a command line.
const maxCommand = 64 << 10

// StarterOf says what the system knows of a process.
func StarterOf(pid int) Starter {
	s := Starter{PID: pid}
	dir := "/proc/" + strconv.Itoa(pid)
	exe, err := os.Readlink(dir + "/exe")
	if err != nil || pid <= 0 {
		return s
	}
	s.Program = exe // with " (deleted)" where it was replaced meanwhile
	f, err := os.Open(dir + "/cmdline")
	if err != nil {
		return s
	}
	defer f.Close()
	if line, err := io.ReadAll(io.LimitReader(f, maxCommand)); err == nil {
		for word := range bytes.SplitSeq(bytes.TrimSuffix(line, []byte{0}), []byte{0}) {
			s.Command = append(s.Command, string(word))
		}
	}
	return s
}

// Runs says whether the process runs this very file.
func (s Starter) Runs(path string) bool {
	running, err := os.Stat("/proc/" + strconv.Itoa(s.PID) + "/exe")
	if err != nil || s.Program == "" {
		return false
	}
	file, err := os.Stat(path)
	return err == nil && os.SameFile(running, file)
}
