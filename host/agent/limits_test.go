package agent

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/consent"
	"github.com/keyferry/keyferry/host/frame"
	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/vault"
)

func TestTooManyConnections(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Connections = 3 })
	for range 3 {
		r.cli()
	}
	_, err := r.tryDial(protocol.ClientHello{Role: "cli"})
	wantCode(t, "one too many", err, protocol.CodeRateLimited)
}

func TestTooManyRequests(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Requests = 4 })
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	for i := range 4 {
		c.begin(tab(10+i, site), get("example.com", nil))
	}
	wantCode(t, "one too many", c.call(nil, "status", nil, nil), protocol.CodeRateLimited)
	r.cli().must(nil, "status", nil, nil) // others are served
}

func TestHeldMemoryIsBounded(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.HeldBytes = 64 << 10 })
	c := r.cli()
	wantCode(t, "a large body", c.call(nil, "ping", protocol.Ping{Data: strings.Repeat("x", 100<<10)}, nil), protocol.CodeRateLimited)
	c.must(nil, "ping", protocol.Ping{Data: strings.Repeat("x", 10<<10)}, nil)
	if held := r.a.held.Load(); held > 16<<10 {
		t.Errorf("%d bytes are still counted", held)
	}
}

func TestMessageOverTheLimit(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.MessageBytes = 300 << 10 })
	c := r.cli()
	p := c.send(nil, "ping", protocol.Ping{Data: strings.Repeat("x", 600<<10)})
	wantCode(t, "a long message", p.answer(nil), protocol.CodeTooLarge)
	c.must(nil, "ping", nil, nil)
}

func TestBadFramesEndTheConnection(t *testing.T) {
	r := newRig(t)
	c := r.cli()
	for range maxBadFrames + 1 {
		if _, err := c.c.Write([]byte{2, 0, 0, 0, '{', '!'}); err != nil {
			break
		}
	}
	select {
	case <-c.closed:
	case <-time.After(time.Minute):
		t.Error("it goes on listening")
	}
}

func TestFirstFrame(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.HelloWithin = 2 * time.Second })
	silent, err := net.Dial("unix", r.cfg.Profile.SocketPath)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	_ = silent.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a silent peer: %v", err)
	}
	rude, err := net.Dial("unix", r.cfg.Profile.SocketPath)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rude.Close() }()
	if err := frame.NewWriter(rude).Write(protocol.Frame{ID: "1", Type: "list"}); err != nil {
		t.Fatal(err)
	}
	f, err := frame.NewReader(rude, 1<<20).Read()
	if err != nil || f.Error == nil || f.Error.Code != protocol.CodeBadRequest {
		t.Errorf("a request before the greeting: %+v, %v", f, err)
	}
}

func TestRequestNames(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	p, _ := c.begin(tab(1, site), get("example.com", nil))
	if err := c.out.Write(protocol.Frame{ID: p.id, Type: "status"}); err != nil { // the same id
		t.Fatal(err)
	}
	wantCode(t, "two requests of one name", p.answer(nil), protocol.CodeBadRequest)
	if err := c.out.Write(protocol.Frame{Type: "status"}); err != nil {
		t.Fatal(err)
	}
	c.event("agent.refused", nil)
}

func TestIdleLockAndEnd(t *testing.T) {
	r := newRig(t)
	now := bootTime()
	r.stop()
	r.a = newAgent(r.cfg)
	r.a.clock = func() time.Duration { return now }
	c, err := net.Listen("unix", r.cfg.Profile.SocketPath)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	r.a.quiet = now
	if err := r.a.keepMade(); err != nil {
		t.Fatal(err)
	}
	ending := func() (e ending, ok bool) {
		r.a.look()
		select {
		case e = <-r.a.stop:
			return e, true
		default:
			return e, false
		}
	}
	now += 14 * time.Minute
	if e, ok := ending(); ok {
		t.Errorf("after 14 minutes: %+v", e)
	}
	r.a.keep.consented()
	now += 14 * time.Minute
	if e, ok := ending(); ok {
		t.Errorf("14 minutes after a yes: %+v", e)
	}
	now += 8 * time.Hour // the lid was closed: the clock counts on
	if e, ok := ending(); !ok || !e.lock || !e.keepPIN {
		t.Errorf("after the night: %+v, %v", e, ok)
	}
	if err := r.a.keep.close(); err != nil {
		t.Fatal(err)
	}
	r.a.keep.setPIN(&pin{blob: []byte("x"), tries: pinTries, since: now})
	if e, ok := ending(); ok {
		t.Errorf("with a PIN to wait for: %+v", e)
	}
	now += pinFor + time.Second
	if e, ok := ending(); !ok || !e.lock || e.keepPIN {
		t.Errorf("a PIN of 12 hours: %+v, %v", e, ok)
	}
	r.a.keep.setPIN(nil)
	if e, ok := ending(); !ok || e.lock {
		t.Errorf("locked and idle: %+v, %v", e, ok)
	}
}

// keepMade makes a vault without a connection.
func (a *agent) keepMade() error {
	_, err := a.makeVault(context.Background(), []byte(goodPhrase))
	return err
}

// A page that asks is no activity; a yes is.
func TestAskingIsNoActivity(t *testing.T) {
	r := newRig(t)
	c, _ := r.withVault()
	c.register(tab(1, site), "example.com", nil)
	// The last yes was ten minutes ago.
	r.a.keep.mu.Lock()
	r.a.keep.active -= 10 * time.Minute
	lockAfter := time.Duration(r.a.keep.choices.LockAfterMs) * time.Millisecond
	r.a.keep.mu.Unlock()
	recent := func() bool {
		left, _ := r.a.keep.locksIn()
		return left > lockAfter-10*time.Minute
	}
	p, shown := c.begin(tab(1, site), get("example.com", nil))
	c.must(nil, "status", nil, nil)
	if recent() {
		t.Error("asking kept the vault open")
	}
	if _, err := c.approve(shown, protocol.Secret{}); err != nil {
		t.Fatal(err)
	}
	p.result()
	if !recent() {
		t.Error("a yes did not keep the vault open")
	}
}

// The whole way with a pinentry program, as the configuration names it.
func TestVaultByPinentry(t *testing.T) {
	dir := t.TempDir()
	program, record := dir+"/pinentry", dir+"/record"
	script := "#!/bin/sh\necho OK hello\nwhile IFS= read -r l; do printf '%s\\n' \"$l\" >> " + record + "\n case \"$l\" in GETPIN) echo 'S PIN_REPEATED'; echo 'D " + goodPhrase + "'; echo OK;; BYE) echo OK; exit 0;; *) echo OK;; esac\ndone\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	finder, err := consent.NewFinder(consent.Config{Pinentry: program})
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(c *Config) { c.Prompt = finder.Find })
	c := r.browser(nil)
	if c.hello.Status.Dialog != "pinentry" {
		t.Errorf("dialog %q", c.hello.Status.Dialog)
	}
	c.must(page("welcome"), "vault.create", protocol.VaultCreate{Secret: protocol.Secret{Passphrase: "not looked at, since there is a dialog"}}, nil)
	r.stop()
	r.start()
	c = r.browser(c.key)
	c.must(page("unlock"), "unlock", nil, nil)
	r.cli().must(nil, "list", nil, nil) // fresh verification
	raw, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SETREPEAT", "SETQUALITYBAR", "SETDESC Choose a passphrase for your new vault.%0AAsked for by: chromium", "SETDESC To unlock your vault.%0AAsked for by: chromium", "SETDESC To list everything that is stored.%0AAsked for by: the command line"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
}

// What can be a PIN is never accepted as a passphrase, so that one field can take both.
func TestPINIsNoPassphrase(t *testing.T) {
	for n := 1; n <= maxPIN; n++ {
		if _, accept, _ := consent.Strength([]byte("918273645063"[:n])); accept {
			t.Errorf("%d digits are taken for a passphrase", n)
		}
	}
	if isPIN([]byte("9182736450638")) || isPIN(nil) || isPIN([]byte("12345x")) || !isPIN([]byte("482907")) {
		t.Error("isPIN")
	}
}

// Any program may ask what would leave, or offer something to take in, as long as the vault is open. That must not be
// how it stays open.
func TestTransfersOfAnyProgramAreNoActivity(t *testing.T) {
	r := newRig(t)
	r.withVault()
	cli := r.cli()
	left, _ := r.a.keep.locksIn()
	time.Sleep(20 * time.Millisecond)
	var out protocol.Transfer
	cli.must(nil, "transfer.export", protocol.TransferExport{Kind: protocol.TransferPlain}, &out)
	cli.must(nil, "transfer.get", protocol.TransferGet{ID: out.ID, Not: protocol.StateReading, WaitMs: 20_000}, &out)
	if out.State == protocol.StateReading {
		t.Fatalf("it is still %s", out.State)
	}
	if now, _ := r.a.keep.locksIn(); now >= left {
		t.Error("looking at what would leave kept the vault open")
	}
	// What comes in can replace passkeys and tells what is here: from the command line only after a verification.
	wantCode(t, "an import by any program", cli.call(nil, "transfer.import", protocol.TransferImport{Kind: protocol.TransferPlain}, nil), protocol.CodeNoDialog)
	wantCode(t, "an undo by any program", cli.call(nil, "transfer.undo", protocol.ImportUndo{ID: vault.NewID().String()}, nil), protocol.CodeNoDialog)
}
