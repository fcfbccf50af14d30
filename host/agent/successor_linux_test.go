package agent

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// update replaces the agent's binary as a package manager does: another file takes its name.
func (p *process) update(version string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, "version"), []byte(version), 0o644); err != nil {
		p.t.Fatal(err)
	}
	text, err := os.ReadFile(p.exe)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.exe+".new", text, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Rename(p.exe+".new", p.exe); err != nil {
		p.t.Fatal(err)
	}
}

// runs waits until an agent of the version answers, in the very process.
func (p *process) runs(version string) {
	p.t.Helper()
	waitUntil(p.t, "the agent of version "+version, func() bool {
		c, err := p.tryDial(protocol.ClientHello{Role: "cli", Version: version})
		return err == nil && c.hello.Version == version
	})
	if p.cmd.ProcessState != nil {
		p.t.Fatal("the process ended")
	}
}

// An update while a sign-in waits for the vault to be opened: the old version sees it through, and is gone at the lock
// after it. With nobody waiting a locked agent makes room at once.
func TestUpdateWhileLocked(t *testing.T) {
	p := startProcess(t, "unix:path=/nonexistent")
	c, _ := p.withVault()
	c.register(tab(1, site), "example.com", nil)
	c.must(page("popup"), "lock", nil, nil)
	<-c.closed
	p.waitLocked()

	c = p.browser(c.key)
	call, shown := c.begin(tab(1, site), get("example.com", nil))
	p.update("2.0.0")
	newer := p.dial(protocol.ClientHello{Role: "cli", Version: "2.0.0"})
	if newer.hello.Version != "1.2.3" {
		t.Fatalf("version %s answered", newer.hello.Version)
	}
	time.Sleep(3 * tick) // it looks each tick, and has to find that somebody waits
	c.must(page("unlock"), "unlock", protocol.Unlock{Secret: protocol.Secret{Passphrase: goodPhrase}}, nil)
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	if out := call.result(); out.Outcome != "credential" {
		t.Fatalf("%+v", out)
	}
	c.must(page("popup"), "lock", nil, nil)
	p.runs("2.0.0")

	p.update("3.0.0")
	p.runs("3.0.0")
}

// A bridge of a newer protocol waits until the sign-in that is under way was answered, and is then served by its like.
func TestUpdateOfProtocol(t *testing.T) {
	p := startProcess(t, "unix:path=/nonexistent")
	c, _ := p.withVault()
	c.register(tab(1, site), "example.com", nil)
	newer := protocol.ClientHello{Role: "cli", Version: "2.0.0", Protocol: protocol.Version + 1}
	_, err := p.tryDial(newer)
	wantCode(t, "without another binary", err, protocol.CodeVersion)

	call, shown := c.begin(tab(1, site), get("example.com", nil))
	p.update("2.0.0")
	met := make(chan error, 1)
	go func() {
		_, err := p.tryDial(newer)
		met <- err
	}()
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	if out := call.result(); out.Outcome != "credential" {
		t.Fatalf("%+v", out)
	}
	if err := <-met; err == nil {
		t.Error("the old agent took a protocol that it does not speak")
	}
	p.runs("2.0.0")
}

// Two hundred sign-ins from several tabs while the binary is replaced and newer bridges come: each gets its answer from
// the version that runs, and the newer one is there after the lock.
func TestUpdateUnderLoad(t *testing.T) {
	p := startProcessAs(t, "unix:path=/nonexistent", agentUser, "--allow")
	c, _ := p.withVault()
	if out := c.send(tab(1, site), "webauthn.create", create("example.com", nil)).result(); out.Outcome != "credential" {
		t.Fatalf("%+v", out)
	}
	const signIns, tabs = 200, 4
	for n := 0; n < signIns; n += tabs {
		var calls []*pendingCall
		for at := range tabs {
			calls = append(calls, c.send(tab(at+1, site), "webauthn.get", get("example.com", nil)))
		}
		if n == signIns/2 {
			p.update("2.0.0")
		}
		if n >= signIns/2 && n%20 == 0 {
			newer := p.dial(protocol.ClientHello{Role: "cli", Version: "2.0.0"})
			_ = newer.c.Close()
		}
		for _, call := range calls {
			if out := call.result(); out.Outcome != "credential" {
				t.Fatalf("sign-in %d: %+v", n, out)
			}
		}
	}
	c.must(page("popup"), "lock", nil, nil)
	p.runs("2.0.0")
}
