package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

const (
	rootDir    = ""
	keepAllEnv = true // Windows programs need SystemRoot and its like
)

func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
}

func closeOnExec() {} // handles are not inherited unless they are named

// errForeignPipe: names of pipes belong to nobody, so that another user can open ours first.
var errForeignPipe = errors.New("the agent's pipe belongs to another user of this computer")

func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	conn, err := winio.DialPipeContext(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := ourPipe(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// ourPipe refuses a pipe whose owner is not this user.
func ourPipe(conn net.Conn) error {
	pipe, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return fmt.Errorf("a %T does not say whose it is: %w", conn, errForeignPipe)
	}
	info, err := windows.GetSecurityInfo(windows.Handle(pipe.Fd()), windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("can't find out whose the agent's pipe is: %w", err)
	}
	owner, _, err := info.Owner()
	if err != nil {
		return fmt.Errorf("can't find out whose the agent's pipe is: %w", err)
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return fmt.Errorf("can't find out who this is: %w", err)
	}
	if !owner.Equals(user.User.Sid) {
		return errForeignPipe
	}
	return nil
}

// listenSocket opens the pipe for this user alone, and as theirs: an administrator's would be their group's.
func listenSocket(path string) (net.Listener, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("can't find out who this is: %w", err)
	}
	sid := user.User.Sid.String()
	ln, err := winio.ListenPipe(path, &winio.PipeConfig{SecurityDescriptor: "O:" + sid + "D:P(A;;GA;;;" + sid + ")"})
	if err != nil {
		return nil, fmt.Errorf("can't open the agent's pipe: %w", err)
	}
	return ln, nil
}

// tryLock takes an exclusive lock that goes with the process, or returns false where somebody else has it.
func tryLock(f *os.File) (bool, error) {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

func isReset(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA) || errors.Is(err, net.ErrClosed)
}
