//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"keyferry":     main,
		"fakepinentry": fakePinentry,
	})
}

// TestScripts runs the command line as a person would: a real agent, a real vault, a home of its own for each script.
func TestScripts(t *testing.T) {
	params := scriptParams("disabled:")
	// Opening a vault is made to take time, and under the race detector takes minutes.
	if testing.Short() {
		params.Files = []string{filepath.Join(scripts, quickScript)}
	} else {
		params.Dir = scripts
	}
	testscript.Run(t, params)
}

// scriptParams are those of every script; bus is the session bus that it may use.
func scriptParams(bus string) testscript.Params {
	return testscript.Params{
		Setup: func(env *testscript.Env) error {
			home, run := filepath.Join(env.WorkDir, "home"), filepath.Join(env.WorkDir, "run")
			for _, dir := range []string{home, run} {
				if err := os.Mkdir(dir, 0o700); err != nil {
					return err
				}
			}
			env.Setenv("HOME", home)
			env.Setenv("XDG_RUNTIME_DIR", run)
			env.Setenv("DBUS_SESSION_BUS_ADDRESS", bus)
			env.Defer(func() { endAgents(run) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"killagent": killAgent, "phrase": writePhrase, "pinentry-config": configurePinentry, "browse": browse,
			"store": storePasskeys, "id": readID, "damage": damageVault,
		},
	}
}

// killAgent kills the script's agent without warning.
func killAgent(ts *testscript.TestScript, _ bool, _ []string) {
	if n := signalAgents(ts.Getenv("XDG_RUNTIME_DIR"), syscall.SIGKILL); n != 1 {
		ts.Fatalf("%d agents are running", n)
	}
}

// writePhrase takes the recovery phrase out of what `keyferry create --json` printed: phrase CREATED FILE.
func writePhrase(ts *testscript.TestScript, _ bool, args []string) {
	var made protocol.VaultCreated
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &made))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(made.RecoveryPhrase, " ")+"\n"), 0o600))
}

// configurePinentry names the fake pinentry in the configuration file.
func configurePinentry(ts *testscript.TestScript, _ bool, _ []string) {
	dir := filepath.Join(ts.Getenv("HOME"), ".config", "keyferry")
	ts.Check(os.MkdirAll(dir, 0o700))
	for _, bin := range filepath.SplitList(ts.Getenv("PATH")) {
		if program := filepath.Join(bin, "fakepinentry"); isThere(program) {
			ts.Check(os.WriteFile(filepath.Join(dir, "config"), []byte("pinentry-program "+program+"\n"), 0o600))
			return
		}
	}
	ts.Fatalf("fakepinentry is not in PATH")
}

// browse starts a bridge as a browser does and checks the first event that comes: browse EVENT[@PROFILE] PROGRAM ARGS...
// With a profile it chooses that one first.
func browse(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(ts.MkAbs(args[1]), args[2:]...)
	cmd.Env = []string{"HOME=" + ts.Getenv("HOME"), "XDG_RUNTIME_DIR=" + ts.Getenv("XDG_RUNTIME_DIR"), "PATH=" + ts.Getenv("PATH")}
	event, profile, _ := strings.Cut(args[0], "@")
	stdin, err := cmd.StdinPipe()
	ts.Check(err)
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	out, in := frame.NewWriter(stdin), frame.NewReader(stdout, protocol.MaxMessage)
	if profile != "" {
		body, err := json.Marshal(protocol.BridgeProfile{Profile: profile})
		ts.Check(err)
		ts.Check(out.Write(protocol.Frame{ID: "1", Type: "bridge.profile", Sender: &protocol.Sender{Kind: protocol.SenderBackground}, Body: body}))
	}
	f, err := in.Read()
	if err == nil && f.Re == "bridge.profile" {
		f, err = in.Read()
	}
	stdin.Close()
	_ = cmd.Wait() // its exit code is another test's
	ts.Check(err)
	got := f.Event
	if f.Error != nil {
		got += " " + f.Error.Name
	}
	if got != event {
		ts.Fatalf("got %s, want %s", got, event)
	}
	var hello protocol.AgentHello
	if event == "agent.hello" {
		ts.Check(json.Unmarshal(f.Body, &hello))
		if profile != "" && hello.Status.Profile != profile {
			ts.Fatalf("greeted by %s", hello.Status.Profile)
		}
	}
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func endAgents(run string) {
	for range 200 {
		if signalAgents(run, syscall.SIGTERM) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// signalAgents sends a signal to the agents whose sockets lie in a runtime folder, and returns how many there were.
func signalAgents(run string, signal syscall.Signal) (n int) {
	sockets, _ := filepath.Glob(filepath.Join(run, "keyferry", "*.sock"))
	for _, path := range sockets {
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			continue
		}
		raw, err := conn.SyscallConn()
		if err == nil {
			_ = raw.Control(func(fd uintptr) {
				if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
					_ = syscall.Kill(int(cred.Pid), signal)
					n++
				}
			})
		}
		conn.Close()
	}
	return n
}

// fakePinentry speaks pinentry's protocol: it gives the passphrase in the file pin of the home folder, or cancels where
// there is none.
func fakePinentry() {
	fmt.Println("OK")
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		word, _, _ := strings.Cut(in.Text(), " ")
		switch word {
		case "GETPIN":
			pin, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), "pin"))
			if err != nil {
				fmt.Println("ERR 83886179 Operation cancelled <Pinentry>")
				continue
			}
			fmt.Printf("D %s\nOK\n", strings.TrimSpace(string(pin)))
		case "BYE":
			fmt.Println("OK")
			return
		default:
			fmt.Println("OK")
		}
	}
}
