//go:build unix

package localexchange

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Start starts a provider's command, without a shell, with a clean environment, in "/", and with no open file but the
// socket pair. With a pin it starts exactly what was pinned and nothing else: [ErrChanged] where that is not there any
// more. The exchange, and the command with it, ends with ctx at the latest, or when the Conn is closed.
func Start(ctx context.Context, p Provider, pin *Pin, l Limits) (*Conn, error) {
	program, files, err := p.open(ctx, pin)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.RPID, err)
	}
	defer program.Close()
	mine, theirs, err := socketPair()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.RPID, err)
	}
	defer theirs.Close()
	run := runnable(program, p.Command[0])
	if run != p.Command[0] { // by its descriptor, wherever its path leads by now
		files = files[1:]
	}
	cmd := exec.Command(run, p.Command[1:]...)
	cmd.Args[0] = p.Command[0]
	cmd.Dir, cmd.Env = "/", cleanEnv(os.Environ())
	cmd.Stdin, cmd.Stdout = theirs, theirs
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", p.RPID, err), ErrNotStarted, mine.Close())
	}
	c := &child{Conn: mine, cmd: cmd, done: reap(cmd)}
	c.forget = context.AfterFunc(ctx, func() { c.end(time.Second) })
	conn := New(c, true, l)
	conn.expect, conn.still = p.RPID, unchanged(files)
	return conn, nil
}

// runnable is the path by which an opened program is run: by its descriptor where the system can, so that what was
// hashed is what runs. The kernel hands a script to its interpreter by path, when the descriptor is closed already.
func runnable(program *os.File, path string) string {
	if runtime.GOOS != "linux" || !isELF(program) {
		return path
	}
	byNumber := "/proc/self/fd/" + strconv.Itoa(int(program.Fd()))
	if _, err := os.Stat(byNumber); err != nil {
		return path // no /proc
	}
	return byNumber
}

func isELF(f *os.File) bool {
	var head [4]byte
	n, err := f.ReadAt(head[:], 0)
	return err == nil && n == len(head) && string(head[:]) == "\x7fELF"
}

// socketPair makes the road of an exchange; neither end outlives an exec by itself.
func socketPair() (mine net.Conn, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(pair[0])
		syscall.CloseOnExec(pair[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	own := os.NewFile(uintptr(pair[0]), "exchange")
	theirs = os.NewFile(uintptr(pair[1]), "exchange")
	mine, err = net.FileConn(own)
	_ = own.Close() // FileConn has its own
	if err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return mine, theirs, nil
}

// child closes the socket, gives the command a moment to end, and ends it.
type child struct {
	net.Conn
	cmd    *exec.Cmd
	done   <-chan struct{}
	forget func() bool
	ending sync.Once
}

// Close implements io.Closer.
func (c *child) Close() error {
	if c.forget != nil {
		c.forget()
	}
	err := c.Conn.Close()
	c.end(5 * time.Second)
	return err
}

func (c *child) end(after time.Duration) {
	c.ending.Do(func() {
		go func() {
			timer := time.NewTimer(after)
			defer timer.Stop()
			select {
			case <-c.done:
			case <-timer.C:
				_ = c.Conn.Close()
				_ = c.cmd.Process.Kill()
			}
		}()
	})
}
