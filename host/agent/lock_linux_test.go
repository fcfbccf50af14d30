package agent

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/host/protocol"
)

// memory reads everything that the agent's process could write to, as root can and its own user can't.
func (p *process) memory() []byte {
	p.t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = mem.Close() }()
	var out bytes.Buffer
	for line := range strings.SplitSeq(string(maps), "\n") {
		var from, to int64
		var mode string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); n != 3 || !strings.HasPrefix(mode, "rw") {
			continue
		}
		_, _ = io.Copy(&out, io.NewSectionReader(mem, from, to-from)) // some mappings can't be read
	}
	if out.Len() < 1<<20 {
		p.t.Fatalf("only %d bytes of memory could be read", out.Len())
	}
	return out.Bytes()
}

// forgot looks for secrets in a dump of the locked agent's memory.
func (p *process) forgot(secrets map[string]string) {
	p.t.Helper()
	secrets["passphrase"], secrets["RP ID"], secrets["user name"] = goodPhrase, "example.com", "ann@example.com"
	dump := p.memory()
	for what, secret := range secrets {
		if bytes.Contains(dump, []byte(secret)) {
			p.t.Errorf("the locked agent's memory holds the %s", what)
		}
	}
}

// state is the vault's, as a new connection is told.
func (p *process) state() protocol.Status {
	p.t.Helper()
	return p.cli().hello.Status
}

func (p *process) waitLocked() {
	p.t.Helper()
	waitUntil(p.t, "the lock", func() bool {
		c, err := p.tryDial(protocol.ClientHello{Role: "cli"})
		return err == nil && c.hello.Status.Vault == "locked"
	})
}

func TestLockForgetsByExec(t *testing.T) {
	p := startProcess(t, "unix:path=/nonexistent")
	c, made := p.withVault()
	c.register(tab(1, site), "example.com", nil)
	phrase := strings.Join(made.RecoveryPhrase[:6], " ")
	var open []byte
	if os.Getuid() == 0 && !underRace {
		open = p.memory()
	}
	pid := p.cmd.Process.Pid
	call, shown := c.begin(tab(1, site), get("example.com", nil)) // the private key was in use
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	call.result()
	c.must(page("popup"), "lock", nil, nil)
	<-c.closed
	p.waitLocked()
	if p.cmd.ProcessState != nil || p.cmd.Process.Pid != pid {
		t.Fatal("the process ended")
	}
	if os.Getuid() == 0 && !underRace {
		keys := p.keysOfVault()
		for _, what := range []string{"root key", "record key 1"} {
			if keys[what] == "" || !bytes.Contains(open, []byte(keys[what])) {
				t.Errorf("the dump of the open agent does not even show the %s", what)
			}
		}
		if !bytes.Contains(open, []byte("ann@example.com")) {
			t.Error("the dump does not even show what the open agent works with")
		}
		keys["recovery phrase"] = phrase
		p.forgot(keys)
	}
	// The same socket goes on, and what was stored is there.
	c = p.browser(c.key)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	call, shown = c.begin(tab(1, site), get("example.com", nil))
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	if out := call.result(); out.Outcome != "credential" {
		t.Errorf("%+v", out)
	}
	c.must(page("popup"), "lock", nil, nil)
	p.waitLocked()
	// The recovery phrase opens it too.
	c = p.browser(c.key)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Recovery: strings.Join(made.RecoveryPhrase, " ")}}, nil)
}

func TestPINOverALock(t *testing.T) {
	const digits = "482907"
	p := startProcess(t, "unix:path=/nonexistent")
	c, _ := p.withVault()
	c.register(tab(1, site), "example.com", nil)
	auth := protocol.Secret{Passphrase: goodPhrase}
	set := func(pin string) error {
		return c.call(page("settings"), "pin.set", protocol.PinSet{Secret: auth, New: protocol.Secret{Pin: pin}}, nil)
	}
	for _, weak := range []string{"1234", "111111", "123456", "987654", "12a456", "1928374650192"} {
		wantCode(t, "PIN "+weak, set(weak), protocol.CodeWeakPassphrase)
	}
	if err := set(digits); err != nil {
		t.Fatal(err)
	}
	softLock := func() {
		t.Helper()
		// The shortest time that can be set is a minute; the clock is not ours in another process. Let the test
		// reach in by the same way that time does.
		if err := p.cmd.Process.Signal(softLockSignal); err != nil {
			t.Fatal(err)
		}
		p.waitLocked()
	}
	softLock()
	if !p.state().Pin {
		t.Fatal("the PIN did not come over the lock")
	}
	if os.Getuid() == 0 && !underRace {
		keys := p.keysOfVault()
		keys["PIN"] = digits
		p.forgot(keys)
	}
	c = p.browser(c.key)
	unlock := func(pin string) error {
		return c.call(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Pin: pin}}, nil)
	}
	wantCode(t, "a wrong PIN", unlock("000001"), protocol.CodeWrongSecret)
	if err := unlock(digits); err != nil {
		t.Fatal(err)
	}
	// It verifies too, and counts its tries anew.
	if err := c.call(page("vault"), "trash.empty", protocol.EmptyTrash{Secret: protocol.Secret{Pin: digits}}, nil); err != nil {
		t.Error(err)
	}
	softLock()
	c = p.browser(c.key)
	for i := 1; i <= 5; i++ {
		want := protocol.CodeWrongSecret
		if i == 5 {
			want = protocol.CodeVerification
		}
		err := unlock(fmt.Sprintf("00000%d", i))
		if i == 5 && err == io.EOF {
			break // it had started anew before the answer was out
		}
		wantCode(t, fmt.Sprintf("wrong PIN %d", i), err, want)
	}
	waitUntil(t, "the PIN to be erased", func() bool {
		c, err := p.tryDial(protocol.ClientHello{Role: "cli"})
		return err == nil && !c.hello.Status.Pin
	})
	c = p.browser(c.key)
	wantCode(t, "the right PIN after it was erased", unlock(digits), protocol.CodeWrongSecret)
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: auth}, nil)
	// Locking by hand erases it.
	if err := set(digits); err != nil {
		t.Fatal(err)
	}
	c.must(page("popup"), "lock", nil, nil)
	p.waitLocked()
	if p.state().Pin {
		t.Error("lock now kept the PIN")
	}
}

func TestOthersOfTheUserCantReadTheAgent(t *testing.T) {
	p := startProcess(t, "unix:path=/nonexistent")
	c, _ := p.withVault()
	for _, when := range []string{"at first", "after a lock"} {
		cmd := asUser(exec.Command(p.exe, childMode, "attack", fmt.Sprint(p.cmd.Process.Pid)), agentUser)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", when, err, out)
		}
		limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", p.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(limits), "\n") {
			if rest, ok := strings.CutPrefix(line, "Max core file size"); ok && strings.Join(strings.Fields(rest), " ") != "0 0 bytes" {
				t.Errorf("%s: core dumps are allowed: %s", when, line)
			}
		}
		if when == "at first" {
			c.must(page("popup"), "lock", nil, nil)
			p.waitLocked()
		}
	}
	// The attack itself works: it gets at a process that is not closed to others.
	idle := asUser(exec.Command("/bin/sleep", "60"), agentUser)
	if err := idle.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Process.Kill(); _ = idle.Wait() }()
	if err := asUser(exec.Command(p.exe, childMode, "attack", fmt.Sprint(idle.Process.Pid)), agentUser).Run(); err == nil {
		t.Error("the attack would not notice an open process")
	}
}

func TestPeersOfOtherUsersAreRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("another user can only be had by root")
	}
	p := startProcess(t, "unix:path=/nonexistent")
	if got := p.connectAs(otherUser); got != 2 {
		t.Errorf("through the folder's mode: %d", got)
	}
	// Even where folder and socket stand open.
	if err := os.Chmod(p.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.cfg.Profile.SocketPath, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := p.connectAs(otherUser); got != 3 {
		t.Errorf("another user: %d", got)
	}
	if got := p.connectAs(0); got != 3 {
		t.Errorf("root: %d", got)
	}
	if got := p.connectAs(agentUser); got != 0 {
		t.Errorf("its own user: %d", got)
	}
	p.cli()
	log, err := os.ReadFile(p.dir + "/log")
	if err != nil || !strings.Contains(string(log), fmt.Sprint("user ", otherUser)) {
		t.Errorf("the refusal is not in the log (%v)", err)
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	r := newRig(t)
	c, made := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	p, shown := c.begin(tab(1, site), get("example.com", nil))
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	p.result()
	_ = c.call(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Passphrase: "not the passphrase"}}, nil)
	_ = c.call(page("unlock"), "unlock", map[string]any{"secret": map[string]any{"passphrase": []string{goodPhrase}}}, nil)
	log := r.log.String()
	if !strings.Contains(log, "connected") {
		t.Fatal("nothing is logged at all")
	}
	for _, secret := range []string{
		goodPhrase, "not the passphrase", made.RecoveryPhrase[0] + " " + made.RecoveryPhrase[1], "ann@example.com", "Ann",
		"Y2hhbGxlbmdl", "dXNlcg", base64.StdEncoding.EncodeToString([]byte(goodPhrase)),
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
