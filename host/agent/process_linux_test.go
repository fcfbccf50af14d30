package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/paths"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault/vaulttest"
)

// Users that nobody else on the machine is: what is proved about permissions as root proves nothing.
const (
	agentUser = 471_101
	otherUser = 471_102
	nobody    = 65_534 // where a program has to know the user: dbus-daemon lets no strangers in
)

// childMode is the first argument that makes this test program an agent, or something that attacks one.
const childMode = "keyferry-agent-test"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == childMode {
		os.Exit(childMain(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// softLockSignal makes the test's agent lock as time makes it lock.
const softLockSignal = syscall.SIGUSR1

// childMain runs "agent DIR BUS [flags of a handover]", "attack PID" or "connect SOCKET".
func childMain(args []string) int {
	switch args[0] {
	case "agent":
		if err := childAgent(args[1], args[2], args[3:]); err != nil {
			_, _ = io.WriteString(os.Stderr, err.Error()+"\n")
			return 1
		}
		return 0
	case "relay":
		return childRelay(args[1])
	case "app":
		return childApp(args[1:])
	case "attack":
		return attack(args[1])
	case "connect":
		c, err := net.Dial("unix", args[1])
		if err != nil {
			return 2
		}
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		_ = frame.NewWriter(c).Write(protocol.Frame{ID: "1", Type: "client.hello"}) // refused, but answered: it is no greeting
		n, err := c.Read(make([]byte, 1))
		switch {
		case n == 1:
			return 0
		case errors.Is(err, os.ErrDeadlineExceeded):
			return 4
		}
		return 3 // closed without a word
	}
	return 64
}

func childProfile(dir string) paths.Profile {
	return paths.Profile{Name: paths.DefaultProfile, VaultDir: filepath.Join(dir, "vault"), RunDir: dir, SocketPath: filepath.Join(dir, "a.sock")}
}

func childAgent(dir, bus string, flags []string) error {
	if err := Harden(); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	version := "1.2.3"
	if newer, err := os.ReadFile(filepath.Join(dir, "version")); err == nil { // see process.update
		version = string(newer)
	}
	cfg := Config{
		Profile: childProfile(dir), Version: version, Log: zerolog.New(log).With().Timestamp().Logger(), Callers: func(c string) bool { return c == chromeCaller },
		Vault: vaulttest.Options(), Args: []string{childMode, "agent", dir, bus}, SystemBus: bus,
	}
	for _, f := range flags {
		name, value, _ := strings.Cut(f, "=")
		if name == "--allow" {
			cfg.Test = always(Allow)
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return err
		}
		if name == FlagListener {
			cfg.Handover.ListenerFD = n
		} else {
			cfg.Handover.PINFD = n
		}
	}
	ln, err := cfg.Handover.Listener()
	if err != nil {
		return err
	}
	if ln == nil {
		if ln, err = net.Listen("unix", cfg.Profile.SocketPath); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a := newAgent(cfg)
	soft := make(chan os.Signal, 1)
	signal.Notify(soft, softLockSignal)
	go func() {
		for range soft {
			a.lock("no action for a while", true)
		}
	}()
	return a.run(ctx, ln)
}

// attack tries, as another process of the same user, to get at the agent's memory and surroundings. It returns 0 when
// everything was refused.
func attack(pid string) int {
	for _, f := range []string{"mem", "maps", "environ", "auxv"} {
		h, err := os.Open("/proc/" + pid + "/" + f)
		if err != nil {
			continue
		}
		if n, err := h.Read(make([]byte, 16)); f != "mem" && err == nil && n > 0 {
			return 10
		} else if f == "mem" {
			return 11
		}
	}
	for _, l := range []string{"exe", "cwd", "fd/0"} {
		if _, err := os.Readlink("/proc/" + pid + "/" + l); err == nil {
			return 12
		}
	}
	n, err := strconv.Atoi(pid)
	if err != nil {
		return 64
	}
	if err := unix.PtraceSeize(n); err == nil {
		return 13
	}
	local := []unix.Iovec{{Base: new(byte)}}
	local[0].SetLen(1)
	if _, err := unix.ProcessVMReadv(n, local, []unix.RemoteIovec{{Base: 0x400000, Len: 1}}, 0); !errors.Is(err, unix.EPERM) {
		return 14
	}
	handle, err := unix.PidfdOpen(n, 0)
	if err != nil {
		return 15
	}
	if fd, err := unix.PidfdGetfd(handle, 0, 0); err == nil || fd >= 0 {
		return 16
	}
	return 0
}

// process is an agent in a process of its own, as a user of its own where the tests run as root.
type process struct {
	*rig
	cmd *exec.Cmd
	exe string
	dir string
	uid int
}

func asUser(cmd *exec.Cmd, uid uint32) *exec.Cmd {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	return cmd
}

func startProcess(t testing.TB, bus string) *process {
	t.Helper()
	return startProcessAs(t, bus, agentUser)
}

func startProcessAs(t testing.TB, bus string, uid int, flags ...string) *process {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "keyferry-process-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "agent")
	if err := os.WriteFile(exe, self, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(home, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	p := &process{exe: exe, dir: home, uid: uid, rig: &rig{t: t, cfg: Config{Profile: childProfile(home)}}}
	p.rig.connect = p.dialAsUser
	p.cmd = asUser(exec.Command(exe, append([]string{childMode, "agent", home, bus}, flags...)...), uint32(uid))
	p.cmd.Stderr = os.Stderr
	p.cmd.Env = []string{"HOME=" + home}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	waitUntil(t, "the agent's socket", p.listens)
	return p
}

// listens reports whether the agent takes connections: its socket's file is there before it does.
func (p *process) listens() bool {
	c, err := p.dialAsUser()
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

// connectAs connects as another user, in a process of that user's, and returns how that ended (see childMain).
func (p *process) connectAs(uid uint32) int {
	p.t.Helper()
	cmd := asUser(exec.Command(p.exe, childMode, "connect", p.cfg.Profile.SocketPath), uid)
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return 0
}

// dialAsUser connects with the agent's user for one thread's effective user: that is what SO_PEERCRED reports.
func (p *process) dialAsUser() (net.Conn, error) {
	if os.Getuid() != 0 {
		return net.Dial("unix", p.cfg.Profile.SocketPath)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const same = ^uintptr(0)
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, same, uintptr(p.uid), same); e != 0 {
		return nil, e
	}
	c, err := net.Dial("unix", p.cfg.Profile.SocketPath)
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, same, 0, same); e != 0 {
		panic(e) // this thread must not go on as somebody else
	}
	return c, err
}

// BenchmarkMemory is the private memory of an agent with 10,000 passkeys: after they were made, and after a new start,
// an unlock and a sign-in.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		p := startProcessAs(b, "unix:path=/nonexistent", agentUser, "--allow")
		c, _ := p.withVault()
		const n = 10_000
		for i := range n {
			origin := fmt.Sprintf("https://site-%d.example", i)
			if out := c.send(tab(1, origin), "webauthn.create", create(origin[len("https://"):], nil)).result(); out.Outcome != "credential" {
				b.Fatalf("%+v", out)
			}
		}
		b.ReportMetric(p.privateMiB(), "MiB-after-making")
		c.must(page("popup"), "lock", nil, nil)
		p.waitLocked()
		b.ReportMetric(p.privateMiB(), "MiB-locked")
		c = p.browser(c.key)
		c.must(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
		c.must(page("popup"), "site.get", protocol.SiteQuery{Origin: "https://site-77.example"}, nil)
		b.ReportMetric(p.privateMiB(), "MiB-unlocked")
		c.must(page("vault"), "list", protocol.ListRequest{Query: "site 77"}, nil)
		b.ReportMetric(p.privateMiB(), "MiB-after-search")
	}
}

// privateMiB is what the process shares with nobody.
func (p *process) privateMiB() float64 {
	p.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skip("another user's memory can only be looked at by root")
	}
	sum := 0
	for line := range strings.SplitSeq(string(raw), "\n") {
		var kb int
		for _, name := range []string{"Private_Clean:", "Private_Dirty:"} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				if _, err := fmt.Sscan(rest, &kb); err != nil {
					p.t.Fatal(err)
				}
				sum += kb
			}
		}
	}
	return float64(sum) / 1024
}
