//go:build linux

package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Two users who exist for these tests only. As root, permissions and locks prove nothing.
const (
	ownerUID    = 54_321
	strangerUID = 54_322
	roleEnv     = "KEYFERRY_ROLE"
)

// asUser runs this test binary as another user in a role of roleChild's.
func asUser(t *testing.T, uid uint32, role, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(testBinary(t))
	cmd.Env = []string{roleEnv + "=" + role, tortureEnv + "=" + dir, "TMPDIR=/tmp"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	cmd.Dir = "/"
	return cmd
}

// testBinary is a copy of this binary that other users can run: go test keeps its own in a private folder.
func testBinary(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "keyferry-role-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "test")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(path, b, 0o755), os.Chmod(path, 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

func roleChild(role, dir string) error {
	ctx := context.Background()
	syscall.Umask(0) // the worst there is
	switch role {
	case "create":
		v, err := Create(ctx, dir, secret(), cheap())
		if err != nil {
			return err
		}
		if err := v.AddPasskey(ctx, torturePasskey("example.com", 1)); err != nil {
			return err
		}
		return v.Close()
	case "hold": // until stdin ends
		v, err := Open(ctx, dir, secret(), cheap())
		if err != nil {
			return err
		}
		fmt.Println("holding")
		if _, err := os.Stdin.Read(make([]byte, 1)); err == nil {
			return errors.New("stdin has something to say")
		}
		return v.Close()
	case "open":
		v, err := Open(ctx, dir, secret(), cheap())
		var in *InUseError
		switch {
		case errors.As(err, &in):
			fmt.Println("in use by", in.PID)
			return nil
		case err != nil:
			fmt.Println("refused:", err)
			return nil
		}
		fmt.Println("opened")
		return v.Close()
	case "read":
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && path != dir {
				fmt.Println("saw", path)
			}
			return nil
		})
		if _, rerr := os.ReadFile(filepath.Join(dir, fileHeader)); rerr == nil {
			fmt.Println("read the header")
		}
		return err
	}
	return fmt.Errorf("no role %q", role)
}

func TestOtherUsersAreKeptOut(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become two other users")
	}
	base, err := os.MkdirTemp("", "keyferry-perm-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(base)
	if err := os.Chmod(base, 0o777); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "vault")
	run := func(uid uint32, role string) string {
		t.Helper()
		out, err := asUser(t, uid, role, dir).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", role, err, out)
		}
		return string(out)
	}
	run(ownerUID, "create")
	if out := run(strangerUID, "read"); out != "" {
		t.Fatalf("a stranger %s", out)
	}
	if out := run(strangerUID, "open"); !strings.Contains(out, "refused") {
		t.Fatalf("a stranger: %s", out)
	}
	if out := run(ownerUID, "open"); out != "opened\n" {
		t.Fatal(out)
	}
	// A folder that was made too open is closed again.
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if out := run(strangerUID, "open"); !strings.Contains(out, ErrPermissions.Error()) {
		t.Fatalf("a stranger in an open folder: %s", out)
	}
	run(ownerUID, "open")
	if out := run(strangerUID, "read"); out != "" {
		t.Fatalf("a stranger %s", out)
	}
	holdAndKill(t, dir)
}

// holdAndKill: the second opener learns the first one's PID, and a killed one's lock is free at once.
func holdAndKill(t *testing.T, dir string) {
	t.Helper()
	holder := asUser(t, ownerUID, "hold", dir)
	stdin, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	open := func() string {
		b, err := asUser(t, ownerUID, "open", dir).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		return string(b)
	}
	if got := open(); got != fmt.Sprintf("in use by %d\n", holder.Process.Pid) {
		t.Fatal(got)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	holder.Wait() // killed
	if got := open(); got != "opened\n" {
		t.Fatal(got)
	}
}
